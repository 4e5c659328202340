package wxsim

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"syscall"
)

// Transport is the server without sockets. Like a real connection it lets the server go on with a request whose client
// has given up, calls the httptrace hooks WroteHeaders, WroteRequest and GotFirstResponseByte at their moments, and
// unpacks gzip that the caller did not ask for by name.
func (s *Sim) Transport() http.RoundTripper { return wire{s} }

type wire struct{ sim *Sim }

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, maxBody))
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := newCall(ctx, r.URL.Host, r, body)
	if w.sim.refused(c) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil {
		if trace.WroteHeaders != nil {
			trace.WroteHeaders()
		}
		if trace.WroteRequest != nil {
			trace.WroteRequest(httptrace.WroteRequestInfo{})
		}
	}
	got := make(chan reply, 1)
	// The server goes on when the client leaves: only long polls end with it.
	go func() { got <- w.sim.serve(c) }()
	var rep reply
	select {
	case rep = <-got:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	switch rep.cut {
	case cutRefused, cutSilent:
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	case cutStatus:
		return nil, errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP status code "0"`)
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return respond(r, rep)
}

func respond(r *http.Request, rep reply) (*http.Response, error) {
	h := rep.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	resp := &http.Response{
		Status: fmt.Sprintf("%d %s", rep.status, http.StatusText(rep.status)), StatusCode: rep.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, ContentLength: int64(len(rep.body)), Request: r,
	}
	b := rep.body
	if h.Get("Content-Encoding") == "gzip" && r.Header.Get("Accept-Encoding") == "" {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		if b, err = io.ReadAll(z); err != nil {
			return nil, err
		}
		h.Del("Content-Encoding")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	if rep.cut == cutMid {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b[:len(b)/2]), broken{}))
	}
	return resp, nil
}

// broken is the end of a connection that was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
