package plugin_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// wait until ctx ends or some milliseconds have passed.
func wait(ctx context.Context, milliseconds int) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(milliseconds) * time.Millisecond):
	}
}

type packets func(*backend.StreamPacket) error

func (send packets) Send(packet *backend.StreamPacket) error { return send(packet) }

const reading = `{"rates":{"interval_ms":1000,"packets_per_s":10,"bits_per_s":8000,"dropped_packets_per_s":1,"records_per_s":2},
"loss":{"kernel_packets":3,"interface_packets":4,"refused_packets":5,"disk_packets":6,"records":7}}`

func TestRatesStreamOnAcrossAGap(t *testing.T) {
	var asked atomic.Int64
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/capture/metrics" {
			t.Error(r.URL)
		}
		if asked.Add(1) == 2 {
			writeProblem(w, 503, "shutting_down")
			return
		}
		writeJSON(w, 200, reading)
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var frames []string
	sender := backend.NewStreamSender(backend.StreamPacketSender(packets(func(packet *backend.StreamPacket) error {
		frames = append(frames, string(packet.Data))
		if len(frames) == 3 {
			cancel()
		}
		return nil
	})))
	err := source.RunStream(ctx, &backend.RunStreamRequest{Path: "capture/metrics"}, sender)
	if !errors.Is(err, context.Canceled) || len(frames) != 3 {
		t.Fatal(err, frames)
	}
	var first struct {
		Schema struct{ Fields []struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(frames[0]), &first); err != nil || len(first.Schema.Fields) != 10 || first.Schema.Fields[2].Name != "bits_per_second" {
		t.Errorf("%s", frames[0])
	}
	for i, want := range []string{"10 8000 1 2 3 4 5 6 7", "", "10 8000 1 2 3 4 5 6 7"} {
		verifyRow(t, frames[i], want)
	}
}

// verifyRow compares a frame's values behind the time; empty: all are null.
func verifyRow(t *testing.T, frame, want string) {
	t.Helper()
	var row struct{ Data struct{ Values [][]*float64 } }
	if err := json.Unmarshal([]byte(frame), &row); err != nil || len(row.Data.Values) != 10 {
		t.Fatalf("%s: %v", frame, err)
	}
	got := ""
	for _, column := range row.Data.Values[1:] {
		if column[0] != nil {
			text, _ := json.Marshal(*column[0])
			got += " " + string(text)
		}
	}
	if got != "" {
		got = got[1:]
	}
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSubscribersNeedARoleAndPublishersAreDenied(t *testing.T) {
	source := collectorOf(t, `{"minimumRoles":{"query":"Editor"}}`, func(http.ResponseWriter, *http.Request) {})
	const ok, missing, denied = backend.SubscribeStreamStatusOK, backend.SubscribeStreamStatusNotFound, backend.SubscribeStreamStatusPermissionDenied
	for _, test := range []struct {
		path, role string
		want       backend.SubscribeStreamStatus
	}{
		{"capture/metrics", "", denied}, {"capture/metrics", "Viewer", denied}, {"capture/metrics", "Editor", ok},
		{"capture/status", "Admin", missing}, {"", "Admin", missing},
	} {
		response, err := source.SubscribeStream(t.Context(), &backend.SubscribeStreamRequest{
			PluginContext: backend.PluginContext{User: user(test.role)}, Path: test.path,
		})
		if err != nil || response.Status != test.want {
			t.Errorf("%+v: %v %v", test, response, err)
		}
	}
	response, err := source.PublishStream(t.Context(), &backend.PublishStreamRequest{Path: "capture/metrics"})
	if err != nil || response.Status != backend.PublishStreamStatusPermissionDenied {
		t.Error(response, err)
	}
	if err := source.RunStream(t.Context(), &backend.RunStreamRequest{Path: "other"}, nil); err == nil {
		t.Error("a stream that is none ran")
	}
}
