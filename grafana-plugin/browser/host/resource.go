package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// queryOf reads a query as Grafana does: what the SDK knows of it, and the whole of it as JSON.
func queryOf(raw json.RawMessage, from, to string) (backend.DataQuery, error) {
	var known struct {
		RefID         string `json:"refId"`
		QueryType     string `json:"queryType"`
		IntervalMs    int64  `json:"intervalMs"`
		MaxDataPoints int64  `json:"maxDataPoints"`
	}
	begin, errFrom := strconv.ParseInt(from, 10, 64)
	end, errTo := strconv.ParseInt(to, 10, 64)
	if err := errors.Join(json.Unmarshal(raw, &known), errFrom, errTo); err != nil {
		return backend.DataQuery{}, err
	}
	return backend.DataQuery{
		RefID: known.RefID, QueryType: known.QueryType, MaxDataPoints: known.MaxDataPoints, JSON: raw,
		Interval:  time.Duration(known.IntervalMs) * time.Millisecond,
		TimeRange: backend.TimeRange{From: time.UnixMilli(begin), To: time.UnixMilli(end)},
	}, nil
}

// resource streams a resource call: headers of the first message, and each message flushed, as Grafana does.
func (s *server) resource(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(r.URL.Path, "/resources/")
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	stream, err := s.plugin.resource.CallResource(r.Context(), backend.ToProto().CallResourceRequest(&backend.CallResourceRequest{
		PluginContext: s.context(r), Path: path, Method: r.Method, URL: path + "?" + r.URL.RawQuery, Headers: r.Header, Body: body,
	}))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for first := true; ; first = false {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			if first {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_ = json.NewEncoder(w).Encode(map[string]string{"message": err.Error()})
			return
		}
		chunk := backend.FromProto().CallResourceResponse(message)
		if first {
			for name, values := range chunk.Headers {
				w.Header()[name] = values
			}
			w.Header().Set("Content-Security-Policy", "sandbox")
			w.WriteHeader(chunk.Status)
		}
		if _, err := w.Write(chunk.Body); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}
