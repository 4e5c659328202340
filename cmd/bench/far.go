package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"chunfeng/bot/wxsim"
)

// The other side of the wire runs in a process of its own, so that its work and its memory are not ours. It has the
// accounts a001 … for the program and b001 … for the bare client, in groups of their own: what one sends must not come in
// at the other.

// serveFar is the part that is the simulator. It prints its address and ends when its input does.
func serveFar(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("far", flag.ContinueOnError)
	accounts := flags.Int("accounts", 10, "accounts of the program, and as many of the bare client")
	groups := flags.Int("groups", 3000, "groups of the program, in runs by account, and as many of the bare client")
	bare := flags.Bool("bare", true, "whether there is a bare client")
	if err := flags.Parse(args); err != nil {
		return err
	}
	sim := wxsim.New(wxsim.Options{Seed: 1})
	populate(sim, accountName, "G", *accounts, *groups)
	if *bare {
		populate(sim, bareName, "H", *accounts, *groups)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: time.Minute}
	fmt.Println(l.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin) // until the one who started it is gone
		sim.Close()
		srv.Close()
	}()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// populate makes accounts and their groups.
func populate(sim *wxsim.Sim, name func(int) string, prefix string, accounts, groups int) {
	var all []*wxsim.Account
	for i := range accounts {
		all = append(all, sim.AddAccount(name(i), wxsim.AccountOptions{}))
	}
	for i := range groups {
		g := sim.AddGroup(wxsim.GroupOptions{ID: fmt.Sprintf("%s%07d", prefix, i+1), Name: groupName(i), Count: 30 + i%30})
		g.Join(all[i*accounts/groups], true)
	}
}

func bareName(n int) string { return fmt.Sprintf("b%03d", n+1) }

// far is the simulator as seen from here.
type far struct {
	addr    string
	cmd     *exec.Cmd
	stdin   io.Closer
	client  *http.Client
	arrived int // arrivals taken so far
}

func (b *bench) far(ctx context.Context, accounts, groups int, bare bool) (*far, error) {
	cmd := exec.CommandContext(ctx, b.self, "far", "-accounts", fmt.Sprint(accounts), "-groups", fmt.Sprint(groups), fmt.Sprintf("-bare=%t", bare))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stdin.Close()
		return nil, fmt.Errorf("the simulator does not start: %w", err)
	}
	return &far{addr: strings.TrimSpace(addr), cmd: cmd, stdin: stdin, client: &http.Client{}}, nil
}

func (f *far) close() {
	f.stdin.Close()
	f.cmd.Wait()
}

// do asks the control side; a form makes it a POST.
func (f *far) do(verb string, form url.Values, into any) error {
	addr := "http://" + f.addr + "/_sim/" + verb
	var resp *http.Response
	var err error
	if form != nil {
		resp, err = f.client.PostForm(addr, form)
	} else {
		resp, err = f.client.Get(addr)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		return fmt.Errorf("simulator, %s: %s: %s", verb, resp.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// scan has an account's phone scan a QR code by its address or uuid.
func (f *far) scan(account, uuid string) error {
	if i := strings.LastIndexByte(uuid, '/'); i >= 0 {
		uuid = uuid[i+1:]
	}
	return f.do("scan", url.Values{"account": {account}, "uuid": {uuid}}, nil)
}

// latency has the answer to each send wait so long; the message has arrived before.
func (f *far) latency(d time.Duration) error {
	if d == 0 {
		return nil
	}
	return f.do("fault", url.Values{"spec": {"send.slow:delay=" + d.String()}}, nil)
}

// witnessed counts what arrived since it was last asked, by accounts of a prefix; twice counts client ids seen again.
func (f *far) witnessed(prefix string) (n, twice int, err error) {
	var list []struct {
		Account     string `json:"account"`
		ClientMsgID string `json:"client_msg_id"`
	}
	if err := f.do(fmt.Sprintf("arrivals?since=%d", f.arrived), nil, &list); err != nil {
		return 0, 0, err
	}
	f.arrived += len(list)
	seen := map[string]bool{}
	for _, a := range list {
		if !strings.HasPrefix(a.Account, prefix) {
			continue
		}
		n++
		if id := a.Account + a.ClientMsgID; seen[id] {
			twice++
		} else {
			seen[id] = true
		}
	}
	return n, twice, nil
}
