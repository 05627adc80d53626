package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/access"
	"wireglass/grafana-plugin/pkg/collector"
)

// maxConcurrentQueries of one request; the collector bounds how many run there.
const maxConcurrentQueries = 4

// QueryData hands each query with its own time range to the collector; what is wrong with one does not touch the others.
func (source *DataSource) QueryData(ctx context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	var mutex sync.Mutex
	var running sync.WaitGroup
	slots := make(chan struct{}, maxConcurrentQueries)
	for _, query := range request.Queries {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			result := source.guarded(ctx, request.PluginContext.User, query)
			mutex.Lock()
			defer mutex.Unlock()
			response.Responses[query.RefID] = result
		})
	}
	running.Wait()
	return response, nil
}

// guarded: the SDK catches panics of its own goroutines only; one here would end the plugin for everybody.
func (source *DataSource) guarded(ctx context.Context, user *backend.User, query backend.DataQuery) (result backend.DataResponse) {
	defer func() {
		if cause := recover(); cause != nil {
			backend.Logger.Error("a query panicked", "cause", cause, "stack", string(debug.Stack()))
			result = failed(backend.ErrorSourcePlugin, backend.StatusInternal, errors.New("the plugin failed to read the collector's answer; its log says why"))
		}
	}()
	return source.query(ctx, user, query)
}

func (source *DataSource) query(ctx context.Context, user *backend.User, query backend.DataQuery) backend.DataResponse {
	if source.fault != nil {
		return failed(backend.ErrorSourceDownstream, backend.StatusBadRequest, fmt.Errorf("data source settings: %w", source.fault))
	}
	model, err := modelOf(query)
	if err != nil {
		return failed(backend.ErrorSourceDownstream, backend.StatusBadRequest, err)
	}
	if err := source.permitQuery(user, model.activity); err != nil {
		return failed(backend.ErrorSourceDownstream, backend.StatusForbidden, err)
	}
	body, err := json.Marshal(map[string]any{
		"from":    query.TimeRange.From.UTC().Format(time.RFC3339Nano),
		"to":      query.TimeRange.To.UTC().Format(time.RFC3339Nano),
		"queries": []any{model.body},
	})
	if err != nil {
		return failed(backend.ErrorSourcePlugin, backend.StatusInternal, err)
	}
	var answer backend.QueryDataResponse
	err = source.collector.JSON(ctx, collector.Request{Method: "POST", Path: "query", Body: body, User: user}, &answer)
	if err != nil {
		return failed(collector.SourceOf(err), statusOf(err), errors.New(collector.Explain(err, source.collector.Base())))
	}
	result, found := answer.Responses[query.RefID]
	if !found {
		return failed(backend.ErrorSourcePlugin, backend.StatusInternal, fmt.Errorf("the collector's answer has no result for query %s", query.RefID))
	}
	if result.Error != nil && !result.ErrorSource.IsValid() {
		result.ErrorSource = backend.ErrorSourceDownstream
	}
	return result
}

// permitQuery: Grafana has checked who may query, and alert rules and public dashboards may come without a user; what
// goes beyond that is checked here.
func (source *DataSource) permitQuery(user *backend.User, activity access.Activity) error {
	if activity == access.Query && source.settings.Roles[access.Query] <= access.Viewer {
		return nil
	}
	return source.settings.Roles.Permit(user, activity)
}

func failed(from backend.ErrorSource, status backend.Status, err error) backend.DataResponse {
	return backend.DataResponse{Error: err, ErrorSource: from, Status: status}
}

// statusOf keeps a problem's status, except those that would tell the user that they themselves are not signed in.
func statusOf(err error) backend.Status {
	if problem, ok := errors.AsType[*collector.Problem](err); ok && !isOfToken(problem) {
		return backend.Status(problem.Status)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return backend.StatusTimeout
	}
	if collector.SourceOf(err) == backend.ErrorSourcePlugin {
		return backend.StatusInternal
	}
	return backend.StatusBadGateway
}

// isOfToken: the collector refuses the plugin, not the user.
func isOfToken(problem *collector.Problem) bool {
	switch problem.Code {
	case "token_missing", "token_invalid", "role_insufficient", "host_not_allowed":
		return true
	}
	return false
}
