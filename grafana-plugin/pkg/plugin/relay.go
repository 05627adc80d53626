package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// chunkBytes of an answer that are held at a time.
const chunkBytes = 256 << 10

// relay sends an answer on chunk by chunk. Grafana takes status and headers from the first.
func relay(response *http.Response, download bool, sender backend.CallResourceResponseSender) error {
	next := &backend.CallResourceResponse{Status: response.StatusCode, Headers: headersOf(response, download)}
	for first := true; ; first = false {
		chunk, readErr := readChunk(response.Body)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return cut(response, download, first, readErr, sender)
		}
		if len(chunk) > 0 || first {
			next.Body = chunk
			if err := sender.Send(next); err != nil {
				count(download, "cancelled")
				return fmt.Errorf("send to Grafana: %w", err)
			}
			if download {
				downloadBytes.Add(float64(len(chunk)))
			}
			next = &backend.CallResourceResponse{Status: response.StatusCode}
		}
		if readErr != nil {
			count(download, outcomeOf(response))
			return nil
		}
	}
}

// outcomeOf a download that came to its end: the collector tells in a trailer, which browsers do not show, how many
// segments it could not read.
func outcomeOf(response *http.Response) string {
	left := response.Trailer.Get("X-Wireglass-Left-Out")
	if left == "" || left == "0" {
		return "done"
	}
	backend.Logger.Warn("a download lacks packets", "path", response.Request.URL.Path, "segments_left_out", left)
	return "gaps"
}

// readChunk fills a chunk of its own (gRPC may keep it after Send) or says why it could not.
func readChunk(body io.Reader) ([]byte, error) {
	chunk := make([]byte, chunkBytes)
	filled := 0
	for filled < len(chunk) {
		n, err := body.Read(chunk[filled:])
		filled += n
		if err != nil {
			return chunk[:filled], err
		}
	}
	return chunk, nil
}

// cut ends an answer that the collector did not finish, so that nobody takes the part for the whole. Before the first
// chunk there can be a proper error. Behind it Grafana would append an error's text to the file: with a Content-Length
// the missing bytes tell enough and the text could fill them up, so there is none; without, the text damages the file,
// which every reader notices, where a plain end would look whole.
func cut(response *http.Response, download, first bool, cause error, sender backend.CallResourceResponseSender) error {
	outcome := "cut"
	if errors.Is(cause, context.Canceled) {
		outcome = "cancelled"
	}
	count(download, outcome)
	if first {
		detail := fmt.Sprintf("the collector broke off its answer: %s", cause)
		return sender.Send(refuse(http.StatusBadGateway, "collector_unreachable", detail).response())
	}
	backend.Logger.Error("the collector broke off an answer", "path", response.Request.URL.Path, "cause", cause)
	if response.ContentLength >= 0 {
		return nil
	}
	return backend.DownstreamErrorf("the collector broke off its answer, the file is not whole: %w", cause)
}

func count(download bool, outcome string) {
	if download {
		downloads.WithLabelValues(outcome).Inc()
	}
}
