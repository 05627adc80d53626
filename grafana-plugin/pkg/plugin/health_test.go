package plugin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const document = `{"info":{"title":"Wireglass","version":"0.1.0"},"paths":{"/api/v1/query":{}}}`

// collectorWith answers with an API document and a status of the capture.
func collectorWith(document string, status http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/openapi.json":
			writeJSON(w, 200, document)
		case "/api/v1/capture/status":
			status(w, r)
		default:
			writeProblem(w, 404, "route_not_found")
		}
	}
}

func state(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, body) }
}

func TestHealthSaysWhatIsAndWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		status  backend.HealthStatus
		words   string
	}{
		"running": {
			collectorWith(document, state(`{"state":"running","interfaces":[{"name":"eth0"},{"name":"eth1"}]}`)), backend.HealthStatusOk,
			"answers; a capture on eth0, eth1 is running",
		},
		"idle":   {collectorWith(document, state(`{"state":"idle"}`)), backend.HealthStatusOk, "no capture is running: panels show what is stored"},
		"failed": {collectorWith(document, state(`{"state":"failed","failures":[{"message":"eth0 is gone"}]}`)), backend.HealthStatusOk, "the last capture failed: eth0 is gone"},
		"token": {
			collectorWith(document, func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, 401, "token_missing") }),
			backend.HealthStatusError, "no API token is set",
		},
		"older": {
			collectorWith(`{"info":{"title":"Wireglass","version":"0.0.9"},"paths":{}}`, state(`{}`)), backend.HealthStatusError,
			"has version 0.0.9, which has no queries yet; update it",
		},
		"another program": {collectorWith(`{"info":{"title":"Shop"}}`, state(`{}`)), backend.HealthStatusError, `is "Shop", not a Wireglass collector`},
		"a web page": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, backend.HealthStatusError,
			"what listens there is no Wireglass collector",
		},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := collectorOf(t, `{}`, test.handler).CheckHealth(t.Context(), &backend.CheckHealthRequest{})
			if err != nil || result.Status != test.status || !strings.Contains(result.Message, test.words) {
				t.Errorf("%v %v", err, result)
			}
		})
	}
	for _, wrong := range []struct{ url, words string }{
		{"", "URL is empty"}, {"http://127.0.0.1:1", "connection refused; is it running"},
	} {
		result, err := source(t, wrong.url, `{}`).CheckHealth(t.Context(), &backend.CheckHealthRequest{})
		if err != nil || result.Status != backend.HealthStatusError || !strings.Contains(result.Message, wrong.words) {
			t.Errorf("%v %v", err, result)
		}
	}
	result, _ := source(t, "https://127.0.0.1:1", `{"tlsAuthWithCACert":true}`).CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if result.Status != backend.HealthStatusError {
		t.Errorf("%v", result)
	}
}
