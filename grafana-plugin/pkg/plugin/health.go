package plugin

import (
	"context"
	"fmt"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/collector"
)

// apiDocument is what of the collector's OpenAPI document is looked at.
type apiDocument struct {
	Info struct {
		Title   string `json:"title"`
		Version string `json:"version"`
	} `json:"info"`
	Paths map[string]any `json:"paths"`
}

type captureStatus struct {
	State      string `json:"state"`
	Backend    string `json:"backend"`
	Interfaces []struct {
		Name string `json:"name"`
	} `json:"interfaces"`
	Failures []struct {
		Message string `json:"message"`
	} `json:"failures"`
}

// CheckHealth says whether queries work, or what stands in their way and how to change that.
func (source *DataSource) CheckHealth(ctx context.Context, request *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if source.fault != nil {
		return unhealthy(source.fault.Error()), nil
	}
	version, err := source.checkVersion(ctx)
	if err != nil {
		return unhealthy(collector.Explain(err, source.collector.Base())), nil
	}
	var status captureStatus
	ask := collector.Request{Method: http.MethodGet, Path: "capture/status", User: request.PluginContext.User}
	if err := source.collector.JSON(ctx, ask, &status); err != nil {
		return unhealthy(collector.Explain(err, source.collector.Base())), nil
	}
	message := fmt.Sprintf("Wireglass %s at %s answers; %s", version, source.collector.Base(), describe(status))
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: message}, nil
}

// checkVersion asks for what needs no token. What the collector can do decides, not its number.
func (source *DataSource) checkVersion(ctx context.Context) (string, error) {
	var document apiDocument
	if err := source.collector.JSON(ctx, collector.Request{Method: http.MethodGet, Path: "openapi.json"}, &document); err != nil {
		return "", err
	}
	if document.Info.Title != "Wireglass" {
		return "", fmt.Errorf("%s is %q, not a Wireglass collector", source.collector.Base(), document.Info.Title)
	}
	if _, found := document.Paths["/api/v1/query"]; !found {
		return "", fmt.Errorf("the collector at %s has version %s, which has no queries yet; update it", source.collector.Base(), document.Info.Version)
	}
	return document.Info.Version, nil
}

func describe(status captureStatus) string {
	switch status.State {
	case "running", "starting", "draining":
		on := ""
		for _, named := range status.Interfaces {
			if on != "" {
				on += ", "
			}
			on += named.Name
		}
		if on == "" {
			return fmt.Sprintf("a capture is %s", status.State)
		}
		return fmt.Sprintf("a capture on %s is %s", on, status.State)
	case "failed":
		if len(status.Failures) > 0 {
			return fmt.Sprintf("the last capture failed: %s", status.Failures[0].Message)
		}
		return "the last capture failed"
	}
	return "no capture is running: panels show what is stored, start one for new traffic"
}

func unhealthy(message string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: message}
}
