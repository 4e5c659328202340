package bot

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// gateway sends every request to one address, with the Host header, path and cookies of the host that it was meant for.
type gateway struct {
	to   *url.URL
	base http.RoundTripper
}

// RoundTrip sends the request to the gateway.
func (g gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Host = r.URL.Host
	u := *r.URL
	u.Scheme, u.Host = g.to.Scheme, g.to.Host
	out.URL = &u
	return g.base.RoundTrip(out)
}

// parseGateway takes "http://HOST:PORT".
func parseGateway(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" && u.Path != "/" {
		return nil, fmt.Errorf("gateway %q is not of the form http://HOST:PORT", s)
	}
	return u, nil
}

// loopback tells whether a gateway is this machine: only there may the pace of contact requests be lifted.
func loopback(u *url.URL) bool {
	if u == nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// transport is what carries the account's requests.
func (o Options) transport() (rt http.RoundTripper, local bool, err error) {
	rt = o.Transport
	if o.Gateway == "" {
		if rt == nil {
			rt = http.DefaultTransport.(*http.Transport).Clone()
		}
		return rt, o.Transport != nil, nil
	}
	to, err := parseGateway(o.Gateway)
	if err != nil {
		return nil, false, err
	}
	if rt == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.Proxy = nil
		rt = t
	}
	return gateway{to, rt}, loopback(to), nil
}

// closeIdle closes the connections that nobody uses any more.
func closeIdle(rt http.RoundTripper) {
	if g, ok := rt.(gateway); ok {
		rt = g.base
	}
	if t, ok := rt.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
