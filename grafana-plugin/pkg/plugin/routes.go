package plugin

import (
	"regexp"
	"strings"

	"wireglass/grafana-plugin/pkg/access"
)

// route of the collector that may be reached through Grafana. What is not listed is refused.
type route struct {
	method string
	// path below /api/v1; {id} stands for one segment
	path     string
	activity access.Activity
	// download: of any size, as a file
	download bool
}

var routes = []route{
	{"GET", "capture/backends", access.Query, false},
	{"GET", "capture/status", access.Query, false},
	{"GET", "capture/metrics", access.Query, false},
	{"GET", "capture/flows", access.Query, false},
	{"GET", "query/fields", access.Query, false},
	{"GET", "query/values", access.Query, false},
	{"POST", "query/validate", access.Query, false},
	{"POST", "capture/start", access.Capture, false},
	{"POST", "capture/stop", access.Capture, false},
	{"POST", "capture/flow/meter/enable", access.Settings, false},
	{"GET", "packets", access.Packets, false},
	{"GET", "packets/stats", access.Packets, false},
	{"GET", "packets/export", access.Packets, true},
	{"GET", "packets/export/preview", access.Packets, false},
	{"GET", "packets/download/pcap", access.Packets, true},
	// The first match counts: names stand before what stands for any.
	{"GET", "packets/{id}", access.Packets, false},
	{"GET", "packets/{id}/download/pcap", access.Packets, true},
}

// segment is what {id} takes: no dots, slashes or escapes, so that no path leads elsewhere.
var segment = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// findRoute gives the route, or the methods that the path would take (none: there is no such path).
func findRoute(method, path string) (*route, []string) {
	var others []string
	for i := range routes {
		if !matches(routes[i].path, path) {
			continue
		}
		if routes[i].method == method {
			return &routes[i], nil
		}
		others = append(others, routes[i].method)
	}
	return nil, others
}

func matches(pattern, path string) bool {
	if pattern == path {
		return true
	}
	wanted, given := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return false
	}
	for i := range wanted {
		if wanted[i] != given[i] && (wanted[i] != "{id}" || !segment.MatchString(given[i])) {
			return false
		}
	}
	return true
}
