package plugin

import (
	"encoding/json"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// refusal is a problem of the plugin's own, in the collector's form (RFC 9457).
type refusal struct {
	status int
	code   string
	detail string
}

func refuse(status int, code, detail string) *refusal { return &refusal{status, code, detail} }

func (refused *refusal) response() *backend.CallResourceResponse {
	// Grafana shows `message` of a failed call.
	body, err := json.Marshal(map[string]any{
		"type": "urn:wireglass:problem:" + refused.code, "title": http.StatusText(refused.status),
		"status": refused.status, "code": refused.code, "detail": refused.detail, "message": refused.detail,
	})
	if err != nil {
		body = []byte(`{}`)
	}
	return &backend.CallResourceResponse{
		Status:  refused.status,
		Headers: map[string][]string{"Content-Type": {"application/problem+json"}, "Cache-Control": {"no-store"}},
		Body:    body,
	}
}
