package retry

import (
	"context"
	"sync"
	"time"
)

// pace lets batches out one after another, so that in any stretch of time no more than its share of bytes, and one
// batch, has left.
type pace struct {
	bytesPerSecond int64

	mutex sync.Mutex
	free  time.Time
}

// wait blocks until a batch of this size may leave. It does not begin to wait for a moment after the deadline.
func (p *pace) wait(ctx context.Context, bytes int) error {
	if p.bytesPerSecond == 0 {
		return nil
	}
	p.mutex.Lock()
	now := time.Now()
	start := p.free
	if start.Before(now) {
		start = now
	}
	if deadline, ok := ctx.Deadline(); ok && !start.Before(deadline) {
		p.mutex.Unlock()
		return context.DeadlineExceeded
	}
	p.free = start.Add(time.Duration(float64(bytes) / float64(p.bytesPerSecond) * float64(time.Second)))
	p.mutex.Unlock()

	timer := time.NewTimer(start.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
