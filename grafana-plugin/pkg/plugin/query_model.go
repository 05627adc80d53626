package plugin

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/access"
)

// notForCollector are keys of a query model that are Grafana's or the editor's, or that are set anew from what the SDK
// read. `type` is a second name of queryType: with both, what is checked here could differ from what is answered there.
var notForCollector = []string{
	"datasource", "datasourceId", "hide", "key", "queryCachingTTL", "timeRange", "editor",
	"refId", "ref_id", "type", "queryType", "intervalMs", "maxDataPoints", "max_data_points",
}

// activityOf a type of query; those that are not listed are plain queries.
var activityOf = map[string]access.Activity{"packets": access.Packets}

// queryModel is a query as the collector takes it.
type queryModel struct {
	activity access.Activity
	body     map[string]any
}

func modelOf(query backend.DataQuery) (queryModel, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(query.JSON, &given); err != nil {
		return queryModel{}, fmt.Errorf("query %s: expected a JSON object: %w", query.RefID, err)
	}
	kind, err := kindOf(query, given)
	if err != nil {
		return queryModel{}, err
	}
	for _, key := range notForCollector {
		delete(given, key)
	}
	body := map[string]any{"refId": query.RefID, "queryType": kind}
	for key, value := range given {
		body[key] = value
	}
	if ms := query.Interval.Milliseconds(); ms > 0 {
		body["intervalMs"] = ms
	}
	if query.MaxDataPoints > 0 {
		body["maxDataPoints"] = query.MaxDataPoints
	}
	activity, special := activityOf[kind]
	if !special {
		activity = access.Query
	}
	return queryModel{activity: activity, body: body}, nil
}

func kindOf(query backend.DataQuery, given map[string]json.RawMessage) (string, error) {
	kind := query.QueryType
	for _, key := range []string{"queryType", "type"} {
		raw, present := given[key]
		if !present {
			continue
		}
		var named string
		if err := json.Unmarshal(raw, &named); err != nil {
			return "", fmt.Errorf("query %s: %s: expected text", query.RefID, key)
		}
		if kind == "" {
			kind = named
		}
		if named != "" && named != kind {
			return "", fmt.Errorf("query %s: it is said to be both %q and %q; expected one type", query.RefID, kind, named)
		}
	}
	if kind == "" {
		return "", fmt.Errorf("query %s: queryType is missing; expected timeseries, top, flows or another type of query", query.RefID)
	}
	return kind, nil
}
