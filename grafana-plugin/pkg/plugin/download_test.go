package plugin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const (
	pcapType  = "application/vnd.tcpdump.pcap"
	blockSize = 1 << 20
)

// pcapOf sends blocks of a megabyte, each filled with its number, and breaks off where told (−1: nowhere).
func pcapOf(blocks, breakOff int, withLength bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", pcapType)
		w.Header().Set("Content-Disposition", `attachment; filename="packets_20261125_170000.pcap"`)
		w.Header().Set("X-Wireglass-Packets", "42")
		if withLength {
			w.Header().Set("Content-Length", fmt.Sprint(blocks*blockSize))
		}
		for i := range blocks {
			if i == breakOff {
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
			block := bytes.Repeat([]byte{byte(i)}, blockSize)
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
}

func TestTwoGigabytesPassInBoundedMemory(t *testing.T) {
	const blocks, most = 2048, 64 << 20
	source := collectorOf(t, `{}`, pcapOf(blocks, -1, true))
	var passed int64
	var peak uint64
	var length string
	err := source.CallResource(t.Context(), resource("GET", "packets/download/pcap", "?count=100", user("Editor"), ""),
		backend.CallResourceResponseSenderFunc(func(response *backend.CallResourceResponse) error {
			if passed == 0 {
				length = http.Header(response.Headers).Get("Content-Length")
			} else if response.Headers != nil {
				t.Error("headers came twice")
			}
			for offset := 0; offset < len(response.Body); offset += 4096 {
				if want := byte((passed + int64(offset)) / blockSize); response.Body[offset] != want {
					return fmt.Errorf("byte %d is %d, not %d", passed+int64(offset), response.Body[offset], want)
				}
			}
			passed += int64(len(response.Body))
			if passed%(64*blockSize) == 0 {
				var memory runtime.MemStats
				runtime.ReadMemStats(&memory)
				peak = max(peak, memory.HeapInuse+memory.StackInuse)
			}
			return nil
		}))
	if err != nil || passed != blocks*blockSize || length != fmt.Sprint(blocks*blockSize) {
		t.Fatalf("%d bytes of %s: %v", passed, length, err)
	}
	if peak == 0 || peak > most {
		t.Errorf("memory in use: %d MiB, at most %d MiB were expected", peak>>20, most>>20)
	}
}

func TestADownloadIsAnAttachmentWithASafeName(t *testing.T) {
	for given, want := range map[string]string{
		`attachment; filename="lisp_packet_7.pcap"`:       "lisp_packet_7.pcap",
		`attachment; filename="../../etc/passwd"`:         "passwd",
		`attachment; filename="a b\"; x=\"y.pcap"`:        "a_b_x_y.pcap",
		`attachment; filename*=UTF-8''%C3%A4%0D%0Ab.pcap`: "_b.pcap",
		`attachment; filename=".bashrc"`:                  "packets",
		`inline`:                                          "packets",
		``:                                                "packets",
		`attachment; filename="` + strings.Repeat("a", 300) + `"`: strings.Repeat("a", 120),
	} {
		source := collectorOf(t, `{}`, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", pcapType)
			w.Header().Set("X-Wireglass-Packets", "1\r\nX: y")
			w.Header().Set("Content-Disposition", given)
			_, _ = w.Write([]byte("pcap"))
		})
		result := call(source, resource("GET", "packets/x/download/pcap", "", user("Editor"), ""))
		if got := result.header("Content-Disposition"); got != `attachment; filename="`+want+`"` {
			t.Errorf("%s: %s", given, got)
		}
		if result.header("Content-Type") != pcapType || result.header("X-Wireglass-Packets") != "" || result.header("Content-Length") != "4" {
			t.Errorf("%v", result.headers)
		}
	}
}

func TestACollectorThatDiesInTheMiddleIsNoticed(t *testing.T) {
	request := resource("GET", "packets/download/pcap", "", user("Editor"), "")

	// With a length the browser sees the lack; an error would fill it with its text.
	result := call(collectorOf(t, `{}`, pcapOf(8, 4, true)), request)
	if result.err != nil || result.header("Content-Length") != fmt.Sprint(8*blockSize) || len(result.body) >= 8*blockSize || result.chunks < 2 {
		t.Errorf("with a length: %v, %d bytes of %s", result.err, len(result.body), result.header("Content-Length"))
	}

	// Without one only an error tells the part from the whole.
	result = call(collectorOf(t, `{}`, pcapOf(8, 4, false)), request)
	if result.err == nil || !backend.IsDownstreamError(result.err) || !strings.Contains(result.err.Error(), "the file is not whole") ||
		result.header("Content-Length") != "" || len(result.body) >= 8*blockSize {
		t.Errorf("without a length: %v, %d bytes", result.err, len(result.body))
	}

	// Before the first byte there still is a proper answer.
	result = call(collectorOf(t, `{}`, pcapOf(8, 0, true)), request)
	if result.err != nil || result.status != 502 || result.code(t) != "collector_unreachable" {
		t.Errorf("at once: %v %d %s", result.err, result.status, result.body)
	}
}

func TestAWholeFileWithoutLengthPasses(t *testing.T) {
	result := call(collectorOf(t, `{}`, pcapOf(3, -1, false)), resource("GET", "packets/download/pcap", "", user("Editor"), ""))
	if result.err != nil || result.status != 200 || len(result.body) != 3*blockSize || result.header("X-Wireglass-Packets") != "42" {
		t.Errorf("%v %d %d %v", result.err, result.status, len(result.body), result.headers)
	}
}

func TestWhoLeavesEndsTheRequestToTheCollector(t *testing.T) {
	ended := make(chan error, 2)
	source := collectorOf(t, `{}`, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", pcapType)
		block := make([]byte, blockSize)
		for r.Context().Err() == nil {
			if _, err := w.Write(block); err != nil {
				break
			}
		}
		<-r.Context().Done()
		ended <- r.Context().Err()
	})
	gone := errors.New("the browser is gone")
	err := source.CallResource(t.Context(), resource("GET", "packets/download/pcap", "", user("Editor"), ""),
		backend.CallResourceResponseSenderFunc(func(*backend.CallResourceResponse) error { return gone }))
	if !errors.Is(err, gone) || <-ended == nil {
		t.Errorf("%v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	err = source.CallResource(ctx, resource("GET", "packets/download/pcap", "", user("Editor"), ""),
		backend.CallResourceResponseSenderFunc(func(*backend.CallResourceResponse) error { cancel(); return nil }))
	if !errors.Is(err, context.Canceled) || <-ended == nil {
		t.Errorf("%v", err)
	}
}

// TestDownloadsOutliveTheTimeoutOfQueries also sets Grafana's limit of responses, which is about answers in memory.
func TestDownloadsOutliveTheTimeoutOfQueries(t *testing.T) {
	t.Setenv("GF_DATAPROXY_RESPONSE_LIMIT", "1000")
	paused := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", pcapType)
		_, _ = w.Write(make([]byte, 2000))
		_ = http.NewResponseController(w).Flush()
		wait(r.Context(), 1500)
		_, _ = w.Write(make([]byte, 2000))
	}
	source := collectorOf(t, `{"timeout":1}`, paused)
	result := call(source, resource("GET", "packets/download/pcap", "", user("Editor"), ""))
	if result.err != nil || len(result.body) != 4000 {
		t.Errorf("%v, %d bytes", result.err, len(result.body))
	}
	// The same answer as no download is cut: the timeout does hold there.
	result = call(source, resource("GET", "packets", "", user("Editor"), ""))
	if result.status == 200 && result.err == nil {
		t.Errorf("%d, %d bytes", result.status, len(result.body))
	}
}
