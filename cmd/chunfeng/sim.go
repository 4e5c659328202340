package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"chunfeng/bot/wxsim"
	"chunfeng/broadcast/intake"
	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// simCommand runs the simulated WeChat alone, for training and for tests in other processes. Codes are scanned by
// themselves, each by the next account that is not logged in.
func (c *cli) simCommand() *cobra.Command {
	var listen, groups, faults string
	var accounts int
	var seed uint64
	cmd := c.command("sim", "sim", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		registry, err := simGroups(groups)
		if err != nil {
			return err
		}
		switched, err := wxsim.ParseFaults(faults)
		if err != nil {
			return words.Refuse("cmd.bad_faults", err.Error()).Of(words.Usage)
		}
		sim := wxsim.New(wxsim.Options{Seed: seed, AutoScan: true})
		defer sim.Close()
		for _, f := range switched {
			if err := sim.Fault(f.Name, f.Params); err != nil {
				return words.Refuse("cmd.bad_faults", err.Error()).Of(words.Usage)
			}
		}
		populate(sim, registry, accounts)
		l, err := net.Listen("tcp", listen)
		if err != nil {
			return words.Refuse("cmd.no_listen", listen).Because(err)
		}
		if err := c.print(map[string]any{"listen": l.Addr().String(), "accounts": accounts, "groups": len(registry)}, func() {
			fmt.Fprintln(c.out, c.say("sim_listens", l.Addr(), len(registry), accounts))
		}); err != nil {
			return err
		}
		return serveHTTP(cmd.Context(), &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: 10 * time.Second}, l, 0)
	})
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:9000", c.say("flag_sim_listen"))
	f.StringVar(&groups, "groups", "", c.say("flag_sim_groups"))
	f.IntVar(&accounts, "accounts", examples.Accounts, c.say("flag_sim_accounts"))
	f.StringVar(&faults, "faults", "", c.say("flag_sim_faults"))
	f.Uint64Var(&seed, "seed", 1, c.say("flag_seed"))
	return cmd
}

// simGroups answers the groups of the simulator: those of a registry's file, or so many of the example's.
func simGroups(spec string) ([]store.Group, error) {
	n, err := strconv.Atoi(spec)
	fromFile := spec != "" && err != nil
	var data []byte
	if fromFile {
		data, err = readFile(spec)
	} else {
		spec = examples.Registry
		data, err = examples.FS.ReadFile(examples.Registry)
	}
	if err != nil {
		return nil, err
	}
	read, err := intake.ReadGroups(filepath.Base(spec), data, intake.Options{Now: time.Now()})
	if err != nil {
		return nil, err
	}
	if len(read.Faults) > 0 {
		return nil, words.Refuse("cmd.import_refused", len(read.Faults)).Because(errors.New(read.Faults[0].String()))
	}
	if n <= 0 || n >= len(read.Items) {
		return read.Items, nil
	}
	// Spread over the registry, so that every account has some.
	out := make([]store.Group, n)
	for i := range out {
		out[i] = read.Items[i*len(read.Items)/n]
	}
	return out, nil
}

// populate gives the simulator its accounts a01, a02 … and its groups, each joined by the account that the registry
// names for it. A group without one, or of an account that is not there, goes to the next in turn.
func populate(sim *wxsim.Sim, registry []store.Group, accounts int) {
	var all []*wxsim.Account
	for i := range accounts {
		host := "wx.qq.com"
		if i%2 == 1 {
			host = "wx2.qq.com"
		}
		all = append(all, sim.AddAccount(fmt.Sprintf("a%02d", i+1), wxsim.AccountOptions{Host: host}))
	}
	for i, g := range registry {
		group := sim.AddGroup(wxsim.GroupOptions{ID: g.Code, Name: g.Name, Count: 20 + i%40})
		if a := sim.Account(g.Account); a != nil {
			group.Join(a, true)
		} else if len(all) > 0 {
			group.Join(all[i%len(all)], true)
		}
	}
}

// serveHTTP serves until ctx ends and then lets requests in hand finish for as long as grace. No grace cuts long polls.
func serveHTTP(ctx context.Context, srv *http.Server, l net.Listener, grace time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	if grace <= 0 {
		return srv.Close()
	}
	wait, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := srv.Shutdown(wait); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return srv.Close()
	}
	return nil
}
