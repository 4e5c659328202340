package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
)

// painted are the pages of the navigation.
func painted() []string {
	return []string{"/", "/batches", "/waves", "/log", "/groups", "/accounts", "/signups", "/reports", "/audit", "/people", "/settings"}
}

// loaded finds what a page has the browser load.
var loaded = regexp.MustCompile(`(?:href|src)="(/assets/[^"]*\.(?:css|js|svg))"`)

// firstPaint is B8's third part: what a browser without a cache transfers for a page and all that it loads, the largest of
// painted.
func firstPaint(ctx context.Context, b *bench) ([]*result, error) {
	_, v, done, err := b.runningSite(b.size(100_000, 2_000))
	if err != nil {
		return nil, err
	}
	defer done()
	r := &result{what: "the largest first page of the navigation, with all that it loads", unit: "KB", target: 150, atMost: true, absolute: true,
		note: "Bodies as they are transferred to a browser that takes gzip and has nothing kept, over a ledger with one wave of 100,000 groups; a thousand bytes a KB."}
	err = b.compare(ctx, r, func(ctx context.Context, _ int) (float64, error) {
		most := 0
		for _, path := range painted() {
			n, err := v.weigh(ctx, path)
			if err != nil {
				return 0, err
			}
			most = max(most, n)
		}
		return float64(most) / 1000, nil
	}, nil)
	return []*result{r}, err
}

// weigh is how many bytes a page and what it loads transfer.
func (v *site) weigh(ctx context.Context, path string) (int, error) {
	body, n, err := v.transfer(ctx, path)
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, m := range loaded.FindAllSubmatch(body, -1) {
		asset := string(m[1])
		if known[asset] {
			continue
		}
		known[asset] = true
		_, more, err := v.transfer(ctx, asset)
		if err != nil {
			return 0, err
		}
		n += more
	}
	if len(known) < 3 {
		return 0, fmt.Errorf("%s loads only %d files", path, len(known))
	}
	return n, nil
}

// transfer asks for something as a browser does, and answers it unpacked with the bytes that it took.
func (v *site) transfer(ctx context.Context, path string) (body []byte, n int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+path, nil)
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Accept-Encoding", "gzip") // set by hand, so that the client does not unpack it unseen
	res, err := v.client.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, 0, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("%s is answered %s", path, res.Status)
	}
	if res.Header.Get("Content-Encoding") != "gzip" {
		return raw, len(raw), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, 0, err
	}
	body, err = io.ReadAll(z)
	return body, len(raw), err
}
