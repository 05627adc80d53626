package plugin

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Grafana collects these and serves them at /metrics/plugins/wireglass-traffic-datasource.
var (
	downloads = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "wireglass_plugin_downloads_total",
		Help: "Downloads by outcome: done, gaps (done, but segments were left out), cut (the collector broke off), cancelled (the user did)",
	}, []string{"outcome"})
	downloadBytes = promauto.NewCounter(prometheus.CounterOpts{
		Name: "wireglass_plugin_download_bytes_total",
		Help: "Bytes of downloads handed to Grafana",
	})
	refusals = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "wireglass_plugin_refusals_total",
		Help: "Resource calls that the plugin refused, by code",
	}, []string{"code"})
	streamGaps = promauto.NewCounter(prometheus.CounterOpts{
		Name: "wireglass_plugin_stream_gaps_total",
		Help: "Readings of live rates that the collector did not give",
	})
)
