package retry

import (
	"context"

	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// instruments are what the Collector's own page shows of this extension.
type instruments struct {
	extension attribute.KeyValue
	answers   metric.Int64Counter
	batches   metric.Int64Counter
	bytes     metric.Int64Counter
}

func newInstruments(set extension.Settings, a *aside) (*instruments, error) {
	meter := set.MeterProvider.Meter("sms.example/collector/retry")
	i := &instruments{extension: attribute.String("extension", set.ID.String())}
	var err error
	if i.answers, err = meter.Int64Counter("otelcol_sms_retry_answers",
		metric.WithDescription("Answers other than success, by what they said; none is no answer.")); err != nil {
		return nil, err
	}
	if i.batches, err = meter.Int64Counter("otelcol_sms_retry_refused_batches",
		metric.WithDescription("Batches put away because they alone were refused.")); err != nil {
		return nil, err
	}
	if i.bytes, err = meter.Int64Counter("otelcol_sms_retry_refused_bytes", metric.WithUnit("By"),
		metric.WithDescription("Size of the batches put away because they alone were refused.")); err != nil {
		return nil, err
	}
	standing, err := meter.Int64ObservableGauge("otelcol_sms_retry_batches_aside",
		metric.WithDescription("Batches that stand aside on disk, to be offered again."))
	if err != nil {
		return nil, err
	}
	files, err := meter.Int64ObservableGauge("otelcol_sms_retry_refused_files",
		metric.WithDescription("Files of refused batches that nobody has taken away yet."))
	if err != nil {
		return nil, err
	}
	gone, err := meter.Int64ObservableGauge("otelcol_sms_retry_folder_gone",
		metric.WithDescription("1 when the folder has been deleted under a running Collector."))
	if err != nil {
		return nil, err
	}
	i.batches.Add(context.Background(), 0, metric.WithAttributes(i.extension))
	_, err = meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		found, _, err := size(a.refused)
		observer.ObserveInt64(standing, int64(a.standing()), metric.WithAttributes(i.extension))
		var lost int64
		if !a.present() {
			lost = 1
		}
		observer.ObserveInt64(gone, lost, metric.WithAttributes(i.extension))
		if err == nil {
			observer.ObserveInt64(files, found, metric.WithAttributes(i.extension))
		}
		return nil
	}, standing, files, gone)
	return i, err
}

func (i *instruments) answer(ctx context.Context, text string) {
	i.answers.Add(ctx, 1, metric.WithAttributes(i.extension, attribute.String("answer", text)))
}

func (i *instruments) quarantine(ctx context.Context, b *batch) {
	i.batches.Add(ctx, 1, metric.WithAttributes(i.extension))
	i.bytes.Add(ctx, int64(len(b.Body)), metric.WithAttributes(i.extension))
}
