package plugin

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// captureRates is what of GET /capture/metrics is streamed.
type captureRates struct {
	Rates struct {
		PacketsPerSecond float64 `json:"packets_per_s"`
		BitsPerSecond    float64 `json:"bits_per_s"`
		DroppedPerSecond float64 `json:"dropped_packets_per_s"`
		RecordsPerSecond float64 `json:"records_per_s"`
	} `json:"rates"`
	Loss struct {
		Kernel    float64 `json:"kernel_packets"`
		Interface float64 `json:"interface_packets"`
		Refused   float64 `json:"refused_packets"`
		Disk      float64 `json:"disk_packets"`
		Records   float64 `json:"records"`
	} `json:"loss"`
}

// rateColumns of the frame: name, unit in Grafana, where it is found. Names are those of POST /query where it has them.
var rateColumns = []struct {
	name, unit string
	value      func(*captureRates) float64
}{
	{"packets_per_second", "pps", func(r *captureRates) float64 { return r.Rates.PacketsPerSecond }},
	{"bits_per_second", "bps", func(r *captureRates) float64 { return r.Rates.BitsPerSecond }},
	{"dropped_packets_per_second", "pps", func(r *captureRates) float64 { return r.Rates.DroppedPerSecond }},
	{"records_per_second", "wps", func(r *captureRates) float64 { return r.Rates.RecordsPerSecond }},
	{"lost_kernel_packets", "short", func(r *captureRates) float64 { return r.Loss.Kernel }},
	{"lost_interface_packets", "short", func(r *captureRates) float64 { return r.Loss.Interface }},
	{"refused_packets", "short", func(r *captureRates) float64 { return r.Loss.Refused }},
	{"lost_disk_packets", "short", func(r *captureRates) float64 { return r.Loss.Disk }},
	{"lost_records", "short", func(r *captureRates) float64 { return r.Loss.Records }},
}

// ratesFrame has one row; without a reading its values are null, which panels show as a gap.
func ratesFrame(at time.Time, reading *captureRates) *data.Frame {
	frame := data.NewFrame("capture", data.NewField("time", nil, []time.Time{at}))
	for _, column := range rateColumns {
		var value *float64
		if reading != nil {
			number := column.value(reading)
			value = &number
		}
		field := data.NewField(column.name, nil, []*float64{value})
		frame.Fields = append(frame.Fields, field.SetConfig(&data.FieldConfig{Unit: column.unit}))
	}
	return frame
}
