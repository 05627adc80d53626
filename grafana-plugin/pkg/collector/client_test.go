package collector_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"

	"wireglass/grafana-plugin/pkg/collector"
)

// serve gives a client of an HTTP server that answers by handler.
func serve(t *testing.T, token string, handler http.HandlerFunc) *collector.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return dial(t, server.URL, token, httpclient.Options{})
}

func dial(t *testing.T, url, token string, options httpclient.Options) *collector.Client {
	t.Helper()
	client, err := collector.New(url, token, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestRequestsCarryTokenUserAndBody(t *testing.T) {
	var got *http.Request
	var body []byte
	client := serve(t, "wg_secret", func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"ok":true}`))
	})
	var answer struct{ OK bool }
	err := client.JSON(context.Background(), collector.Request{
		Method: "POST", Path: "query/validate", RawQuery: "a=b%20c", Body: []byte(`{"filter":"x"}`),
		User: &backend.User{Login: "jürgen\r\nX: y"},
	}, &answer)
	if err != nil || !answer.OK {
		t.Fatal(err, answer)
	}
	if got.URL.String() != "/api/v1/query/validate?a=b%20c" || string(body) != `{"filter":"x"}` {
		t.Errorf("%s %s", got.URL, body)
	}
	for name, want := range map[string]string{
		"Authorization":    "Bearer wg_secret",
		"Content-Type":     "application/json",
		"X-Wireglass-User": "j%C3%BCrgen%0D%0AX:%20y",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

func TestNoTokenAndNoUserSendNoHeaders(t *testing.T) {
	client := serve(t, "", func(w http.ResponseWriter, r *http.Request) {
		if _, sent := r.Header["Authorization"]; sent || r.Header.Get("X-Wireglass-User") != "" {
			t.Errorf("%v", r.Header)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	response, err := client.Do(context.Background(), collector.Request{Method: "GET", Path: "capture/status"})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

func TestTheTokenDoesNotFollowARedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	client := serve(t, "wg_secret", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	var answer any
	err := client.JSON(context.Background(), collector.Request{Method: "GET", Path: "capture/status"}, &answer)
	if _, ok := errors.AsType[*collector.NotCollectorError](err); !ok {
		t.Errorf("%v", err)
	}
}

func TestAnswersThatDoNotFitIntoMemoryAreRefused(t *testing.T) {
	client := serve(t, "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		block := []byte(strings.Repeat(" ", 1<<20))
		for range 65 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	var answer any
	err := client.JSON(context.Background(), collector.Request{Method: "GET", Path: "query/fields"}, &answer)
	if err == nil || err.Error() != "the answer has more than 64 MiB; ask for fewer rows, series or points" {
		t.Errorf("%v", err)
	}
}
