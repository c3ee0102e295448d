package retry

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// GetGRPCClientOptions puts this extension around each call of an exporter.
func (c *client) GetGRPCClientOptions(context.Context) ([]grpc.DialOption, error) {
	pauses := backoff.DefaultConfig
	pauses.MaxDelay = c.config.Reconnect
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(c.call),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: 20 * time.Second}),
	}, nil
}

// encoded is what every OTLP message of the Collector can do.
type encoded interface {
	SizeProto() int
	MarshalProto([]byte) int
}

// raw is a message that is encoded already; it takes any answer.
type raw []byte

func (r *raw) SizeProto() int                 { return len(*r) }
func (r *raw) MarshalProto(buffer []byte) int { return copy(buffer, *r) }
func (r *raw) UnmarshalProto([]byte) error    { return nil }

func (c *client) call(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	message, ok := request.(encoded)
	if !ok {
		return invoke(ctx, method, request, reply, connection, options...)
	}
	if err := c.pace.wait(ctx, message.SizeProto()); err != nil {
		return status.Errorf(codes.Unavailable, "waiting for the agreed send rate: %v", err)
	}
	attempt, cancel := c.attempt(ctx)
	defer cancel()
	got, err := judgeGRPC(attempt, method, request, reply, connection, invoke, options)
	if got.passed {
		c.passed(ctx, method, func(ctx context.Context, b *batch) answer {
			body := raw(b.Body)
			got, _ := judgeGRPC(ctx, b.Route, &body, new(raw), connection, invoke, options)
			return got
		})
		return nil
	}
	if c.refused(ctx, method, got, func() *batch {
		body := make([]byte, message.SizeProto())
		return &batch{Route: method, Body: body[:message.MarshalProto(body)]}
	}) {
		return nil
	}
	if repeatable(err) {
		return err
	}
	return status.Errorf(codes.Unavailable, "kept by sms_retry; the answer was %v", err)
}

// judgeGRPC makes a call and tells success, a refusal of this batch, and everything else apart.
func judgeGRPC(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options []grpc.CallOption) (answer, error) {
	var header, trailer metadata.MD
	all := append(append([]grpc.CallOption{}, options...), grpc.Header(&header), grpc.Trailer(&trailer))
	err := invoke(ctx, method, request, reply, connection, all...)
	code := status.Code(err)
	switch code {
	case codes.OK:
		return answer{text: "OK", passed: true}, nil
	case codes.Unavailable:
		if len(header) == 0 && len(trailer) == 0 {
			return answer{text: "none"}, err // nobody was there to refuse it
		}
		return answer{text: code.String(), personal: true, busy: true}, err
	case codes.InvalidArgument, codes.Internal, codes.Unknown, codes.OutOfRange, codes.DataLoss, codes.Aborted,
		codes.FailedPrecondition, codes.ResourceExhausted, codes.NotFound, codes.AlreadyExists:
		return answer{text: code.String(), personal: true, busy: code == codes.ResourceExhausted || code == codes.Aborted}, err
	default: // credentials, the way, time
		return answer{text: code.String()}, err
	}
}

// repeatable says whether the exporter repeats this by itself, in all circumstances.
func repeatable(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return true
	default:
		return false
	}
}
