// Package plugin answers what Grafana asks of a data source, by asking the collector.
package plugin

import (
	"context"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"wireglass/grafana-plugin/pkg/collector"
	"wireglass/grafana-plugin/pkg/settings"
)

// ID as plugin.json has it.
const ID = "wireglass-traffic-datasource"

// DataSource is one configured data source; the SDK makes a new one whenever its settings change.
type DataSource struct {
	settings  settings.Settings
	collector *collector.Client
	// fault of the settings; with one, nothing else is set
	fault error
}

var (
	_ backend.QueryDataHandler      = (*DataSource)(nil)
	_ backend.CheckHealthHandler    = (*DataSource)(nil)
	_ backend.CallResourceHandler   = (*DataSource)(nil)
	_ backend.StreamHandler         = (*DataSource)(nil)
	_ instancemgmt.InstanceDisposer = (*DataSource)(nil)
)

// New never fails: what is wrong with the settings is told to who tests them, in words.
func New(ctx context.Context, from backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	read, err := settings.Load(from)
	if err != nil {
		return &DataSource{fault: err}, nil
	}
	options, err := from.HTTPClientOptions(ctx)
	if err != nil {
		return &DataSource{fault: fmt.Errorf("connection options: %w", err)}, nil
	}
	client, err := collector.New(read.BaseURL, read.APIToken, options)
	if err != nil {
		return &DataSource{fault: err}, nil
	}
	return &DataSource{settings: read, collector: client}, nil
}

// Dispose ends what the instance holds.
func (source *DataSource) Dispose() {
	if source.collector != nil {
		source.collector.Close()
	}
}
