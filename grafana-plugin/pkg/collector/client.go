// Package collector speaks with the REST API of Wireglass's service.
package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
)

const (
	apiPrefix = "/api/v1/"
	// maxAnswerBytes of an answer that is read as a whole; what is larger is refused, never cut.
	maxAnswerBytes = 64 << 20
	// userHeader names the user for whom the plugin asks, for the collector's audit log.
	userHeader   = "X-Wireglass-User"
	maxUserBytes = 256
	// unlimited for the SDK's limit of responses, which reads one byte more than it says.
	unlimited = math.MaxInt64 - 1
)

// Client of one collector. Safe for concurrent use.
type Client struct {
	base      string
	token     string
	answers   *http.Client
	downloads *http.Client
}

// New makes a client that reaches base (as settings have it) by the SDK's options: TLS, timeouts, proxy.
func New(base, token string, options httpclient.Options) (*Client, error) {
	options.ConfigureClient = func(_ httpclient.Options, client *http.Client) { client.CheckRedirect = noRedirect }
	answers, err := httpclient.New(options)
	if err != nil {
		return nil, fmt.Errorf("make the HTTP client: %w", err)
	}
	options.ConfigureClient = func(_ httpclient.Options, client *http.Client) {
		client.CheckRedirect = noRedirect
		// The timeout of http.Client includes the body: it would cut long downloads.
		client.Timeout = 0
	}
	options.ConfigureTransport = func(_ httpclient.Options, transport *http.Transport) {
		// The collector answers with the first packet that it finds, which may take long.
		transport.ResponseHeaderTimeout = 0
		// Content-Length must be that of the file.
		transport.DisableCompression = true
	}
	downloads, err := httpclient.New(options)
	if err != nil {
		return nil, fmt.Errorf("make the HTTP client for downloads: %w", err)
	}
	return &Client{base: base, token: token, answers: answers, downloads: downloads}, nil
}

// noRedirect: the collector sends none, and one from elsewhere must not lead the token away.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Base is the collector's URL.
func (client *Client) Base() string { return client.base }

// Close lets go of idle connections.
func (client *Client) Close() {
	client.answers.CloseIdleConnections()
	client.downloads.CloseIdleConnections()
}

// Request to the collector.
type Request struct {
	Method string
	// Path below /api/v1, without a slash at its beginning
	Path     string
	RawQuery string
	// Body is JSON; nil: none
	Body []byte
	// User on whose behalf, nil: nobody's
	User *backend.User
}

// Do sends a request and gives its answer, whatever its status.
func (client *Client) Do(ctx context.Context, request Request) (*http.Response, error) {
	return client.send(ctx, client.answers, request)
}

// Download is Do without a limit on how long or large the body is.
func (client *Client) Download(ctx context.Context, request Request) (*http.Response, error) {
	// Grafana's response_limit is about answers that are held in memory; downloads pass through.
	return client.send(httpclient.WithResponseLimit(ctx, unlimited), client.downloads, request)
}

func (client *Client) send(ctx context.Context, by *http.Client, request Request) (*http.Response, error) {
	target := client.base + apiPrefix + request.Path
	if request.RawQuery != "" {
		target += "?" + request.RawQuery
	}
	var body io.Reader
	if request.Body != nil {
		body = bytes.NewReader(request.Body)
	}
	out, err := http.NewRequestWithContext(ctx, request.Method, target, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", request.Method, request.Path, err)
	}
	if request.Body != nil {
		out.Header.Set("Content-Type", "application/json")
	}
	if client.token != "" {
		out.Header.Set("Authorization", "Bearer "+client.token)
	}
	if request.User != nil && request.User.Login != "" {
		out.Header.Set(userHeader, headerText(request.User.Login))
	}
	return by.Do(out)
}

// headerText is percent-encoded where a header could not carry it (RFC 9110 section 5.5).
func headerText(text string) string {
	encoded := url.PathEscape(text)
	return encoded[:min(len(encoded), maxUserBytes)]
}

// JSON sends a request and decodes its answer. A status of 400 and above is a *Problem.
func (client *Client) JSON(ctx context.Context, request Request, into any) error {
	response, err := client.Do(ctx, request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := ReadAll(response)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return ProblemOf(response, body)
	}
	if !isJSON(response) {
		return &NotCollectorError{Status: response.StatusCode, ContentType: response.Header.Get("Content-Type")}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", request.Path, err)
	}
	return nil
}

// ReadAll reads an answer that must fit into memory.
func ReadAll(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxAnswerBytes {
		return nil, &TooLargeError{LimitBytes: maxAnswerBytes}
	}
	return body, nil
}
