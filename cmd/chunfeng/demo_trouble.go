package main

import (
	"slices"

	"chunfeng/bot/wxsim"
)

// trouble is one of the things that happen in every season.
type trouble struct {
	at     float64 // the share of the wave after which it happens
	what   string
	strike func()
}

func (d *demonstration) troubles(n int) []trouble {
	w := d.world
	account := func(i int) string { return accountName(i % d.o.accounts) }
	fault := func(name string, p wxsim.Params) func() {
		return func() {
			if err := w.sim.Fault(name, p); err != nil {
				panic(err) // the names are this program's own
			}
		}
	}
	var out []trouble
	if n == 1 {
		victim, unheard := w.lastGroupOf(account(2)), w.lastGroupOf(account(1))
		out = []trouble{
			{0.05, d.say("trouble_removed", victim, account(2)), func() { w.sim.Group(victim).Remove(w.sim.Account(account(2))) }},
			{0.15, d.say("trouble_1205", account(0)), fault("send.1205", wxsim.Params{"account": account(0), "times": 2})},
			// Named by its group: the account's next message could be an answer to a resident.
			{0.30, d.say("trouble_lost", account(1)), func() {
				fault("send.cut_after", wxsim.Params{"account": account(1), "group": w.sim.Group(unheard).ID(), "times": 1})()
			}},
			{0.50, d.say("trouble_logout", account(3)), func() { w.sim.Account(account(3)).LogoutOnPhone() }},
		}
	} else {
		renamed := w.lastGroupOf(account(1))
		out = []trouble{
			{0.10, d.say("trouble_renamed", renamed), func() { w.sim.Group(renamed).Rename(w.nameOf(renamed) + "（2026）") }},
			{0.20, d.say("trouble_notice", account(2)), fault("send.ret0_notice", wxsim.Params{"account": account(2), "times": 1, "delay": "50ms-150ms"})},
			{0.40, d.say("trouble_kicked", account(0)), func() { w.sim.Account(account(0)).Kick() }},
		}
	}
	slices.SortFunc(out, func(a, b trouble) int { return int(1000 * (a.at - b.at)) })
	return out
}
