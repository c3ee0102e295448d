// Package scrub is the last part of the public net: it holds keys and values of everything, and the names of spans, to
// what the catalogue says, and clears what no stock component can reach (attributes and trace state of span links,
// entity references of resources).
//
// Every list and expression is a setting, rendered from the catalogue. Keys and values are held to them as the stock
// redaction processor would do it, names as the transform processor would; what is new is that a verdict is remembered.
// The files of stock/ do the same without this part, and a test compares what comes out of both.
package scrub

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
)

var componentType = component.MustNewType("sms_scrub")

// NewFactory gives the factory of the sms_scrub processor. Without its settings it does not start.
func NewFactory() processor.Factory {
	return processor.NewFactory(
		componentType,
		func() component.Config { return &Config{} },
		processor.WithTraces(newTraces, component.StabilityLevelBeta),
		processor.WithMetrics(newMetrics, component.StabilityLevelBeta),
		processor.WithLogs(newLogs, component.StabilityLevelBeta),
	)
}

var mutates = processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true})

func newTraces(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
	scrub, err := newScrub(cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return processorhelper.NewTraces(ctx, set, cfg, next, scrub.traces, mutates)
}

func newMetrics(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Metrics) (processor.Metrics, error) {
	scrub, err := newScrub(cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return processorhelper.NewMetrics(ctx, set, cfg, next, scrub.metrics, mutates)
}

func newLogs(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
	scrub, err := newScrub(cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return processorhelper.NewLogs(ctx, set, cfg, next, scrub.logs, mutates)
}

// scrub holds all the data of one pipeline to the settings.
type scrub struct {
	names  *names
	values *values
}

func newScrub(cfg *Config) (*scrub, error) {
	neutral, err := newNeutral(cfg.NeutralNames)
	if err != nil {
		return nil, err
	}
	values, err := newValues(cfg, neutral)
	if err != nil {
		return nil, err
	}
	names, err := newNames(&cfg.SpanNames, neutral)
	if err != nil {
		return nil, err
	}
	return &scrub{names: names, values: values}, nil
}

func (s *scrub) resource(resource pcommon.Resource) {
	s.values.holdAll(resource.Attributes())
	entity.ResourceEntityRefs(resource).RemoveIf(func(entity.EntityRef) bool { return true })
}
