package plugin

import (
	"context"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"wireglass/grafana-plugin/pkg/access"
	"wireglass/grafana-plugin/pkg/collector"
)

const (
	// ratesPath is the one channel: live rates, once a second.
	ratesPath       = "capture/metrics"
	ratesInterval   = time.Second
	ratesTimeout    = 5 * time.Second
	maxRatesBackoff = 30 * time.Second
)

// SubscribeStream is where the right to look is checked: RunStream runs once for all who look.
func (source *DataSource) SubscribeStream(_ context.Context, request *backend.SubscribeStreamRequest) (*backend.SubscribeStreamResponse, error) {
	status := backend.SubscribeStreamStatusOK
	if request.Path != ratesPath || source.fault != nil {
		status = backend.SubscribeStreamStatusNotFound
	} else if source.settings.Roles.Permit(request.PluginContext.User, access.Query) != nil {
		status = backend.SubscribeStreamStatusPermissionDenied
	}
	return &backend.SubscribeStreamResponse{Status: status}, nil
}

// PublishStream is denied: rates come from the collector only.
func (source *DataSource) PublishStream(context.Context, *backend.PublishStreamRequest) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

// RunStream sends rates until nobody looks any more. A reading that fails is a gap, and is asked for again ever more
// slowly.
func (source *DataSource) RunStream(ctx context.Context, request *backend.RunStreamRequest, sender *backend.StreamSender) error {
	if request.Path != ratesPath || source.fault != nil {
		return backend.DownstreamErrorf("there is no stream %q", request.Path)
	}
	include, wait := data.IncludeAll, ratesInterval
	for {
		reading, err := source.readRates(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			streamGaps.Inc()
			if wait == ratesInterval {
				backend.Logger.Warn("live rates are interrupted", "cause", collector.Explain(err, source.collector.Base()))
			}
			wait = min(2*wait, maxRatesBackoff)
		} else {
			wait = ratesInterval
		}
		if err := sender.SendFrame(ratesFrame(time.Now(), reading), include); err != nil {
			return err
		}
		include = data.IncludeDataOnly
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (source *DataSource) readRates(ctx context.Context) (*captureRates, error) {
	ctx, cancel := context.WithTimeout(ctx, ratesTimeout)
	defer cancel()
	var reading captureRates
	if err := source.collector.JSON(ctx, collector.Request{Method: http.MethodGet, Path: ratesPath}, &reading); err != nil {
		return nil, err
	}
	return &reading, nil
}
