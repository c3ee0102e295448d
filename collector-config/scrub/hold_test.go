package scrub

import (
	"context"
	"maps"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// mixed are attributes of which some may not leave, and what of them may.
func mixed(t *testing.T, attributes pcommon.Map) func() {
	t.Helper()
	_ = attributes.FromRaw(map[string]any{
		"endpoint": "/parts/MARK_UP", "status": 200, "step": "parts_margin_flow", canary: canary, "journey": true,
	})
	return func() {
		t.Helper()
		want := map[string]any{"endpoint": "****", "status": int64(200), "step": "parts_margin_flow", "journey": true}
		if got := attributes.AsRaw(); !maps.Equal(got, want) {
			t.Errorf("left: %v", got)
		}
	}
}

func TestSpansResourcesScopesAndEventsAreHeldToTheSettings(t *testing.T) {
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	scope := resource.ScopeSpans().AppendEmpty()
	span := scope.Spans().AppendEmpty()
	checks := []func(){
		mixed(t, resource.Resource().Attributes()), mixed(t, scope.Scope().Attributes()),
		mixed(t, span.Attributes()), mixed(t, span.Events().AppendEmpty().Attributes()),
	}
	if _, err := made(t).traces(context.Background(), traces); err != nil {
		t.Fatal(err)
	}
	for _, check := range checks {
		check()
	}
}

func TestPointsOfEachKindAreHeldToTheSettings(t *testing.T) {
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	scope := resource.ScopeMetrics().AppendEmpty()
	list := scope.Metrics()
	list.AppendEmpty() // of no kind
	checks := []func(){
		mixed(t, resource.Resource().Attributes()), mixed(t, scope.Scope().Attributes()),
		mixed(t, list.AppendEmpty().SetEmptyGauge().DataPoints().AppendEmpty().Attributes()),
		mixed(t, list.AppendEmpty().SetEmptySum().DataPoints().AppendEmpty().Attributes()),
		mixed(t, list.AppendEmpty().SetEmptyHistogram().DataPoints().AppendEmpty().Attributes()),
		mixed(t, list.AppendEmpty().SetEmptyExponentialHistogram().DataPoints().AppendEmpty().Attributes()),
		mixed(t, list.AppendEmpty().SetEmptySummary().DataPoints().AppendEmpty().Attributes()),
	}
	if _, err := made(t).metrics(context.Background(), metrics); err != nil {
		t.Fatal(err)
	}
	for _, check := range checks {
		check()
	}
}

func TestLogRecordsAndTheirBodiesAreHeldToTheSettings(t *testing.T) {
	logs := plog.NewLogs()
	resource := logs.ResourceLogs().AppendEmpty()
	scope := resource.ScopeLogs().AppendEmpty()
	record := scope.LogRecords().AppendEmpty()
	checks := []func(){
		mixed(t, resource.Resource().Attributes()), mixed(t, scope.Scope().Attributes()),
		mixed(t, record.Attributes()), mixed(t, record.Body().SetEmptyMap()),
	}
	text := scope.LogRecords().AppendEmpty().Body()
	text.SetStr("A margin")
	list := scope.LogRecords().AppendEmpty().Body()
	list.SetEmptySlice().AppendEmpty().SetStr("margin")
	scope.LogRecords().AppendEmpty() // without a body
	if _, err := made(t).logs(context.Background(), logs); err != nil {
		t.Fatal(err)
	}
	for _, check := range checks {
		check()
	}
	if text.AsString() != mask || list.AsString() != mask {
		t.Errorf("left: %v, %v", text.AsString(), list.AsString())
	}
}

func TestNamesOfSpans(t *testing.T) {
	scrub := made(t)
	for range 2 { // from the expressions, then from memory
		for _, each := range []struct{ name, journey, want string }{
			{"parts_ordering_flow", "", "parts_ordering_flow"},
			{"Markup.calculate", "", "Quote.prepare"},
			{"POST /parts/quote", "", "POST /parts/quote"},
			{"POST /parts/margin", "", "redacted"},
			{"POST /magic", "", "POST /magic"}, // not harmless at first sight, and telling nothing
			{"INSERT quotes", "", "INSERT quotes"},
			{"quote 18.50", "quote 18.50", "redacted"},
			{"crew_change_flow", "crew_change_flow", "crew_change_flow"},
			{"crew_change_flow", "another", "redacted"},
			{"crew_change_flow", "", "redacted"},
			{"margin_flow", "margin_flow", "redacted"},
			{"", "", "redacted"},
		} {
			span := ptrace.NewSpan()
			span.SetName(each.name)
			if each.journey != "" {
				span.Attributes().PutStr("journey", each.journey)
			}
			scrub.span(span)
			if span.Name() != each.want {
				t.Errorf("%q with the journey %q left as %q", each.name, each.journey, span.Name())
			}
		}
	}
}

func TestAnInternalStepIsNeutralInValuesToo(t *testing.T) {
	span := ptrace.NewSpan()
	span.SetName("Markup.calculate")
	span.Attributes().PutStr("step", "Markup.calculate")
	made(t).span(span)
	if step, _ := span.Attributes().Get("step"); span.Name() != "Quote.prepare" || step.Str() != "Quote.prepare" {
		t.Error("left:", span.Name(), step.Str())
	}
}

func TestNestedValuesBecomeKeysAndOfADoubleTheLastStays(t *testing.T) {
	nested := map[string]any{
		"a": map[string]any{"b": []any{1, []any{2, map[string]any{"c": 3}}, map[string]any{"d": 4}}, "e": map[string]any{}},
	}
	attributes := pcommon.NewMap()
	_ = attributes.FromRaw(nested)
	if isFlat(attributes) {
		t.Error("nested values were taken for flat ones")
	}
	flatten(attributes)
	want := map[string]any{"a.b.0": int64(1), "a.b.10": int64(2), "a.b.11.c": int64(3), "a.b.2.d": int64(4)}
	if got := attributes.AsRaw(); !maps.Equal(got, want) {
		t.Error("left:", got)
	}

	plain := pcommon.NewMap()
	plain.PutStr("step", "first")
	plain.PutStr("journey", "second")
	doubled := withDouble(t, "step", "first", "second")
	if !isFlat(plain) || isFlat(doubled) {
		t.Error("a double was overlooked, or seen where there is none")
	}
	flatten(doubled)
	if got := doubled.AsRaw(); !maps.Equal(got, map[string]any{"step": "second"}) || doubled.Len() != 1 {
		t.Error("left:", got)
	}

	many := pcommon.NewMap()
	for key := range fewKeys + 1 {
		many.PutInt(string(rune('a'+key)), 1)
	}
	if isFlat(many) {
		t.Error("so many keys are not compared")
	}
}

// withDouble gives attributes with a key that is there twice, which only one from the wire can be.
func withDouble(t *testing.T, key, first, second string) pcommon.Map {
	t.Helper()
	traces := ptrace.NewTraces()
	span := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.Attributes().PutStr(key, first)
	span.Attributes().PutStr("x"+key[1:], second)
	encoded, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	for at := range encoded {
		if string(encoded[at:min(at+len(key), len(encoded))]) == "x"+key[1:] {
			copy(encoded[at:], key)
		}
	}
	read, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return read.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()
}
