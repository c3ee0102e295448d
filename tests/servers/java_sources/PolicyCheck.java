import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.elasticsearch.cluster.metadata.ComponentTemplate;
import org.elasticsearch.cluster.metadata.ComposableIndexTemplate;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.elasticsearch.xpack.core.ilm.*;
import org.elasticsearch.xpack.core.slm.SnapshotLifecyclePolicy;

/** Reads files as Elasticsearch itself would, and says of each "ok" or what it says: KIND FILE, one pair after another. */
public class PolicyCheck {
    private static NamedXContentRegistry.Entry action(String name, org.elasticsearch.core.CheckedFunction<XContentParser, LifecycleAction, java.io.IOException> parse) {
        return new NamedXContentRegistry.Entry(LifecycleAction.class, new ParseField(name), parse);
    }

    public static void main(String[] arguments) throws Exception {
        var registry = new NamedXContentRegistry(List.of(
            new NamedXContentRegistry.Entry(LifecycleType.class, new ParseField("timeseries"), p -> TimeseriesLifecycleType.INSTANCE),
            action(RolloverAction.NAME, RolloverAction::parse), action(DeleteAction.NAME, DeleteAction::parse),
            action(ForceMergeAction.NAME, ForceMergeAction::parse), action(SetPriorityAction.NAME, SetPriorityAction::parse),
            action(ReadOnlyAction.NAME, ReadOnlyAction::parse), action(WaitForSnapshotAction.NAME, WaitForSnapshotAction::parse),
            action(SearchableSnapshotAction.NAME, SearchableSnapshotAction::parse)));
        var config = XContentParserConfiguration.EMPTY.withRegistry(registry);
        for (int i = 0; i < arguments.length; i += 2) {
            String said = "ok";
            try (XContentParser parser = JsonXContent.jsonXContent.createParser(config, Files.readString(Path.of(arguments[i + 1])))) {
                switch (arguments[i]) {
                    case "ilm" -> {
                        // A lifecycle is put inside of an object with the one key "policy".
                        parser.nextToken();
                        parser.nextToken();
                        if (!"policy".equals(parser.currentName())) throw new IllegalArgumentException("no policy");
                        parser.nextToken();
                        LifecyclePolicy policy = LifecyclePolicy.parse(parser, "policy");
                        policy.validate();
                        TimeseriesLifecycleType.INSTANCE.validate(policy.getPhases().values());
                    }
                    case "slm" -> {
                        var refused = SnapshotLifecyclePolicy.parse(parser, "policy").validate();
                        if (refused != null) said = refused.getMessage();
                    }
                    case "index_template" -> ComposableIndexTemplate.parse(parser);
                    case "component_template" -> ComponentTemplate.parse(parser);
                    default -> said = "unknown kind";
                }
            } catch (Exception refused) {
                said = refused.getMessage();
            }
            System.out.println(arguments[i + 1] + "\t" + said.replace('\n', ' '));
        }
    }
}
