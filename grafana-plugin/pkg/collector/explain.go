package collector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Advice for what the collector's codes of refusal mean to who sets up a data source.
var advice = map[string]string{
	"token_missing":     "no API token is set: make one on the collector by `wireglass token new --role operator` and paste it here",
	"token_invalid":     "the collector does not know the API token (revoked, or of another collector): make a new one by `wireglass token new --role operator` and paste it here",
	"role_insufficient": "the API token's role is not enough; `wireglass token new --role operator` makes one that may query, read packets, start and stop, `--role admin` one that may also change settings",
	"host_not_allowed":  "the collector listens on loopback and answers only to localhost and loopback addresses: use http://127.0.0.1 with its port as the URL",
	"route_not_found":   "the collector does not have this endpoint: it is older than the plugin, or the URL has a path too many",
	"shutting_down":     "the collector is shutting down",
}

// Explain says in words that help what went wrong between the plugin and the collector at base.
func Explain(err error, base string) string {
	if problem, ok := errors.AsType[*Problem](err); ok {
		if text, ok := advice[problem.Code]; ok {
			return fmt.Sprintf("%s (%s)", text, problem.Detail)
		}
		return problem.Detail
	}
	if text := explainCertificate(err); text != "" {
		return fmt.Sprintf("%s: %s", base, text)
	}
	if text := explainConnection(err); text != "" {
		return fmt.Sprintf("cannot reach the collector at %s: %s", base, text)
	}
	if _, ok := errors.AsType[*NotCollectorError](err); ok {
		return fmt.Sprintf("%s: %s", base, err)
	}
	return err.Error()
}

func explainCertificate(err error) string {
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("the certificate is signed by an authority that is not known here; paste its certificate as CA certificate (%s)", unknown)
	}
	if hostname, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the certificate is of another name; use that name in the URL, or set the server name (%s)", hostname)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return fmt.Sprintf("the certificate is not valid: %s", invalid)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "it speaks HTTP without TLS; use http:// in the URL"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "it does not speak TLS; use http:// in the URL"
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "remote error" {
		return fmt.Sprintf("it refuses the TLS connection (%s); if it asks for a client certificate, switch on TLS client authentication", operation.Err)
	}
	return ""
}

func explainConnection(err error) string {
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "the request was cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer in time; the host does not answer, or the query takes longer than the timeout of the data source"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused; is it running, and is the port right? In a container 127.0.0.1 is the container itself"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it closed the connection before its answer was whole"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host"
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the name %q is not known", name.Name)
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation.Error()
	}
	return ""
}
