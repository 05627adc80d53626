package plugin_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/plugin"
)

// user of a role; an empty role is nobody.
func user(role string) *backend.User {
	if role == "" {
		return nil
	}
	return &backend.User{Login: "somebody", Role: role}
}

// scheduler is who Grafana's alert rules ask as.
var scheduler = &backend.User{Login: "grafana_scheduler", Role: "Admin"}

// source makes a data source of a URL and the rest of jsonData.
func source(t *testing.T, url, jsonData string) *plugin.DataSource {
	t.Helper()
	instance, err := plugin.New(context.Background(), backend.DataSourceInstanceSettings{
		URL: url, JSONData: []byte(jsonData), DecryptedSecureJSONData: map[string]string{"apiToken": "wg_test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	made := instance.(*plugin.DataSource)
	t.Cleanup(made.Dispose)
	return made
}

// collectorOf gives a data source whose collector answers by handler.
func collectorOf(t *testing.T, jsonData string, handler http.HandlerFunc) *plugin.DataSource {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return source(t, server.URL, jsonData)
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func writeProblem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"type":"t","title":"T","status":0,"detail":"the collector's words","code":"` + code + `"}`))
}

// called collects what a resource call sends.
type called struct {
	status  int
	headers map[string][]string
	body    []byte
	chunks  int
	err     error
}

func call(source *plugin.DataSource, request *backend.CallResourceRequest) *called {
	result := &called{}
	result.err = source.CallResource(context.Background(), request, backend.CallResourceResponseSenderFunc(
		func(response *backend.CallResourceResponse) error {
			if result.chunks == 0 {
				result.status, result.headers = response.Status, response.Headers
			}
			result.chunks++
			result.body = append(result.body, response.Body...)
			return nil
		}))
	return result
}

func (result *called) header(name string) string { return http.Header(result.headers).Get(name) }

func (result *called) code(t *testing.T) string {
	t.Helper()
	var problem struct{ Code string }
	if err := json.Unmarshal(result.body, &problem); err != nil {
		t.Fatalf("%s: %v", result.body, err)
	}
	return problem.Code
}

func resource(method, path, query string, by *backend.User, body string) *backend.CallResourceRequest {
	request := &backend.CallResourceRequest{
		PluginContext: backend.PluginContext{User: by}, Method: method, Path: path, URL: path + query,
	}
	if body != "" {
		request.Body = []byte(body)
		request.Headers = map[string][]string{"content-type": {"application/json"}}
	}
	return request
}
