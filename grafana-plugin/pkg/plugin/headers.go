package plugin

import (
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
)

// mediaTypes that go to a browser as they are; another becomes a file of bytes.
var mediaTypes = map[string]bool{
	"application/json": true, "application/problem+json": true, "application/vnd.tcpdump.pcap": true,
	"application/x-pcapng": true, "application/x-ndjson": true, "text/csv": true,
}

var notInFileNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

const maxFileNameBytes = 120

// headersOf what goes to the browser: those that are named here, made anew.
func headersOf(response *http.Response, download bool) map[string][]string {
	headers := http.Header{}
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || !mediaTypes[media] {
		media = "application/octet-stream"
	}
	headers.Set("Content-Type", media)
	headers.Set("X-Content-Type-Options", "nosniff")
	headers.Set("Cache-Control", "no-store")
	if count := response.Header.Get("X-Wireglass-Packets"); count != "" {
		if _, err := strconv.ParseUint(count, 10, 64); err == nil {
			headers.Set("X-Wireglass-Packets", count)
		}
	}
	if seconds := response.Header.Get("Retry-After"); seconds != "" {
		if _, err := strconv.ParseUint(seconds, 10, 31); err == nil {
			headers.Set("Retry-After", seconds)
		}
	}
	if download {
		headers.Set("Content-Disposition", `attachment; filename="`+fileName(response)+`"`)
		// It lets the browser see that a file is not whole.
		if response.ContentLength >= 0 {
			headers.Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
		}
	}
	return headers
}

func fileName(response *http.Response) string {
	_, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
	name := notInFileNames.ReplaceAllString(path.Base(parameters["filename"]), "_")
	if err != nil || name == "" || name[0] == '.' {
		return "packets"
	}
	return name[:min(len(name), maxFileNameBytes)]
}
