package retry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// records gives a request of log records that carry these texts, from two resources of two scopes each.
func records(t *testing.T, texts ...string) []byte {
	t.Helper()
	logs := plog.NewLogs()
	for number, text := range texts {
		for logs.ResourceLogs().Len() <= number%2 {
			resource := logs.ResourceLogs().AppendEmpty()
			resource.Resource().Attributes().PutInt("number", int64(logs.ResourceLogs().Len()))
			resource.SetSchemaUrl("https://example.com/schema")
			resource.ScopeLogs().AppendEmpty().Scope().SetName("one")
			resource.ScopeLogs().AppendEmpty().Scope().SetName("two")
		}
		logs.ResourceLogs().At(number % 2).ScopeLogs().At(number / 2 % 2).LogRecords().AppendEmpty().Body().SetStr(text)
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// texts gives what log records say, each with where it is from.
func texts(t *testing.T, body []byte) []string {
	t.Helper()
	request := plogotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, resource := range request.Logs().ResourceLogs().All() {
		number, _ := resource.Resource().Attributes().Get("number")
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				found = append(found, fmt.Sprint(number.Int(), resource.SchemaUrl(), scope.Scope().Name(), record.Body().Str()))
			}
		}
	}
	slices.Sort(found)
	return found
}

// pieces divides a request until nothing can be divided any more.
func pieces(body []byte) [][]byte {
	b := &batch{Body: body}
	halves := b.halves()
	if len(halves) == 0 {
		return [][]byte{body}
	}
	return append(pieces(halves[0]), pieces(halves[1])...)
}

func TestARequestIsDividedDownToItsItemsAndNoneIsLostOrChanged(t *testing.T) {
	var said []string
	for number := range 37 {
		said = append(said, fmt.Sprint("record ", number))
	}
	whole := records(t, said...)
	var found []string
	for _, piece := range pieces(whole) {
		items := texts(t, piece)
		if len(items) > 1 {
			t.Fatal("not divided to the end", items)
		}
		found = append(found, items...)
	}
	slices.Sort(found)
	if !slices.Equal(found, texts(t, whole)) {
		t.Fatal("other items than before", found)
	}
}

func TestSpansAndMetricsAreDividedAsRecordsAre(t *testing.T) {
	traces, metrics := ptrace.NewTraces(), pmetric.NewMetrics()
	spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	gauges := metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	for number := range 5 {
		spans.AppendEmpty().SetName(fmt.Sprint("span ", number))
		gauges.AppendEmpty().SetName(fmt.Sprint("metric ", number))
	}
	of := map[string][]byte{}
	of["span"], _ = ptraceotlp.NewExportRequestFromTraces(traces).MarshalProto()
	of["metric"], _ = pmetricotlp.NewExportRequestFromMetrics(metrics).MarshalProto()
	for kind, body := range of {
		found := pieces(body)
		if len(found) != 5 {
			t.Fatal("not one piece an item", kind, len(found))
		}
		for number, piece := range found {
			if strings.Count(string(piece), kind+" ") != 1 || !bytes.Contains(piece, fmt.Append(nil, kind, " ", number)) {
				t.Fatal("another item", kind, number)
			}
		}
	}
}

func TestWhatIsNoPlainProtobufStaysWhole(t *testing.T) {
	body := records(t, "a", "b", "c")
	for _, b := range []*batch{
		{Body: []byte("poison")}, {Body: nil}, {Body: []byte{0xff, 0xff}}, {Body: body[:len(body)-1]},
		{Body: body, Headers: map[string]string{"Content-Encoding": "gzip"}},
		{Body: body, Headers: map[string]string{"Content-Type": "application/json"}},
	} {
		if len(b.halves()) != 0 {
			t.Fatal("divided", b)
		}
	}
}

func TestOnlyWhatIsBadOfABatchIsPutAway(t *testing.T) {
	d := &door{answer: func(body string) (int, string) {
		if strings.Contains(body, "bad") {
			return 400, protobuf
		}
		return 200, protobuf
	}}
	server := httptest.NewServer(d)
	defer server.Close()
	c := newClient(t, same)
	said := []string{"bad one", "bad two"}
	for number := range 60 {
		said = append(said, fmt.Sprint("good ", number))
	}
	mixed := string(records(t, said...))
	post(t, c, server.URL, mixed)
	post(t, c, server.URL, mixed)
	for range 40 {
		hurry(c)
		post(t, c, server.URL, string(records(t, "other")))
	}
	if left := files(t, c, "aside"); len(left) != 0 {
		t.Fatal("something stands aside still", left)
	}
	var came []string
	for _, body := range d.took {
		for _, text := range texts(t, []byte(body)) {
			if strings.Contains(text, "good") {
				came = append(came, text)
			}
		}
	}
	slices.Sort(came)
	if len(came) != 60 || len(slices.Compact(came)) != 60 {
		t.Fatal("not each good one once", len(came))
	}
	away := files(t, c, "refused")
	if len(away) != 2 {
		t.Fatal("not each bad one alone", away)
	}
	for _, file := range away {
		kept := &batch{}
		text, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(text, kept) != nil || len(texts(t, kept.Body)) != 1 {
			t.Fatal("more than a bad one", file, err)
		}
	}
}

func TestABatchThatIsBadThroughoutDoesNotBecomeManyFiles(t *testing.T) {
	d := &door{answer: func(body string) (int, string) {
		if strings.Contains(body, "bad") {
			return 400, protobuf
		}
		return 200, protobuf
	}}
	server := httptest.NewServer(d)
	defer server.Close()
	c := newClient(t, same)
	var said []string
	for number := range 3000 {
		said = append(said, fmt.Sprint("bad ", number))
	}
	all := string(records(t, said...))
	post(t, c, server.URL, all)
	post(t, c, server.URL, all)
	for range 200 {
		hurry(c)
		post(t, c, server.URL, string(records(t, "other")))
	}
	away := files(t, c, "refused")
	if len(away) == 0 || len(away) > 200 || len(files(t, c, "aside")) != 0 {
		t.Fatal("too many files", len(away), len(files(t, c, "aside")))
	}
}
