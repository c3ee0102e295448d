import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Prints partition, key and value (base64) of the first messages of a topic: broker, topic, how many. */
public class Read {
  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("group.id", "tests");
    properties.put("auto.offset.reset", "earliest");
    properties.put("metadata.max.age.ms", "500");
    int wanted = Integer.parseInt(arguments[2]);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, bytes, bytes)) {
      consumer.subscribe(List.of(arguments[1]));
      long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
      while (wanted > 0 && System.nanoTime() < end) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          String key = each.key() == null ? "" : new String(each.key(), java.nio.charset.StandardCharsets.UTF_8);
          System.out.println(each.partition() + " " + key + " " + Base64.getEncoder().encodeToString(each.value()));
          wanted--;
        }
      }
    }
    System.exit(wanted > 0 ? 1 : 0);
  }
}
