package settings_test

import (
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/access"
	"wireglass/grafana-plugin/pkg/settings"
)

func TestLoadTakesUrlTokenAndRoles(t *testing.T) {
	got, err := settings.Load(backend.DataSourceInstanceSettings{
		URL:                     " https://wire.example:8443/behind/ ",
		JSONData:                []byte(`{"minimumRoles":{"capture":"Admin"},"tlsSkipVerify":true}`),
		DecryptedSecureJSONData: map[string]string{"apiToken": " wg_abc\n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.BaseURL != "https://wire.example:8443/behind" || got.APIToken != "wg_abc" {
		t.Errorf("%+v", got)
	}
	if got.Roles[access.Capture] != access.Admin || got.Roles[access.Packets] != access.Editor {
		t.Errorf("%v", got.Roles)
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	const good = "http://127.0.0.1:8000"
	for name, test := range map[string]struct {
		given backend.DataSourceInstanceSettings
		want  string
	}{
		"no URL":              {backend.DataSourceInstanceSettings{}, "URL is empty; expected the collector's"},
		"no scheme":           {backend.DataSourceInstanceSettings{URL: "127.0.0.1:8000"}, "URL"},
		"another scheme":      {backend.DataSourceInstanceSettings{URL: "file:///etc/passwd"}, "expected http:// or https://"},
		"no host":             {backend.DataSourceInstanceSettings{URL: "http:///x"}, "names no host"},
		"password in the URL": {backend.DataSourceInstanceSettings{URL: "http://a:b@h"}, "holds a user or password"},
		"query in the URL":    {backend.DataSourceInstanceSettings{URL: good + "?a=1"}, "nothing behind the path"},
		"damaged jsonData":    {backend.DataSourceInstanceSettings{URL: good, JSONData: []byte(`{`)}, "jsonData: "},
		"token in jsonData": {
			backend.DataSourceInstanceSettings{URL: good, JSONData: []byte(`{"apiToken":"wg_x"}`)}, "move it to secureJsonData",
		},
		"basic authentication": {
			backend.DataSourceInstanceSettings{URL: good, BasicAuthEnabled: true}, "basic authentication is on",
		},
		"token with a line break": {
			backend.DataSourceInstanceSettings{URL: good, DecryptedSecureJSONData: map[string]string{"apiToken": "a\r\nHost: b"}},
			"characters that no token has",
		},
		"role lowered": {
			backend.DataSourceInstanceSettings{URL: good, JSONData: []byte(`{"minimumRoles":{"capture":"Viewer"}}`)},
			"minimumRoles.capture",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := settings.Load(test.given)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}
