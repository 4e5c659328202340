package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"chunfeng/store"
)

// slowClient is B8: what a client that reads a page of the log at a kilobyte a second costs the commits.
func slowClient(ctx context.Context, b *bench) ([]*result, error) {
	n := b.size(300_000, 20_000)
	s, done, err := b.runningWave(n)
	if err != nil {
		return nil, err
	}
	defer done()
	worst := &result{what: "worst commit while ten clients read pages of the log at 1 KB/s", unit: "ms", baseline: "the same at rest", target: 3, atMost: true,
		note: "One lane that claims and settles 2,000 deliveries; the slowest of its 4,000 commits. The clients read over loopback sockets with small buffers, so that the server waits for them in the middle of a page."}
	usual := &result{what: "the 99th of a hundred commits, the same", unit: "ms", baseline: "the same at rest", untold: true, note: "The same rounds."}
	commits := b.size(2000, 200)
	// Each account's share lasts for many rounds; the rounds take the accounts in turn.
	turn := 0
	measured := func(ours bool) (float64, error) {
		turn++
		all, err := commitTimes(s, accountName(turn%logAccounts), commits)
		if err != nil {
			return 0, err
		}
		p := all[len(all)*99/100]
		if ours {
			usual.ours = append(usual.ours, p)
		} else {
			usual.against = append(usual.against, p)
		}
		return all[len(all)-1], nil
	}
	err = b.compare(ctx, worst,
		func(ctx context.Context, _ int) (worst float64, err error) {
			err = whileClientsRead(ctx, ledgerPages(s), 10, func() (err error) { worst, err = measured(true); return err })
			return worst, err
		},
		func(context.Context, int) (float64, error) { return measured(false) })
	usual.syncs = worst.syncs
	return []*result{worst, usual}, err
}

// commitTimes sends so many deliveries of an account without a wire, and answers how long the slower commit of each took,
// in milliseconds, the slowest last.
func commitTimes(s *store.Store, account string, n int) ([]float64, error) {
	out := make([]float64, 0, n)
	for range n {
		found, took, err := sendOne(s, account)
		if err == nil && !found {
			err = fmt.Errorf("%w: %s ran out of deliveries", errVoid, account)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, took.Seconds()*1000)
	}
	slices.Sort(out)
	return out, nil
}

// ledgerPages serves the first page of the log as JSON and nothing around it.
func ledgerPages(s *store.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p, err := s.Log(store.LogFilter{})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(p) // a client that went away has its own error
	})
}

// whileClientsRead does something while so many clients read what a handler answers, each a kilobyte a second.
func whileClientsRead(ctx context.Context, h http.Handler, clients int, do func() error) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ConnContext: func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(2048) // the smallest that the system grants: the server is to feel the client
		return ctx
	}}
	go server.Serve(l)
	defer server.Close()
	ctx, stop := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()
	begun := make(chan error, clients)
	for range clients {
		reading.Go(func() { readSlowly(ctx, l.Addr().String(), begun) })
	}
	for range clients {
		if err := <-begun; err != nil {
			return err
		}
	}
	return do()
}

// readSlowly asks again and again and reads the answers at a kilobyte a second, until the context ends. begun hears of the
// first byte.
func readSlowly(ctx context.Context, addr string, begun chan<- error) {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			_ = c.(*net.TCPConn).SetReadBuffer(2048)
		}
		return c, err
	}}}
	defer client.CloseIdleConnections()
	told := false
	tell := func(err error) {
		if !told {
			told = true
			begun <- err
		}
	}
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/", nil)
		if err != nil {
			tell(err)
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			tell(err)
			return
		}
		if resp.StatusCode != http.StatusOK {
			tell(fmt.Errorf("the page was answered with %s", resp.Status))
		}
		buf := make([]byte, 102)
		for {
			_, err := io.ReadFull(resp.Body, buf)
			if tell(nil); err != nil {
				break
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
		resp.Body.Close()
	}
}

// backup copies a ledger and its key into a folder.
func backup(s *store.Store, dir string) error {
	f, err := os.Create(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := s.Backup(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	k, err := os.ReadFile(filepath.Join(s.Dir(), store.KeyFile))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, store.KeyFile), k, 0o600)
}
