package frames

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

const goldens = "../../../test/goldens/query"

func decode(t *testing.T, name string) *backend.QueryDataResponse {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(goldens, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := Decode(body)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return response
}

func field(t *testing.T, frame *data.Frame, name string) *data.Field {
	t.Helper()
	found, _ := frame.FieldByName(name)
	if found == nil {
		t.Fatalf("frame %s has no field %s", frame.Name, name)
	}
	return found
}

func TestEveryAnswerDecodes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(goldens, "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d goldens, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for refID, answer := range decode(t, name).Responses {
			for _, frame := range answer.Frames {
				if frame.RefID != refID {
					t.Errorf("%s: frame %s has refId %q, not %q", name, frame.Name, frame.RefID, refID)
				}
				if _, err := frame.RowLen(); err != nil {
					t.Errorf("%s: frame %s: %v", name, frame.Name, err)
				}
			}
			if name != "errors" && answer.Error != nil {
				t.Errorf("%s: %v", name, answer.Error)
			}
		}
	}
}

func TestAlertRulesTake(t *testing.T) {
	for _, name := range []string{
		"timeseries-total", "timeseries-grouped", "timeseries-statistic", "timeseries-metrics", "timeseries-empty",
		"top-numeric", "capture-health",
	} {
		for refID, answer := range decode(t, name).Responses {
			if err := CheckAlertShape(answer.Frames); err != nil {
				t.Errorf("%s %s: %v", name, refID, err)
			}
		}
	}
}

func TestAlertRulesRefuse(t *testing.T) {
	for _, name := range []string{"top-table", "flows", "topology", "packets"} {
		for refID, answer := range decode(t, name).Responses {
			if CheckAlertShape(answer.Frames) == nil {
				t.Errorf("%s %s has the shape of an alert", name, refID)
			}
		}
	}
	number := data.NewField("value", nil, []float64{1, 2})
	typed := &data.FrameMeta{Type: data.FrameTypeTimeSeriesMulti, TypeVersion: data.FrameTypeVersion{0, 1}}
	now := time.Unix(1_700_000_000, 0)
	for name, frame := range map[string]*data.Frame{
		"untyped":        data.NewFrame("", number),
		"unversioned":    data.NewFrame("", number).SetMeta(&data.FrameMeta{Type: data.FrameTypeNumericLong}),
		"long":           data.NewFrame("", data.NewField("time", nil, []time.Time{now, now}), number, data.NewField("text", nil, []string{"a", "b"})).SetMeta(typed),
		"times backward": data.NewFrame("", data.NewField("time", nil, []time.Time{now.Add(time.Second), now}), number).SetMeta(typed),
	} {
		if CheckAlertShape(data.Frames{frame}) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestValuesComeThrough(t *testing.T) {
	flows := decode(t, "flows").Responses["A"].Frames[0]
	if id := *field(t, flows, "flow_id").At(0).(*string); id != "18446744073709000023" {
		t.Errorf("flow_id is %s", id)
	}
	start := *field(t, flows, "start").At(0).(*time.Time)
	if start.UnixNano()%1_000_000 != 123_456 {
		t.Errorf("start lost its nanoseconds: %d", start.UnixNano())
	}
	if bytes := *field(t, flows, "bytes").At(0).(*float64); bytes != 23_000 {
		t.Errorf("bytes is %v", bytes)
	}
	total := decode(t, "timeseries-total").Responses["A"].Frames[0]
	if unit := field(t, total, "bits_per_second").Config.Unit; unit != "bps" {
		t.Errorf("unit is %q", unit)
	}
	grouped := decode(t, "timeseries-grouped").Responses["A"].Frames
	last := field(t, grouped[len(grouped)-1], "total_bytes")
	if last.Labels["src_addr"] != "other" || last.Labels["dst_port"] != "other" {
		t.Errorf("the rest has the labels %v", last.Labels)
	}
	statistic := decode(t, "timeseries-statistic").Responses["A"].Frames[0]
	if value := field(t, statistic, "p95(tcp_rtt_us)").At(1).(*float64); value != nil {
		t.Errorf("an interval without a value has %v", *value)
	}
	nodes := decode(t, "topology").Responses["A"].Frames[0]
	if nodes.Meta.PreferredVisualization != data.VisTypeNodeGraph || nodes.Name != "nodes" {
		t.Errorf("nodes are shown as %q", nodes.Meta.PreferredVisualization)
	}
	captures := decode(t, "captures").Responses["A"].Frames[0]
	if end := field(t, captures, "end").At(0).(*time.Time); end != nil {
		t.Errorf("a running capture ends at %v", end)
	}
}

func TestErrorsStayWithTheirQuery(t *testing.T) {
	responses := decode(t, "errors").Responses
	if responses["A"].Error != nil || responses["A"].Status != http.StatusOK {
		t.Errorf("A: %v", responses["A"].Error)
	}
	for _, refID := range []string{"B", "C"} {
		answer := responses[refID]
		if answer.Error == nil || answer.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d, error %v", refID, answer.Status, answer.Error)
		}
		if answer.ErrorSource != backend.ErrorSourceDownstream {
			t.Errorf("%s: source %s", refID, answer.ErrorSource)
		}
	}
}

func TestNoAnswerIsAnError(t *testing.T) {
	for _, body := range []string{"", "[]", `{"results":{"A":{"rows":[]}}}`, `{"error":"x"}`} {
		if _, err := Decode([]byte(body)); err == nil {
			t.Errorf("%q is decoded", body)
		}
	}
}
