package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// server answers what the plugin asks of Grafana. Header X-Role is the role of who asks.
type server struct {
	plugin   *plugin
	mutex    sync.Mutex
	settings backend.DataSourceInstanceSettings
}

func newServer(plugin *plugin, dist, page string) http.Handler {
	s := &server{plugin: plugin, settings: backend.DataSourceInstanceSettings{ID: 1, UID: "wireglass", Name: "Wireglass", JSONData: []byte("{}")}}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /host/settings", s.putSettings)
	mux.HandleFunc("POST /api/ds/query", s.query)
	mux.HandleFunc("GET /api/datasources/uid/wireglass/health", s.health)
	mux.HandleFunc("/api/datasources/uid/wireglass/resources/", s.resource)
	mux.Handle("/public/plugins/wireglass-traffic-app/", http.StripPrefix("/public/plugins/wireglass-traffic-app/", http.FileServer(http.Dir(dist))))
	mux.Handle("/", http.FileServer(http.Dir(page)))
	return mux
}

func (s *server) context(r *http.Request) backend.PluginContext {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	settings := s.settings
	role := r.Header.Get("X-Role")
	if cookie, err := r.Cookie("role"); err == nil {
		role = cookie.Value
	}
	if role == "" {
		role = "Admin"
	}
	return backend.PluginContext{
		OrgID: 1, PluginID: "wireglass-traffic-datasource", DataSourceInstanceSettings: &settings,
		User: &backend.User{Login: "browser", Role: role},
	}
}

// putSettings takes what the config editor made, secrets included.
func (s *server) putSettings(w http.ResponseWriter, r *http.Request) {
	var given struct {
		URL            string            `json:"url"`
		JSONData       json.RawMessage   `json:"jsonData"`
		SecureJSONData map[string]string `json:"secureJsonData"`
	}
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.settings.URL, s.settings.JSONData, s.settings.DecryptedSecureJSONData = given.URL, given.JSONData, given.SecureJSONData
	s.settings.Updated = time.Now()
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) query(w http.ResponseWriter, r *http.Request) {
	var given struct {
		From, To string
		Queries  []json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request := &backend.QueryDataRequest{PluginContext: s.context(r)}
	for _, raw := range given.Queries {
		query, err := queryOf(raw, given.From, given.To)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request.Queries = append(request.Queries, query)
	}
	answer, err := s.plugin.data.QueryData(r.Context(), backend.ToProto().QueryDataRequest(request))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	response, err := backend.FromProto().QueryDataResponse(answer)
	writeJSON(w, response, err)
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	answer, err := s.plugin.diagnostics.CheckHealth(r.Context(), &pluginv2.CheckHealthRequest{
		PluginContext: backend.ToProto().PluginContext(s.context(r)),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	status := "ERROR"
	if answer.GetStatus() == pluginv2.CheckHealthResponse_OK {
		status = "OK"
	}
	writeJSON(w, map[string]string{"status": status, "message": answer.GetMessage()}, nil)
}

func writeJSON(w http.ResponseWriter, value any, err error) {
	var body []byte
	if err == nil {
		body, err = json.Marshal(value)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}
