package plugin_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestResourcesPassPathQueryBodyAndUser(t *testing.T) {
	var got, body, by string
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		read, _ := io.ReadAll(r.Body)
		got, body, by = r.Method+" "+r.URL.String(), string(read), r.Header.Get("X-Wireglass-User")
		writeJSON(w, 201, `{"state":"running"}`)
	})
	result := call(source, resource("POST", "/capture/start", "?a=%2F&b=c+d", user("Editor"), `{"interface":"lo"}`))
	if result.err != nil || result.status != 201 || string(result.body) != `{"state":"running"}` {
		t.Fatalf("%+v", result)
	}
	if got != "POST /api/v1/capture/start?a=%2F&b=c+d" || body != `{"interface":"lo"}` || by != "somebody" {
		t.Errorf("%s %s %s", got, body, by)
	}
}

func TestHeadersOfTheBrowserStayInGrafana(t *testing.T) {
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Cookie", "X-Grafana-Id", "X-Forwarded-For", "Origin"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s was passed on", name)
			}
		}
		if r.Header.Get("Authorization") != "Bearer wg_test" {
			t.Error("another token", r.Header.Get("Authorization"))
		}
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<script>"))
	})
	request := resource("GET", "capture/status", "", user("Viewer"), "")
	request.Headers = map[string][]string{
		"Cookie": {"grafana_session=1"}, "Authorization": {"Bearer other"}, "X-Grafana-Id": {"x"},
		"X-Forwarded-For": {"10.0.0.1"}, "Origin": {"http://evil"}, "X-Wireglass-User": {"root"},
	}
	result := call(source, request)
	if len(result.headers) != 3 || result.header("Content-Type") != "application/octet-stream" ||
		result.header("X-Content-Type-Options") != "nosniff" || result.header("Cache-Control") != "no-store" {
		t.Errorf("%v", result.headers)
	}
}

func TestChangesWantJsonOfABoundedSize(t *testing.T) {
	source := collectorOf(t, `{}`, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	for name, test := range map[string]struct {
		media, body, query, code string
		status                   int
	}{
		"a form":        {"application/x-www-form-urlencoded", "a=b", "", "media_type_unsupported", 415},
		"no media type": {"", "{}", "", "media_type_unsupported", 415},
		"a large body":  {"application/json", strings.Repeat(" ", 64<<10+1), "", "body_too_large", 413},
		"a long query":  {"application/json", "{}", "?a=" + strings.Repeat("b", 16<<10), "query_too_long", 414},
		"a bad query":   {"application/json", "{}", "?\x7f", "bad_request", 400},
	} {
		t.Run(name, func(t *testing.T) {
			request := resource("POST", "capture/stop", test.query, user("Admin"), test.body)
			request.Headers = map[string][]string{"Content-Type": {test.media}}
			result := call(source, request)
			if result.status != test.status || result.code(t) != test.code {
				t.Errorf("%d %s", result.status, result.body)
			}
		})
	}
}

func TestAStopNeedsNoBody(t *testing.T) {
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 || r.Header.Get("Content-Type") != "application/json" {
			t.Error(r.ContentLength, r.Header)
		}
		writeJSON(w, 200, `{}`)
	})
	request := resource("POST", "capture/stop", "", user("Editor"), "")
	request.Headers = map[string][]string{"Content-Type": {"application/json"}}
	if result := call(source, request); result.status != 200 {
		t.Errorf("%d %s", result.status, result.body)
	}
}

func TestProblemsAreToldAndNobodyIsSignedOut(t *testing.T) {
	for code, test := range map[string]struct {
		status, want int
		words        string
	}{
		"interface_not_found": {404, 404, "the collector's words"},
		"permission_denied":   {403, 403, "the collector's words"},
		"not_built_yet":       {501, 501, "the collector's words"},
		"token_missing":       {401, 502, "no API token is set"},
		"token_invalid":       {401, 502, "does not know the API token"},
		"role_insufficient":   {403, 502, "role is not enough"},
		"host_not_allowed":    {403, 502, "listens on loopback"},
	} {
		source := collectorOf(t, `{}`, func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, test.status, code) })
		result := call(source, resource("GET", "capture/status", "", user("Viewer"), ""))
		if result.status != test.want || result.code(t) != code || !strings.Contains(string(result.body), test.words) ||
			result.header("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", code, result.status, result.body)
		}
	}
}

func TestWhatIsNoCollectorIsSaidToBeNone(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", 302) },
		"a page":     func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) },
	} {
		result := call(collectorOf(t, `{}`, handler), resource("GET", "capture/status", "", user("Viewer"), ""))
		if result.status != 502 || result.code(t) != "not_a_collector" {
			t.Errorf("%s: %d %s", name, result.status, result.body)
		}
	}
	gone := source(t, "http://127.0.0.1:1", `{}`)
	result := call(gone, resource("GET", "capture/status", "", user("Viewer"), ""))
	if result.status != 502 || result.code(t) != "collector_unreachable" || !strings.Contains(string(result.body), "connection refused") {
		t.Errorf("%d %s", result.status, result.body)
	}
}

func TestWrongSettingsAreToldInEveryAnswer(t *testing.T) {
	wrong := source(t, "ftp://x", `{}`)
	result := call(wrong, resource("GET", "capture/status", "", user("Admin"), ""))
	if result.status != 503 || result.code(t) != "not_configured" || !strings.Contains(string(result.body), "expected http:// or https://") {
		t.Errorf("%d %s", result.status, result.body)
	}
	response, err := wrong.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{}`)}}})
	if err != nil || !strings.Contains(response.Responses["A"].Error.Error(), "expected http:// or https://") ||
		response.Responses["A"].ErrorSource != backend.ErrorSourceDownstream {
		t.Errorf("%v %v", response, err)
	}
}
