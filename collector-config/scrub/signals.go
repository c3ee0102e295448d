package scrub

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func (s *scrub) traces(_ context.Context, traces ptrace.Traces) (ptrace.Traces, error) {
	for _, resource := range traces.ResourceSpans().All() {
		s.resource(resource.Resource())
		for _, scope := range resource.ScopeSpans().All() {
			s.values.holdAll(scope.Scope().Attributes())
			for _, span := range scope.Spans().All() {
				s.span(span)
			}
		}
	}
	return traces, nil
}

func (s *scrub) span(span ptrace.Span) {
	attributes := span.Attributes()
	if !isFlat(attributes) {
		flatten(attributes)
	}
	// Before the attributes: they vouch for some names, and may be masked or gone afterwards.
	s.names.hold(span)
	s.values.holdAll(attributes)
	for _, event := range span.Events().All() {
		s.values.holdAll(event.Attributes())
	}
	for _, link := range span.Links().All() {
		link.Attributes().Clear()
		link.TraceState().FromRaw("")
	}
}

func (s *scrub) metrics(_ context.Context, metrics pmetric.Metrics) (pmetric.Metrics, error) {
	for _, resource := range metrics.ResourceMetrics().All() {
		s.resource(resource.Resource())
		for _, scope := range resource.ScopeMetrics().All() {
			s.values.holdAll(scope.Scope().Attributes())
			for _, metric := range scope.Metrics().All() {
				s.points(metric)
			}
		}
	}
	return metrics, nil
}

func (s *scrub) points(metric pmetric.Metric) {
	switch metric.Type() {
	case pmetric.MetricTypeGauge:
		for _, point := range metric.Gauge().DataPoints().All() {
			s.values.holdAll(point.Attributes())
		}
	case pmetric.MetricTypeSum:
		for _, point := range metric.Sum().DataPoints().All() {
			s.values.holdAll(point.Attributes())
		}
	case pmetric.MetricTypeHistogram:
		for _, point := range metric.Histogram().DataPoints().All() {
			s.values.holdAll(point.Attributes())
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, point := range metric.ExponentialHistogram().DataPoints().All() {
			s.values.holdAll(point.Attributes())
		}
	case pmetric.MetricTypeSummary:
		for _, point := range metric.Summary().DataPoints().All() {
			s.values.holdAll(point.Attributes())
		}
	case pmetric.MetricTypeEmpty: // has no points, so nothing that could carry anything
	}
}

func (s *scrub) logs(_ context.Context, logs plog.Logs) (plog.Logs, error) {
	for _, resource := range logs.ResourceLogs().All() {
		s.resource(resource.Resource())
		for _, scope := range resource.ScopeLogs().All() {
			s.values.holdAll(scope.Scope().Attributes())
			for _, record := range scope.LogRecords().All() {
				s.values.holdAll(record.Attributes())
				s.values.holdBody(record.Body())
			}
		}
	}
	return logs, nil
}
