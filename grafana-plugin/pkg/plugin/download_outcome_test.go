package plugin_test

import (
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestDownloadsAreCountedByTheirOutcome(t *testing.T) {
	for leftOut, want := range map[string]string{"": "done", "0": "done", "2": "gaps"} {
		before := outcomes(t)
		source := collectorOf(t, `{}`, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-pcapng")
			w.Header().Set("Trailer", "X-Wireglass-Left-Out")
			_, _ = w.Write([]byte("pcapng"))
			w.Header().Set("X-Wireglass-Left-Out", leftOut)
		})
		result := call(source, resource("GET", "packets/export", "", user("Editor"), ""))
		if result.header("Content-Type") != "application/x-pcapng" || string(result.body) != "pcapng" {
			t.Errorf("%v %s", result.headers, result.body)
		}
		after := outcomes(t)
		for name, count := range after {
			expected := before[name]
			if name == want {
				expected++
			}
			if count != expected {
				t.Errorf("left out %q: %s went from %v to %v", leftOut, name, before[name], count)
			}
		}
		if after[want] == 0 {
			t.Errorf("left out %q was not counted as %s: %v", leftOut, want, after)
		}
	}
}

// outcomes of downloads so far, as Grafana collects them.
func outcomes(t *testing.T) map[string]float64 {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "wireglass_plugin_downloads_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			counts[metric.GetLabel()[0].GetValue()] = metric.GetCounter().GetValue()
		}
	}
	return counts
}
