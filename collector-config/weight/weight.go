// Package weight says on each span that was kept for how many it stands, so that totals can be estimated from a sample.
//
// It runs after tail_sampling, which notes the rule that kept a trace only behind a feature gate; that gate is opened
// here, because without it there would be nothing to read.
package weight

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
)

const (
	gate      = "processor.tailsamplingprocessor.recordpolicy"
	policy    = "tailsampling.policy"
	attribute = "sms.sampling.weight"
)

var componentType = component.MustNewType("sms_weight")

// Config are the settings of the sms_weight processor.
type Config struct {
	// Weights: for how many spans one stands that this rule kept. A rule that is missing here gives no weight.
	Weights map[string]float64 `mapstructure:"weights"`
}

// Validate says what is wrong with the settings.
func (c *Config) Validate() error {
	for name, weight := range c.Weights {
		if weight < 1 {
			return fmt.Errorf("weights: %q has %v; a kept span stands for itself at least", name, weight)
		}
	}
	return nil
}

// NewFactory gives the factory of the sms_weight processor, and has tail_sampling note its rules.
func NewFactory() processor.Factory {
	// An error means that there is no such gate in this build: then no span gets a weight, and tests say so.
	_ = featuregate.GlobalRegistry().Set(gate, true)
	return processor.NewFactory(
		componentType,
		func() component.Config { return &Config{} },
		processor.WithTraces(newTraces, component.StabilityLevelBeta),
	)
}

func newTraces(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
	weights := cfg.(*Config).Weights
	weigh := func(_ context.Context, traces ptrace.Traces) (ptrace.Traces, error) {
		for _, resource := range traces.ResourceSpans().All() {
			for _, scope := range resource.ScopeSpans().All() {
				rule, ok := scope.Scope().Attributes().Get(policy)
				if !ok {
					continue
				}
				weight, ok := weights[rule.AsString()]
				if !ok {
					continue
				}
				for _, span := range scope.Spans().All() {
					span.Attributes().PutDouble(attribute, weight)
				}
			}
		}
		return traces, nil
	}
	return processorhelper.NewTraces(ctx, set, cfg, next, weigh,
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}))
}
