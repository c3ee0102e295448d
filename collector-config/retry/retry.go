// Package retry keeps what an OTLP exporter would throw away at a refusal.
//
// The stock exporters drop a batch for good when the other side answers 401, 403, 404 or 500, and take a port's captive
// portal, which answers 200 with a page, for success. Behind a queue on disk, that loses everything a ship has saved
// within a minute. This client extension sits between exporter and network, for gRPC and for HTTP:
//
//   - An answer that is no OTLP success becomes one that the exporter repeats.
//   - A batch that is refused again and again steps aside, so that those behind it can go. It is offered again whenever
//     another one has passed; when it alone is refused, it is divided, until what is bad of it is alone. That is moved to a
//     folder of refused batches and counted.
//   - Batches leave no faster than agreed, also when a week of them is waiting.
package retry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
)

var componentType = component.MustNewType("sms_retry")

// Config are the settings of the sms_retry extension.
type Config struct {
	// Directory keeps batches that stepped aside, and those that were refused for good. Needed.
	Directory string `mapstructure:"directory"`
	// BytesPerSecond is the most that leaves; 0 is no bound. Bytes are those of the batch: for gRPC as OTLP encodes it,
	// for HTTP as it is compressed.
	BytesPerSecond int64 `mapstructure:"bytes_per_second"`
	// Timeout of one attempt, from the moment on at which it may leave. The exporter's own timeout must be longer.
	Timeout time.Duration `mapstructure:"timeout"`
	// Reconnect is the longest pause between two attempts to connect, for gRPC.
	Reconnect time.Duration `mapstructure:"reconnect"`
	// Patience is after how many refusals a batch steps aside.
	Patience int `mapstructure:"patience"`
	// Places is how many batches may stand aside at one time. The next refused one waits in its queue.
	Places int `mapstructure:"places"`
	// Attempts is how often a batch that stands aside must be refused, each time after another one of its kind has
	// passed, before it is taken for bad.
	Attempts int `mapstructure:"attempts"`
	// Busy is how long a batch stands aside at least before "not now" (503, Unavailable) is taken for "never": a gateway
	// with too much to do says it to good batches too, and lets others through meanwhile.
	Busy time.Duration `mapstructure:"busy"`
	// MaxBytes is the room for refused batches. A full one keeps further bad batches in their places.
	MaxBytes int64 `mapstructure:"max_bytes"`
}

// Validate says what is wrong with the settings.
func (c *Config) Validate() error {
	var wrong error
	if c.Directory == "" {
		wrong = errors.Join(wrong, errors.New("directory: name a folder for batches that are refused"))
	}
	if c.BytesPerSecond < 0 {
		wrong = errors.Join(wrong, errors.New("bytes_per_second: must not be negative; 0 is no bound"))
	}
	if c.Timeout <= 0 || c.Reconnect <= 0 || c.Patience < 1 || c.Places < 0 || c.Attempts < 1 || c.Busy < 0 || c.MaxBytes < 0 {
		wrong = errors.Join(wrong, errors.New("timeout, reconnect, patience and attempts must be above 0, places, busy and max_bytes not negative"))
	}
	return wrong
}

// NewFactory gives the factory of the sms_retry extension.
func NewFactory() extension.Factory {
	return extension.NewFactory(componentType, defaults, create, component.StabilityLevelBeta)
}

func defaults() component.Config {
	return &Config{
		Timeout: time.Minute, Reconnect: 2 * time.Minute, Patience: 3, Places: 16, Attempts: 5, Busy: 15 * time.Minute, MaxBytes: 100 << 20,
	}
}

func create(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
	config := cfg.(*Config)
	aside, err := newAside(config, set.Logger)
	if err != nil {
		return nil, err
	}
	count, err := newInstruments(set, aside)
	if err != nil {
		return nil, err
	}
	return &client{config: config, logger: set.Logger, aside: aside, pace: &pace{bytesPerSecond: config.BytesPerSecond}, count: count}, nil
}

var (
	_ extensionmiddleware.HTTPClient = (*client)(nil)
	_ extensionmiddleware.GRPCClient = (*client)(nil)
)
