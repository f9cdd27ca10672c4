package site

import (
	"log"
	"log/slog"
	"net/http"
	"time"
)

// The limits of the public listener. A door before us may be narrower; these hold when there is none.
const (
	HeaderTime  = 10 * time.Second // in which a request's headers must have arrived: who writes one letter a second is cut off
	RequestTime = 10 * time.Minute // in which a request must have arrived whole: a file of evidence over a slow line
	AnswerTime  = 30 * time.Minute // in which the answer must have been taken
	IdleTime    = 2 * time.Minute  // between two requests on one connection
	HeaderBytes = 64 << 10         // of one request's line and headers
)

// Server is the public listener's server, the same for `binhan serve` and for the tests that attack it: HTTP/1.1 alone, since the door before us speaks
// the rest; every wait bounded; no answer of the library's own to OPTIONS; and what the library would log, which may quote a request, counted but not
// written.
func Server(h http.Handler, to *slog.Logger) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler: apart(h), Protocols: &protocols, ReadHeaderTimeout: HeaderTime, ReadTimeout: RequestTime, WriteTimeout: AnswerTime, IdleTimeout: IdleTime, MaxHeaderBytes: HeaderBytes,
		DisableGeneralOptionsHandler: true, ErrorLog: log.New(dumb{to}, "", 0),
	}
}

// apart ends the connection after a request whose length was told in chunks: where a door before us counted its length otherwise, what is left of it must not
// be read as somebody else's next request (RFC 9112, section 6.1).
func apart(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// dumb tells that the library had something to say, and not what.
type dumb struct{ to *slog.Logger }

func (d dumb) Write(p []byte) (int, error) {
	d.to.Warn("listener")
	return len(p), nil
}
