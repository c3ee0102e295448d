package scrub

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"
	"go.opentelemetry.io/collector/processor/processortest"
)

const canary = "canary-8c1f"

// settings are of the rendered ones' kind, and short.
func settings() *Config {
	return &Config{
		NeutralNames: []NeutralName{{Hidden: "Markup.calculate", Shown: "Quote.prepare"}},
		SpanNames: SpanNames{
			Declared:     []string{"parts_ordering_flow", "Quote.prepare"},
			Shapes:       []string{`^(GET|POST)( (/[a-z_]{1,60}){1,12})?$`, `^INSERT( [a-z_]{1,60})?$`},
			VouchedBy:    []string{"journey", "step"},
			VouchedShape: `^[A-Za-z_]{1,60}(\.[A-Za-z_]{1,60}){0,4}$`,
			Harmless:     `(?i)^(?:[^m]|m(?:$|[^am]))*$`,
			Telling:      `(?i)mark[._-]?up|margin`,
			Otherwise:    "redacted",
		},
		AllowedKeys:   []string{"journey", "step", "endpoint", "status", "missing.0", "missing.1", "context.a"},
		AllowedValues: []string{`(?i)^(?:[^m]|m(?:$|[^am]))*$`, `^parts_margin_flow$`},
		BlockedValues: []string{`(?is)^.*?(mark[._-]?up|margin).*$`},
	}
}

func made(t *testing.T) *scrub {
	t.Helper()
	if err := settings().Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := newScrub(settings())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hide(resource pcommon.Resource) {
	reference := entity.ResourceEntityRefs(resource).AppendEmpty()
	reference.SetType(canary)
	reference.SetSchemaUrl(canary)
	reference.IdKeys().Append(canary)
}

func TestLinksKeepTheirIdsAndLoseEverythingElse(t *testing.T) {
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	hide(resource.Resource())
	span := resource.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName("parts_ordering_flow")
	link := span.Links().AppendEmpty()
	link.SetTraceID(pcommon.TraceID{1, 2, 3})
	link.SetSpanID(pcommon.SpanID{4, 5})
	link.Attributes().PutStr(canary, canary)
	link.TraceState().FromRaw("vendor=" + canary)

	sink := new(consumertest.TracesSink)
	scrub, err := NewFactory().CreateTraces(context.Background(), processortest.NewNopSettings(componentType), settings(), sink)
	if err != nil {
		t.Fatal(err)
	}
	if !scrub.Capabilities().MutatesData {
		t.Fatal("a processor that changes data must say so, or parallel pipelines see a torn copy")
	}
	if err := scrub.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	if err := scrub.ConsumeTraces(context.Background(), traces); err != nil {
		t.Fatal(err)
	}

	out := sink.AllTraces()[0]
	encoded, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(encoded), canary) {
		t.Fatal("the canary left")
	}
	left := out.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	if left.Name() != "parts_ordering_flow" || left.Links().At(0).TraceID() != (pcommon.TraceID{1, 2, 3}) {
		t.Fatal("the span or the ids of its link were harmed")
	}
}

func TestMetricsAndLogsLoseTheirEntityReferences(t *testing.T) {
	scrub := made(t)
	metrics := pmetric.NewMetrics()
	hide(metrics.ResourceMetrics().AppendEmpty().Resource())
	metrics, _ = scrub.metrics(context.Background(), metrics)
	encodedMetrics, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(metrics)
	if err != nil || strings.Contains(string(encodedMetrics), canary) {
		t.Fatal("the canary left with the metrics", err)
	}

	logs := plog.NewLogs()
	hide(logs.ResourceLogs().AppendEmpty().Resource())
	logs, _ = scrub.logs(context.Background(), logs)
	encodedLogs, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	if err != nil || strings.Contains(string(encodedLogs), canary) {
		t.Fatal("the canary left with the logs", err)
	}
}

func TestItDoesNotStartWithoutItsSettings(t *testing.T) {
	if err := NewFactory().CreateDefaultConfig().(*Config).Validate(); err == nil {
		t.Fatal("empty settings were taken")
	}
	for name, spoil := range map[string]func(*Config){
		"allowed_keys":             func(c *Config) { c.AllowedKeys = nil },
		"allowed_values":           func(c *Config) { c.AllowedValues = []string{"("} },
		"blocked_values":           func(c *Config) { c.BlockedValues = nil },
		"blocked_values, number 1": func(c *Config) { c.BlockedValues = []string{"("} },
		"neutral_names":            func(c *Config) { c.NeutralNames[0].Shown = "" },
		"span_names.shapes":        func(c *Config) { c.SpanNames.Shapes = []string{"("} },
		"span_names.vouched_shape": func(c *Config) { c.SpanNames.VouchedShape = "" },
		"span_names.harmless":      func(c *Config) { c.SpanNames.Harmless = "" },
		"span_names.telling":       func(c *Config) { c.SpanNames.Telling = "" },
		"span_names.otherwise":     func(c *Config) { c.SpanNames.Otherwise = "" },
	} {
		spoiled := settings()
		spoil(spoiled)
		if err := spoiled.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
