package plugin_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestEveryQueryAsksForItsRole(t *testing.T) {
	for _, test := range []struct {
		jsonData, kind, model, role string
		permitted                   bool
	}{
		{`{}`, "top", `{}`, "", true},
		{`{}`, "timeseries", `{}`, "scheduler", true},
		{`{}`, "top", `{}`, "None", true}, // Grafana let them query by another permission
		{`{}`, "top", `{}`, "Viewer", true},
		{`{}`, "packets", `{}`, "", false},
		{`{}`, "packets", `{}`, "Viewer", false},
		{`{}`, "packets", `{}`, "Editor", true},
		{`{}`, "packets", `{}`, "scheduler", true},
		{`{}`, "", `{"type":"packets"}`, "Viewer", false},
		{`{}`, "", `{"queryType":"packets"}`, "Viewer", false},
		{`{}`, "top", `{"type":"packets"}`, "Viewer", false},
		{`{}`, "top", `{"queryType":"packets"}`, "Viewer", false},
		{`{}`, "", `{"queryType":"top","type":"packets"}`, "Viewer", false},
		{`{}`, "", `{"queryType":"top","queryType":"packets"}`, "Viewer", false},
		{`{"minimumRoles":{"query":"Editor"}}`, "top", `{}`, "", false},
		{`{"minimumRoles":{"query":"Editor"}}`, "top", `{}`, "Viewer", false},
		{`{"minimumRoles":{"query":"Editor"}}`, "top", `{}`, "Editor", true},
		{`{"minimumRoles":{"query":"Editor"}}`, "top", `{}`, "scheduler", true},
		{`{"minimumRoles":{"packets":"Admin"}}`, "packets", `{}`, "Editor", false},
	} {
		var reached atomic.Bool
		source := collectorOf(t, test.jsonData, func(w http.ResponseWriter, r *http.Request) {
			reached.Store(true)
			for _, asked := range receive(t, r).Queries {
				if _, second := asked["type"]; second {
					t.Errorf("%v has two types", asked)
				}
			}
			writeJSON(w, 200, fmt.Sprintf(answerOf, "A"))
		})
		who := user(test.role)
		if test.role == "scheduler" {
			who = scheduler
		}
		response, err := source.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: backend.PluginContext{User: who},
			Queries:       []backend.DataQuery{query("A", test.kind, test.model, nine, ten)},
		})
		result := response.Responses["A"]
		if err != nil || reached.Load() != test.permitted || (result.Error == nil) != test.permitted {
			t.Errorf("%+v: reached %t, %v", test, reached.Load(), result.Error)
		}
		if result.Error != nil && result.ErrorSource != backend.ErrorSourceDownstream {
			t.Errorf("%+v: %s", test, result.ErrorSource)
		}
	}
}
