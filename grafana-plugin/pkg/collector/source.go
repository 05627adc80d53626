package collector

import (
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// SourceOf says whose fault an error is: the plugin's is what it sent or cannot read; all else lies downstream.
func SourceOf(err error) backend.ErrorSource {
	if problem, ok := errors.AsType[*Problem](err); ok {
		switch problem.Status {
		case http.StatusUnsupportedMediaType, http.StatusMethodNotAllowed:
			return backend.ErrorSourcePlugin
		case http.StatusBadRequest:
			if problem.Code == "bad_time" {
				return backend.ErrorSourceDownstream
			}
			// The body around the queries is the plugin's; mistakes in a query come in the query's own result.
			return backend.ErrorSourcePlugin
		}
		return backend.ErrorSourceDownstream
	}
	if _, ok := errors.AsType[*NotCollectorError](err); ok {
		return backend.ErrorSourceDownstream
	}
	if _, ok := errors.AsType[*TooLargeError](err); ok {
		return backend.ErrorSourceDownstream
	}
	if explainCertificate(err) != "" || explainConnection(err) != "" {
		return backend.ErrorSourceDownstream
	}
	return backend.ErrorSourcePlugin
}
