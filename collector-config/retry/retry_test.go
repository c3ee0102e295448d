package retry

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	_ "go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp" // its codec takes what can encode itself
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

func newClient(t *testing.T, change func(*Config)) *client {
	t.Helper()
	config := defaults().(*Config)
	config.Directory = t.TempDir()
	config.Patience, config.Attempts = 2, 2
	change(config)
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	set := extension.Settings{
		ID:                component.NewID(componentType),
		TelemetrySettings: component.TelemetrySettings{Logger: zap.NewNop(), MeterProvider: noop.NewMeterProvider()},
	}
	made, err := create(context.Background(), set, config)
	if err != nil {
		t.Fatal(err)
	}
	return made.(*client)
}

func same(*Config) {}

// hurry makes every batch that stands aside due at once.
func hurry(c *client) {
	c.aside.mutex.Lock()
	defer c.aside.mutex.Unlock()
	for _, b := range c.aside.batches {
		b.last = time.Time{}
	}
}

func files(t *testing.T, c *client, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(c.config.Directory, folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// door is a server that answers as its test says, and keeps what it took.
type door struct {
	mutex  sync.Mutex
	answer func(body string) (status int, kind string)
	took   []string
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	status, kind := d.answer(string(body))
	if status == http.StatusOK && kind != "text/html" {
		d.took = append(d.took, string(body))
	}
	if status == http.StatusFound {
		w.Header().Set("Location", "/login")
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
}

func post(t *testing.T, c *client, url, body string) int {
	t.Helper()
	wrap, _ := c.GetHTTPRoundTripper(context.Background())
	transport, _ := wrap(context.Background(), http.DefaultTransport)
	request, _ := http.NewRequest(http.MethodPost, url+"/v1/traces", bytes.NewReader([]byte(body)))
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Authorization", "Bearer secret")
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

const protobuf = "application/x-protobuf"

func TestAnswersThatWouldLoseABatchBecomeOnesThatAreRepeated(t *testing.T) {
	cases := []struct {
		status   int
		kind     string
		repeated int
	}{
		{200, protobuf, 200}, {200, "text/html", 503}, {302, "text/html", 503}, {204, "", 204}, {401, protobuf, 503},
		{403, "text/html", 503}, {404, "text/plain", 503}, {407, "text/html", 503}, {429, protobuf, 429},
		{500, protobuf, 503}, {502, "text/html", 503}, {503, protobuf, 503}, {400, protobuf, 503}, {413, protobuf, 503},
	}
	for _, each := range cases {
		server := httptest.NewServer(&door{answer: func(string) (int, string) { return each.status, each.kind }})
		if got := post(t, newClient(t, same), server.URL, "batch"); got != each.repeated {
			t.Errorf("%d %s became %d, not %d", each.status, each.kind, got, each.repeated)
		}
		server.Close()
	}
}

func TestABatchThatAloneIsRefusedStepsAsideAndIsPutAway(t *testing.T) {
	d := &door{answer: func(body string) (int, string) {
		if body == "poison" {
			return 500, protobuf
		}
		return 200, protobuf
	}}
	server := httptest.NewServer(d)
	defer server.Close()
	c := newClient(t, same)
	if first, second := post(t, c, server.URL, "poison"), post(t, c, server.URL, "poison"); first != 503 || second != 200 {
		t.Fatalf("answers %d and %d; the second must let the exporter go on", first, second)
	}
	text, _ := os.ReadFile(files(t, c, "aside")[0])
	if strings.Contains(string(text), "secret") {
		t.Fatal("a credential was written")
	}
	for range 2 {
		hurry(c)
		if got := post(t, c, server.URL, "good"); got != 200 {
			t.Fatal(got)
		}
	}
	if len(files(t, c, "aside")) != 0 || len(files(t, c, "refused")) != 1 || len(d.took) != 2 {
		t.Fatal("the bad batch was not put away, or a good one did not pass", d.took)
	}
}

func TestWhatStoodAsideWhileAllWereRefusedIsDeliveredAlsoAfterARestart(t *testing.T) {
	broken := true
	d := &door{answer: func(string) (int, string) {
		if broken {
			return 500, protobuf
		}
		return 200, protobuf
	}}
	server := httptest.NewServer(d)
	defer server.Close()
	c := newClient(t, func(config *Config) { config.Places = 2 })
	for range 3 {
		for _, body := range []string{"a", "b", "c"} {
			post(t, c, server.URL, body)
		}
	}
	if len(files(t, c, "aside")) != 2 {
		t.Fatal("more stepped aside than there are places", files(t, c, "aside"))
	}
	restarted := newClient(t, func(config *Config) { config.Directory = c.config.Directory })
	broken = false
	if got := post(t, restarted, server.URL, "c"); got != 200 {
		t.Fatal(got)
	}
	if strings.Join(d.took, "") != "cab" || len(files(t, restarted, "aside")) != 0 || len(files(t, restarted, "refused")) != 0 {
		t.Fatal("not each exactly once", d.took)
	}
}

func TestAGatewayWithTooMuchToDoIsNotTakenForOneThatNeverWants(t *testing.T) {
	busy := true
	d := &door{answer: func(body string) (int, string) {
		if busy && body == "unlucky" {
			return 503, protobuf
		}
		return 200, protobuf
	}}
	server := httptest.NewServer(d)
	defer server.Close()
	c := newClient(t, same)
	post(t, c, server.URL, "unlucky")
	post(t, c, server.URL, "unlucky")
	for range 20 {
		hurry(c)
		post(t, c, server.URL, "good")
	}
	if len(files(t, c, "aside")) != 1 || len(files(t, c, "refused")) != 0 {
		t.Fatal("a good batch was put away")
	}
	busy = false
	hurry(c)
	post(t, c, server.URL, "good")
	if d.took[len(d.took)-1] != "unlucky" || len(files(t, c, "aside")) != 0 {
		t.Fatal("not delivered when there was time", d.took)
	}
}

func TestAFullRoomForRefusedBatchesLosesNothing(t *testing.T) {
	d := &door{answer: func(body string) (int, string) {
		if body == "poison" {
			return 400, protobuf
		}
		return 200, protobuf
	}}
	server := httptest.NewServer(d)
	defer server.Close()
	c := newClient(t, func(config *Config) { config.MaxBytes = 0 })
	post(t, c, server.URL, "poison")
	post(t, c, server.URL, "poison")
	for range 5 {
		hurry(c)
		post(t, c, server.URL, "good")
	}
	if len(files(t, c, "aside")) != 1 || len(files(t, c, "refused")) != 0 {
		t.Fatal("the batch lost its place")
	}
}

func TestNoMoreLeavesThanAgreed(t *testing.T) {
	p := &pace{bytesPerSecond: 100_000}
	began := time.Now()
	for range 11 {
		if err := p.wait(context.Background(), 2_000); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Fatalf("ten batches before the last one need 0.2 s, took %v", took)
	}
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_ = p.wait(context.Background(), 1_000_000)
	if err := p.wait(short, 1); err == nil {
		t.Fatal("waited for a moment after the deadline")
	}
}

func TestCallsOfGRPCAreKeptAndSetAside(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	code := codes.Unauthenticated
	var took []string
	var mutex sync.Mutex
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		var body raw
		if err := stream.RecvMsg(&taken{&body}); err != nil {
			return err
		}
		mutex.Lock()
		defer mutex.Unlock()
		if string(body) == "good" || code == codes.OK {
			took = append(took, string(body))
			return stream.SendMsg(&raw{})
		}
		return status.Error(code, "refused")
	}))
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	c := newClient(t, same)
	options, _ := c.GetGRPCClientOptions(context.Background())
	connection, err := grpc.NewClient(listener.Addr().String(), append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	send := func(text string) codes.Code {
		body := raw(text)
		return status.Code(connection.Invoke(context.Background(), "/opentelemetry.Service/Export", &body, new(raw)))
	}
	for _, each := range []codes.Code{codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented} {
		code = each
		for range 3 {
			if got := send("bad"); got != codes.Unavailable {
				t.Fatalf("%v became %v", each, got)
			}
		}
	}
	if len(files(t, c, "aside")) != 0 {
		t.Fatal("credentials are not the batch's fault")
	}
	for _, each := range []codes.Code{codes.InvalidArgument, codes.Unavailable} {
		code = each
		poison := "poison by " + each.String()
		if first, second := send(poison), send(poison); first != codes.Unavailable || second != codes.OK {
			t.Fatalf("%v became %v, then %v", each, first, second)
		}
	}
	hurry(c)
	if got := send("good"); got != codes.OK || len(files(t, c, "aside")) != 2 {
		t.Fatal("refused once more is not refused for good", got)
	}
	code = codes.OK
	hurry(c)
	if got := send("good"); got != codes.OK || len(files(t, c, "aside")) != 0 || len(took) != 4 {
		t.Fatal("not delivered when the other side took it", took)
	}
}

// taken keeps what a server is sent.
type taken struct{ body *raw }

func (t *taken) SizeProto() int          { return 0 }
func (t *taken) MarshalProto([]byte) int { return 0 }
func (t *taken) UnmarshalProto(b []byte) error {
	*t.body = append(raw{}, b...)
	return nil
}
