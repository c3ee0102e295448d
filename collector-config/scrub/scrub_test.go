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
	factory := NewFactory()
	scrub, err := factory.CreateTraces(context.Background(), processortest.NewNopSettings(componentType), factory.CreateDefaultConfig(), sink)
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
	metrics := pmetric.NewMetrics()
	hide(metrics.ResourceMetrics().AppendEmpty().Resource())
	metrics, _ = scrubMetrics(context.Background(), metrics)
	encodedMetrics, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(metrics)
	if err != nil || strings.Contains(string(encodedMetrics), canary) {
		t.Fatal("the canary left with the metrics", err)
	}

	logs := plog.NewLogs()
	hide(logs.ResourceLogs().AppendEmpty().Resource())
	logs, _ = scrubLogs(context.Background(), logs)
	encodedLogs, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	if err != nil || strings.Contains(string(encodedLogs), canary) {
		t.Fatal("the canary left with the logs", err)
	}
}
