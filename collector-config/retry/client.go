package retry

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
)

// Between two looks at the folder.
const lookInterval = 5 * time.Second

// answer is what came back for a batch.
type answer struct {
	// text is the answer in few words: "401", "200 text/html", "Internal".
	text string
	// passed: the other side has taken the batch.
	passed bool
	// personal: the answer may be due to this very batch, and not to the way, the credentials or the load.
	personal bool
	// busy: the same batch may well be taken later.
	busy bool
}

// offer sends a batch once more, by the way by which another one has just passed.
type offer func(context.Context, *batch) answer

// client is the extension: what gRPC and HTTP have in common.
type client struct {
	config *Config
	logger *zap.Logger
	aside  *aside
	pace   *pace
	count  *instruments
	stop   chan struct{}
	said   sync.Map // route to the last answer, so that each is logged once
}

// Start begins to watch over the folder: whoever deletes it also deletes the queue's files beside it, and the queue does
// not notice, because it holds them open. What they hold is sent as long as this process lives, and lost with it.
func (c *client) Start(context.Context, component.Host) error {
	c.stop = make(chan struct{})
	go func() {
		tick := time.NewTicker(lookInterval)
		defer tick.Stop()
		for was := true; ; {
			select {
			case <-c.stop:
				return
			case <-tick.C:
			}
			is := c.aside.present()
			if was && !is {
				c.logger.Error("The folder is gone, and probably the queue's files with it: what they hold is still sent, but does not survive this process. Let it drain, then restart it",
					zap.String("directory", c.config.Directory))
			}
			was = is
		}
	}()
	return nil
}

// Shutdown ends the watch.
func (c *client) Shutdown(context.Context) error {
	if c.stop != nil {
		close(c.stop)
		c.stop = nil
	}
	return nil
}

// refused notes an answer, and says whether the batch has stepped aside: then the exporter may go on with the next.
func (c *client) refused(ctx context.Context, route string, got answer, compose func() *batch) bool {
	c.count.answer(ctx, got.text)
	if before, _ := c.said.Swap(route, got.text); before != got.text {
		c.logger.Warn("The other side does not take what is sent; it is kept and repeated",
			zap.String("route", route), zap.String("answer", got.text))
	}
	if !got.personal {
		return false
	}
	b := compose()
	stepped, err := c.aside.step(b, got.text)
	switch {
	case err != nil:
		c.logger.Error("A batch is refused again and again and cannot step aside; it goes on blocking its queue",
			zap.String("route", b.Route), zap.String("answer", got.text), zap.String("directory", c.config.Directory), zap.Error(err))
	case stepped:
		c.logger.Warn("A batch was refused again and again and has stepped aside; it is offered again when others have passed",
			zap.String("route", b.Route), zap.String("answer", got.text), zap.String("batch", b.name()))
	}
	return stepped
}

// passed notes a success, and offers those that stand aside once more.
func (c *client) passed(ctx context.Context, route string, again offer) {
	if before, loaded := c.said.LoadAndDelete(route); loaded {
		c.logger.Info("What is sent passes again", zap.String("route", route), zap.Any("answer_before", before))
	}
	for _, b := range c.aside.due(route) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.config.Timeout)
		var got answer
		if err := c.pace.wait(ctx, len(b.Body)); err != nil {
			got = answer{text: err.Error()}
		} else {
			got = again(ctx, b)
		}
		cancel()
		if got.passed {
			if err := c.aside.forget(b); err != nil {
				c.logger.Error("A batch was delivered late, but its file stays and will be delivered again after a restart",
					zap.String("batch", b.name()), zap.Error(err))
			}
			continue
		}
		c.count.answer(ctx, got.text)
		became, err := c.aside.still(b, got)
		switch {
		case err != nil:
			c.logger.Error("A batch that others pass by cannot be put away; it keeps its place",
				zap.String("batch", b.name()), zap.String("directory", c.config.Directory), zap.Error(err))
		case became == divided:
			c.logger.Warn("A batch was refused while others passed; it was divided, so that what is good of it can go",
				zap.String("route", b.Route), zap.String("answer", got.text), zap.Int("bytes", len(b.Body)))
		case became == putAway:
			c.count.quarantine(ctx, b)
			c.logger.Error("A batch was refused while others passed; it was put away and will not be sent again",
				zap.String("route", b.Route), zap.String("answer", got.text), zap.Int("bytes", len(b.Body)),
				zap.String("batch", b.name()), zap.String("directory", c.config.Directory))
		}
	}
}

// attempt gives the context of one attempt that may leave now.
func (c *client) attempt(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, time.Now().Add(c.config.Timeout))
}
