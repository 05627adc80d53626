package plugin

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/collector"
)

const (
	maxBodyBytes  = 64 << 10
	maxQueryBytes = 16 << 10
)

// CallResource passes on what routes list, to users whose role suffices.
func (source *DataSource) CallResource(ctx context.Context, request *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	path := strings.TrimPrefix(request.Path, "/")
	found, refusal := source.admit(request, path)
	if refusal != nil {
		refusals.WithLabelValues(refusal.code).Inc()
		return sender.Send(refusal.response())
	}
	ask := collector.Request{Method: request.Method, Path: path, User: request.PluginContext.User}
	ask.RawQuery, refusal = queryOf(request)
	if refusal == nil {
		ask.Body, refusal = bodyOf(request)
	}
	if refusal != nil {
		refusals.WithLabelValues(refusal.code).Inc()
		return sender.Send(refusal.response())
	}
	do := source.collector.Do
	if found.download {
		do = source.collector.Download
	}
	// Whatever ends this call, the request to the collector ends with it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	response, err := do(ctx, ask)
	if err != nil {
		return sender.Send(source.unreachable(err).response())
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return source.passProblem(response, sender)
	}
	return relay(response, found.download, sender)
}

func (source *DataSource) admit(request *backend.CallResourceRequest, path string) (*route, *refusal) {
	if source.fault != nil {
		return nil, refuse(http.StatusServiceUnavailable, "not_configured", "data source settings: "+source.fault.Error())
	}
	found, others := findRoute(request.Method, path)
	if found == nil && len(others) == 0 {
		return nil, refuse(http.StatusNotFound, "route_not_found", fmt.Sprintf("%s %s is not reached through Grafana", request.Method, path))
	}
	if found == nil {
		return nil, refuse(http.StatusMethodNotAllowed, "method_not_allowed", fmt.Sprintf("%s answers %s, not %s", path, strings.Join(others, ", "), request.Method))
	}
	if err := source.settings.Roles.Permit(request.PluginContext.User, found.activity); err != nil {
		return nil, refuse(http.StatusForbidden, "role_insufficient", err.Error())
	}
	return found, nil
}

func queryOf(request *backend.CallResourceRequest) (string, *refusal) {
	parsed, err := url.Parse(request.URL)
	if err != nil {
		return "", refuse(http.StatusBadRequest, "bad_request", "the query string is not valid")
	}
	if len(parsed.RawQuery) > maxQueryBytes {
		return "", refuse(http.StatusRequestURITooLong, "query_too_long", fmt.Sprintf("a query string may have %d bytes", maxQueryBytes))
	}
	return parsed.RawQuery, nil
}

// bodyOf wants JSON by its media type: what a form of a foreign page can send changes nothing.
func bodyOf(request *backend.CallResourceRequest) ([]byte, *refusal) {
	if request.Method == http.MethodGet {
		return nil, nil
	}
	media, _, err := mime.ParseMediaType(request.GetHTTPHeader("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, "media_type_unsupported", "send the body as application/json")
	}
	if len(request.Body) > maxBodyBytes {
		return nil, refuse(http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf("a request body may have %d bytes", maxBodyBytes))
	}
	if request.Body == nil {
		return []byte{}, nil
	}
	return request.Body, nil
}

func (source *DataSource) unreachable(err error) *refusal {
	return refuse(http.StatusBadGateway, "collector_unreachable", collector.Explain(err, source.collector.Base()))
}

// passProblem hands on what the collector says, but for refusals of the plugin's own token: to a browser a 401 would
// mean that the user is signed out.
func (source *DataSource) passProblem(response *http.Response, sender backend.CallResourceResponseSender) error {
	body, err := collector.ReadAll(response)
	if err != nil {
		return sender.Send(source.unreachable(err).response())
	}
	told := collector.ProblemOf(response, body)
	problem, ok := errors.AsType[*collector.Problem](told)
	if !ok {
		return sender.Send(refuse(http.StatusBadGateway, "not_a_collector", collector.Explain(told, source.collector.Base())).response())
	}
	if isOfToken(problem) {
		return sender.Send(refuse(http.StatusBadGateway, problem.Code, collector.Explain(told, source.collector.Base())).response())
	}
	return sender.Send(&backend.CallResourceResponse{Status: response.StatusCode, Headers: headersOf(response, false), Body: body})
}
