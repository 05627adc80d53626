package plugin_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// leastRoles of every resource and method that the collector has; "" is reached by nobody.
var leastRoles = []struct{ method, path, least string }{
	{"GET", "capture/backends", "Viewer"},
	{"GET", "capture/status", "Viewer"},
	{"GET", "capture/metrics", "Viewer"},
	{"GET", "capture/flows", "Viewer"},
	{"GET", "query/fields", "Viewer"},
	{"GET", "query/values", "Viewer"},
	{"POST", "query/validate", "Viewer"},
	{"POST", "capture/start", "Editor"},
	{"POST", "capture/stop", "Editor"},
	{"GET", "packets", "Editor"},
	{"GET", "packets/stats", "Editor"},
	{"GET", "packets/aZ_09-x", "Editor"},
	{"GET", "packets/export", "Editor"},
	{"GET", "packets/export/preview", "Editor"},
	{"GET", "packets/download/pcap", "Editor"},
	{"GET", "packets/aZ_09-x/download/pcap", "Editor"},
	{"POST", "capture/flow/meter/enable", "Admin"},
	// QueryData checks types of query; by this way it would not.
	{"POST", "query", ""},
	{"GET", "audit", ""},
	{"POST", "capture/netflow/export/enable", ""},
	{"POST", "capture/encryption/enable", ""},
	{"GET", "openapi.json", ""},
	{"GET", "", ""},
	{"GET", "packets/a/b", ""},
	{"GET", "packets/..", ""},
	{"GET", "packets/../audit", ""},
	{"GET", "packets/%2e%2e", ""},
	{"GET", "packets/a?b", ""},
	{"GET", "capture//status", ""},
	{"GET", "CAPTURE/STATUS", ""},
	{"GET", "../../healthz", ""},
	{"GET", "packets/" + strings.Repeat("a", 101), ""},
}

var rank = map[string]int{"": 0, "None": 0, "Viewer": 1, "Editor": 2, "Admin": 3}

func TestEveryResourceAsksForItsRole(t *testing.T) {
	var reached atomic.Int64
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		writeJSON(w, 200, `{}`)
	})
	for _, route := range leastRoles {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get"} {
			for _, role := range []string{"", "None", "Viewer", "Editor", "Admin", "scheduler"} {
				who := user(role)
				level := rank[role]
				if role == "scheduler" {
					who, level = scheduler, rank["Admin"]
				}
				before := reached.Load()
				result := call(source, resource(method, route.path, "", who, "{}"))
				want := 403
				switch {
				case route.least == "":
					want = 404
				case method != route.method:
					want = 405
				case level >= rank[route.least]:
					want = 200
				}
				if result.err != nil || result.status != want || (reached.Load() > before) != (want == 200) {
					t.Errorf("%s %s as %q: %d, want %d; %v; reached %t", method, route.path, role, result.status, want,
						result.err, reached.Load() > before)
				}
			}
		}
	}
}

func TestRaisedMinimumsHoldForResources(t *testing.T) {
	source := collectorOf(t, `{"minimumRoles":{"query":"Editor","packets":"Admin"}}`, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, 200, `{}`)
	})
	for _, test := range []struct {
		path, role string
		want       int
	}{
		{"capture/status", "Viewer", 403}, {"capture/status", "Editor", 200},
		{"packets", "Editor", 403}, {"packets", "Admin", 200},
	} {
		if result := call(source, resource("GET", test.path, "", user(test.role), "")); result.status != test.want {
			t.Errorf("%s as %s: %d, want %d", test.path, test.role, result.status, test.want)
		}
	}
}
