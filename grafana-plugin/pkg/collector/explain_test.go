package collector_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"

	"wireglass/grafana-plugin/pkg/collector"
)

// answers gives the handler of a fixed answer.
func answers(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func problem(status int, code string) http.HandlerFunc {
	return answers(status, "application/problem+json", `{"title":"T","detail":"what the collector says","code":"`+code+`"}`)
}

func TestAnswersOfFailureHaveASourceAndWords(t *testing.T) {
	const downstream, plugin = backend.ErrorSourceDownstream, backend.ErrorSourcePlugin
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		source  backend.ErrorSource
		words   string
	}{
		"no token":         {problem(401, "token_missing"), downstream, "no API token is set: make one"},
		"unknown token":    {problem(401, "token_invalid"), downstream, "does not know the API token"},
		"role of token":    {problem(403, "role_insufficient"), downstream, "the API token's role is not enough"},
		"name of host":     {problem(403, "host_not_allowed"), downstream, "use http://127.0.0.1"},
		"older collector":  {problem(404, "route_not_found"), downstream, "older than the plugin"},
		"store is down":    {problem(503, "store_failed"), downstream, "what the collector says"},
		"its own mistake":  {problem(500, "internal_error"), downstream, "what the collector says"},
		"our envelope":     {problem(400, "bad_request"), plugin, "what the collector says"},
		"our media type":   {problem(415, "media_type_unsupported"), plugin, "what the collector says"},
		"range of 1950":    {problem(400, "bad_time"), downstream, "what the collector says"},
		"a web page":       {answers(200, "text/html", "<html>"), downstream, "no Wireglass collector: it answered with status 200 and text/html"},
		"a foreign 404":    {answers(404, "text/plain", "no"), downstream, "status 404 and text/plain"},
		"a foreign 502":    {answers(502, "application/json", `{"error":"x"}`), downstream, "status 502 and application/json"},
		"damaged JSON":     {answers(200, "application/json", `{"results":`), plugin, "decode the answer to query"},
		"other JSON":       {answers(200, "application/json", `{"results":[1]}`), plugin, "decode the answer to query"},
		"cut off":          {cutOff, downstream, "before its answer was whole"},
		"closed at once":   {hangUp, downstream, "before its answer was whole"},
		"an unknown field": {answers(200, "application/json", `{"results":{},"more":1}`), plugin, "unexpected field"},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, "wg_x", test.handler)
			var answer backend.QueryDataResponse
			err := client.JSON(context.Background(), collector.Request{Method: "POST", Path: "query"}, &answer)
			verify(t, client, err, test.source, test.words)
		})
	}
}

func verify(t *testing.T, client *collector.Client, err error, source backend.ErrorSource, words string) {
	t.Helper()
	if err == nil {
		t.Fatal("it did not fail")
	}
	if got := collector.SourceOf(err); got != source {
		t.Errorf("source of %v: %s, want %s", err, got, source)
	}
	if text := collector.Explain(err, client.Base()); !strings.Contains(text, words) {
		t.Errorf("%q, want %q", text, words)
	}
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"results"`))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestConnectionsThatFailHaveWordsAndLieDownstream(t *testing.T) {
	secure := httptest.NewTLSServer(answers(200, "application/json", `{}`))
	defer secure.Close()
	mutual := httptest.NewUnstartedServer(answers(200, "application/json", `{}`))
	mutual.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	mutual.StartTLS()
	defer mutual.Close()
	plain := httptest.NewServer(answers(200, "application/json", `{}`))
	defer plain.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	listener.Close()
	trusting := httpclient.Options{TLS: &httpclient.TLSOptions{InsecureSkipVerify: true}}
	ofOtherName := httpclient.Options{ConfigureTLSConfig: func(_ httpclient.Options, config *tls.Config) {
		config.RootCAs = secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	}}
	unknown := httpclient.Options{ConfigureTransport: func(_ httpclient.Options, transport *http.Transport) {
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "wire.invalid", IsNotFound: true}
		}
	}}
	hasty := httpclient.DefaultTimeoutOptions
	hasty.Timeout = 50 * time.Millisecond

	for name, test := range map[string]struct {
		url     string
		options httpclient.Options
		words   string
	}{
		"nobody listens":     {closed, httpclient.Options{}, "connection refused; is it running"},
		"no such name":       {"http://wire.invalid", unknown, `the name "wire.invalid" is not known`},
		"unknown authority":  {secure.URL, httpclient.Options{}, "an authority that is not known here; paste its certificate"},
		"another name":       {strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), ofOtherName, "the certificate is of another name"},
		"https to http":      {strings.Replace(plain.URL, "http:", "https:", 1), trusting, "use http:// in the URL"},
		"client certificate": {mutual.URL, trusting, "switch on TLS client authentication"},
		"no answer":          {silent.URL, httpclient.Options{Timeouts: &hasty}, "no answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			client := dial(t, test.url, "", test.options)
			var answer any
			err := client.JSON(context.Background(), collector.Request{Method: "GET", Path: "capture/status"}, &answer)
			verify(t, client, err, backend.ErrorSourceDownstream, test.words)
		})
	}
}

func TestWhoCancelsIsNotAtFault(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	client := serve(t, "", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	var answer any
	err := client.JSON(ctx, collector.Request{Method: "GET", Path: "capture/status"}, &answer)
	verify(t, client, err, backend.ErrorSourceDownstream, "the request was cancelled")
}
