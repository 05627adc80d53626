package plugin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// posted is the body of POST /query.
type posted struct {
	From, To string
	Queries  []map[string]any
}

const answerOf = `{"results":{%q:{"status":200,"frames":[{"schema":{"name":"top","refId":%[1]q,"meta":{"type":"numeric-long","typeVersion":[0,1]},
"fields":[{"name":"src_addr","type":"string","typeInfo":{"frame":"string","nullable":true}},
{"name":"total_bytes","type":"number","typeInfo":{"frame":"float64","nullable":true},"config":{"unit":"decbytes"}}]},
"data":{"values":[["10.0.0.1","10.0.0.2"],[7,null]]}}]}}}`

func receive(t *testing.T, r *http.Request) posted {
	t.Helper()
	var got posted
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &got); err != nil || r.Method+r.URL.Path != "POST/api/v1/query" {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	return got
}

func query(refID, kind, model string, from, to time.Time) backend.DataQuery {
	return backend.DataQuery{
		RefID: refID, QueryType: kind, JSON: []byte(model), Interval: 15 * time.Second, MaxDataPoints: 700,
		TimeRange: backend.TimeRange{From: from, To: to},
	}
}

var (
	nine = time.Date(2026, 11, 25, 9, 0, 0, 5, time.FixedZone("", 3600))
	ten  = nine.Add(time.Hour)
)

func TestEachQueryGoesWithItsOwnRangeAndFramesComeBack(t *testing.T) {
	var ranges atomic.Value
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		got := receive(t, r)
		refID := got.Queries[0]["refId"].(string)
		if refID == "B" {
			ranges.Store(got.From + " " + got.To)
		}
		if r.Header.Get("X-Wireglass-User") != "somebody" {
			t.Error(r.Header)
		}
		writeJSON(w, 200, fmt.Sprintf(answerOf, refID))
	})
	response, err := source.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: backend.PluginContext{User: user("Viewer")},
		Queries: []backend.DataQuery{
			query("A", "top", `{"queryType":"top"}`, nine, ten), query("B", "top", `{"queryType":"top"}`, ten, ten.Add(time.Hour)),
		},
	})
	if err != nil || len(response.Responses) != 2 {
		t.Fatal(err, response)
	}
	if ranges.Load() != "2026-11-25T09:00:00.000000005Z 2026-11-25T10:00:00.000000005Z" {
		t.Error(ranges.Load())
	}
	frame := response.Responses["A"].Frames[0]
	if frame.RefID != "A" || frame.Rows() != 2 || *frame.Fields[1].At(0).(*float64) != 7 || frame.Fields[1].At(1).(*float64) != nil ||
		frame.Fields[1].Config.Unit != "decbytes" {
		text, _ := json.Marshal(frame)
		t.Errorf("%s", text)
	}
}

func TestTheCollectorGetsItsOwnKeysAndWhatTheSdkRead(t *testing.T) {
	for model, want := range map[string]string{
		`{"refId":"Z","queryType":"top","datasource":{"uid":"x"},"datasourceId":3,"hide":false,"key":"Q","intervalMs":1,"maxDataPoints":2,
		  "editor":{"mode":"code"},"timeRange":{},"queryCachingTTL":1,"measures":["flows"],"group_by":["src_addr"],"top":5}`: `{"group_by":["src_addr"],"intervalMs":15000,"maxDataPoints":700,"measures":["flows"],"queryType":"top","refId":"A","top":5}`,
		`{"type":"top","unknown":null}`: `{"intervalMs":15000,"maxDataPoints":700,"queryType":"top","refId":"A","unknown":null}`,
		`{}`:                            `{"intervalMs":15000,"maxDataPoints":700,"queryType":"top","refId":"A"}`,
	} {
		var got string
		source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
			text, _ := json.Marshal(receive(t, r).Queries[0])
			got = string(text)
			writeJSON(w, 200, fmt.Sprintf(answerOf, "A"))
		})
		_, err := source.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", "top", model, nine, ten)}})
		if err != nil || got != want {
			t.Errorf("%s\n%s, want\n%s", model, got, want)
		}
	}
}

func TestFailuresOfQueriesHaveSourceStatusAndWords(t *testing.T) {
	const downstream, plugin = backend.ErrorSourceDownstream, backend.ErrorSourcePlugin
	reply := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, status, body) }
	}
	refuse := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, status, code) }
	}
	for name, test := range map[string]struct {
		model   string
		handler http.HandlerFunc
		source  backend.ErrorSource
		status  backend.Status
		words   string
	}{
		"the query's own": {`{}`, reply(200, `{"results":{"A":{"status":400,"error":"column 5: no","errorSource":"downstream","frames":[]}}}`), downstream, 400, "column 5: no"},
		"without source":  {`{}`, reply(200, `{"results":{"A":{"status":504,"error":"too long","frames":[]}}}`), downstream, 504, "too long"},
		"no result":       {`{}`, reply(200, `{"results":{"B":{"status":200,"frames":[]}}}`), plugin, 500, "no result for query A"},
		"damaged frame":   {`{}`, reply(200, `{"results":{"A":{"frames":[{"data":{},"schema":7}]}}}`), plugin, 500, "decode the answer"},
		"uneven columns":  {`{}`, reply(200, `{"results":{"A":{"frames":[{"schema":{"name":"f","fields":[{"name":"a","type":"number","typeInfo":{"frame":"float64"}},{"name":"b","type":"number","typeInfo":{"frame":"float64"}}]},"data":{"values":[[1,2],[1]]}}]}}}`), plugin, 500, "decode the answer"},
		"token":           {`{}`, refuse(401, "token_invalid"), downstream, 502, "does not know the API token"},
		"busy":            {`{}`, refuse(503, "too_many_queries"), downstream, 503, "the collector's words"},
		"envelope":        {`{}`, refuse(400, "bad_request"), plugin, 400, "the collector's words"},
		"no object":       {`[]`, nil, downstream, 400, "expected a JSON object"},
		"no type":         {`{"queryType":""}`, nil, downstream, 400, "queryType is missing"},
		"type a number":   {`{"queryType":7}`, nil, downstream, 400, "queryType: expected text"},
	} {
		t.Run(name, func(t *testing.T) {
			source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
				if test.handler == nil {
					t.Error("reached")
					return
				}
				test.handler(w, r)
			})
			kind := "top"
			if strings.Contains(test.model, "queryType") {
				kind = ""
			}
			response, err := source.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", kind, test.model, nine, ten)}})
			result := response.Responses["A"]
			if err != nil || result.Error == nil {
				t.Fatal(err, result)
			}
			if result.ErrorSource != test.source || (test.status != 0 && result.Status != test.status) || !strings.Contains(result.Error.Error(), test.words) {
				t.Errorf("%s %d %v", result.ErrorSource, result.Status, result.Error)
			}
		})
	}
}

func TestOneQueryThatFailsLeavesTheOthersAlone(t *testing.T) {
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		refID := receive(t, r).Queries[0]["refId"].(string)
		if refID == "Q3" {
			panic(http.ErrAbortHandler)
		}
		writeJSON(w, 200, fmt.Sprintf(answerOf, refID))
	})
	var queries []backend.DataQuery
	for i := range 20 {
		queries = append(queries, query(fmt.Sprintf("Q%d", i), "top", `{}`, nine, ten))
	}
	response, err := source.QueryData(t.Context(), &backend.QueryDataRequest{Queries: queries})
	if err != nil || len(response.Responses) != 20 {
		t.Fatal(err, len(response.Responses))
	}
	for refID, result := range response.Responses {
		if (result.Error != nil) != (refID == "Q3") {
			t.Errorf("%s: %v", refID, result.Error)
		}
	}
}
