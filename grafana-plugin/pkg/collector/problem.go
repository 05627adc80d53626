package collector

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
)

// Problem is an error that the collector tells (RFC 9457).
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (problem *Problem) Error() string { return problem.Detail }

// NotCollectorError is an answer that no collector gives: something else listens there.
type NotCollectorError struct {
	Status      int
	ContentType string
}

func (err *NotCollectorError) Error() string {
	kind := err.ContentType
	if kind == "" {
		kind = "no content type"
	}
	return fmt.Sprintf("what listens there is no Wireglass collector: it answered with status %d and %s", err.Status, kind)
}

// TooLargeError is an answer that is not held in memory.
type TooLargeError struct{ LimitBytes int }

func (err *TooLargeError) Error() string {
	return fmt.Sprintf("the answer has more than %d MiB; ask for fewer rows, series or points", err.LimitBytes>>20)
}

func mediaType(response *http.Response) string {
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

func isJSON(response *http.Response) bool {
	media := mediaType(response)
	return media == "application/json" || media == "application/problem+json"
}

// ProblemOf is what an answer with a status of failure says.
func ProblemOf(response *http.Response, body []byte) error {
	problem := &Problem{}
	if isJSON(response) && json.Unmarshal(body, problem) == nil && problem.Code != "" && problem.Detail != "" {
		problem.Status = response.StatusCode
		return problem
	}
	return &NotCollectorError{Status: response.StatusCode, ContentType: response.Header.Get("Content-Type")}
}
