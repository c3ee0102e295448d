package retry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"go.opentelemetry.io/collector/extension/extensionmiddleware"
)

// An answer is read up to here; what comes after it is of no use to an exporter.
const longestAnswer = 64 << 10

// GetHTTPRoundTripper puts this extension around an exporter's transport. Redirects are seen here, before a client
// would follow them.
func (c *client) GetHTTPRoundTripper(context.Context) (extensionmiddleware.WrapHTTPRoundTripperFunc, error) {
	return func(_ context.Context, next http.RoundTripper) (http.RoundTripper, error) {
		return &roundTripper{client: c, next: next}, nil
	}, nil
}

type roundTripper struct {
	*client
	next http.RoundTripper
}

func (r *roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		body, err = io.ReadAll(request.Body)
		_ = request.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	ctx := request.Context()
	if err := r.pace.wait(ctx, len(body)); err != nil {
		return nil, fmt.Errorf("waiting for the agreed send rate: %w", err)
	}
	attempt, cancel := r.attempt(ctx)
	defer cancel()
	response, text, err := r.send(attempt, request, body)
	if err != nil {
		r.count.answer(ctx, "none")
		return nil, err
	}
	got := judgeHTTP(response)
	if got.passed {
		r.passed(ctx, request.URL.Path, func(ctx context.Context, b *batch) answer { return r.again(ctx, request, b) })
		return response, nil
	}
	if r.refused(ctx, request.URL.Path, got, func() *batch { return httpBatch(request, body) }) {
		return instead(request, response, http.StatusOK, nil), nil
	}
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable {
		return response, nil // repeated as it is, and it may say when
	}
	kept := instead(request, response, http.StatusServiceUnavailable, text)
	kept.Status = "503 kept by sms_retry; the answer was " + got.text
	return kept, nil
}

// send gives the answer with its body read.
func (r *roundTripper) send(ctx context.Context, request *http.Request, body []byte) (*http.Response, []byte, error) {
	again := request.Clone(ctx)
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response, err := r.next.RoundTrip(again)
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	_ = response.Body.Close()
	if err != nil {
		return nil, nil, fmt.Errorf("the answer broke off: %w", err)
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return response, text, nil
}

// again sends a batch that stood aside, with the credentials of the request that has just passed.
func (r *roundTripper) again(ctx context.Context, passed *http.Request, b *batch) answer {
	request := passed.Clone(ctx)
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		request.Header.Del(name)
		if text, ok := b.Headers[name]; ok {
			request.Header.Set(name, text)
		}
	}
	request.URL.Path = b.Route
	response, _, err := r.send(ctx, request, b.Body)
	if err != nil {
		return answer{text: "none"}
	}
	return judgeHTTP(response)
}

func httpBatch(request *http.Request, body []byte) *batch {
	headers := map[string]string{}
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		if text := request.Header.Get(name); text != "" {
			headers[name] = text
		}
	}
	return &batch{Route: request.URL.Path, Headers: headers, Body: body}
}

// judgeHTTP tells success, a refusal of this batch, and everything else apart.
func judgeHTTP(response *http.Response) answer {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	otlp := kind == "application/x-protobuf" || kind == "application/json"
	text := fmt.Sprint(response.StatusCode)
	if !otlp && kind != "" {
		text += " " + strings.ToLower(kind)
	}
	switch status := response.StatusCode; {
	case status >= 200 && status <= 299 && (otlp || (kind == "" && response.ContentLength == 0)):
		return answer{text: text, passed: true}
	case status == 400, status == 413, status == 422, status == 500, status == 503 && otlp:
		return answer{text: text, personal: true, busy: status == 503}
	default:
		return answer{text: text}
	}
}

func instead(request *http.Request, response *http.Response, status int, text []byte) *http.Response {
	header := http.Header{}
	if status != http.StatusOK {
		header.Set("Content-Type", response.Header.Get("Content-Type"))
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: response.Proto, ProtoMajor: response.ProtoMajor,
		ProtoMinor: response.ProtoMinor, Header: header, Request: request,
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}
}
