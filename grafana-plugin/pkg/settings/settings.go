// Package settings reads what Grafana stores of a data source.
package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/access"
)

// Settings of one data source, checked.
type Settings struct {
	// BaseURL of the collector, without a slash at its end.
	BaseURL string
	// APIToken of the collector; only ever in secureJsonData.
	APIToken string
	// Roles that each activity asks for.
	Roles access.Minimums
}

// stored is what of jsonData is ours; the SDK reads the rest (TLS, timeouts) by itself.
type stored struct {
	APIToken     *string           `json:"apiToken"`
	MinimumRoles map[string]string `json:"minimumRoles"`
}

// tokenForm is what a header can carry (RFC 6750 section 2.1).
var tokenForm = regexp.MustCompile(`^[\w.~+/-]{1,200}=*$`)

// Load reads settings. Its errors say which one is wrong and what was expected.
func Load(from backend.DataSourceInstanceSettings) (Settings, error) {
	base, err := baseURL(from.URL)
	if err != nil {
		return Settings{}, err
	}
	var own stored
	if raw := bytes.TrimSpace(from.JSONData); len(raw) > 0 {
		if err := json.Unmarshal(raw, &own); err != nil {
			return Settings{}, fmt.Errorf("jsonData: %w", err)
		}
	}
	if own.APIToken != nil {
		return Settings{}, fmt.Errorf("jsonData has apiToken, which every viewer can read there: move it to secureJsonData and replace the token")
	}
	if from.BasicAuthEnabled || from.User != "" {
		return Settings{}, fmt.Errorf("basic authentication is on: it would replace the token in the Authorization header; switch it off")
	}
	token := strings.TrimSpace(from.DecryptedSecureJSONData["apiToken"])
	if token != "" && !tokenForm.MatchString(token) {
		return Settings{}, fmt.Errorf("API token: it has characters that no token has; paste what `wireglass token new` printed")
	}
	roles, err := access.NewMinimums(own.MinimumRoles)
	if err != nil {
		return Settings{}, err
	}
	return Settings{BaseURL: base, APIToken: token, Roles: roles}, nil
}

func baseURL(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fmt.Errorf("URL is empty; expected the collector's, such as http://127.0.0.1:8000")
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("URL: %w", err)
	}
	switch {
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return "", fmt.Errorf("URL %q: expected http:// or https:// at its beginning", text)
	case parsed.Hostname() == "":
		return "", fmt.Errorf("URL %q names no host", text)
	case parsed.User != nil:
		return "", fmt.Errorf("URL holds a user or password, which every viewer can read there; the token is all that the collector asks for")
	case parsed.RawQuery != "" || parsed.Fragment != "":
		return "", fmt.Errorf("URL %q: expected nothing behind the path", text)
	}
	return strings.TrimRight(parsed.String(), "/"), nil
}
