package weight

import (
	"context"
	"testing"

	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
)

func TestASpanStandsForAsManyAsItsRuleSays(t *testing.T) {
	traces := ptrace.NewTraces()
	scopes := traces.ResourceSpans().AppendEmpty().ScopeSpans()
	for _, rule := range []string{"rest-10", "errors", "unknown", ""} {
		scope := scopes.AppendEmpty()
		scope.Spans().AppendEmpty().SetName(rule)
		if rule != "" {
			scope.Scope().Attributes().PutStr(policy, rule)
		}
	}
	config := &Config{Weights: map[string]float64{"rest-10": 10, "errors": 1}}
	sink := new(consumertest.TracesSink)
	weigh, err := NewFactory().CreateTraces(context.Background(), processortest.NewNopSettings(componentType), config, sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := weigh.ConsumeTraces(context.Background(), traces); err != nil {
		t.Fatal(err)
	}
	for index, wanted := range []float64{10, 1, 0, 0} {
		span := sink.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(index).Spans().At(0)
		got, ok := span.Attributes().Get(attribute)
		if ok != (wanted > 0) || (ok && got.Double() != wanted) {
			t.Errorf("%q: %v", span.Name(), got.AsString())
		}
	}
}

func TestAWeightBelowOneIsAMistake(t *testing.T) {
	if (&Config{Weights: map[string]float64{"rest-10": 0.1}}).Validate() == nil {
		t.Fatal("a share was taken for a weight")
	}
}
