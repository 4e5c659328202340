package main

import (
	"context"
	"crypto/rand"
	"net"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// demoListen is where the console of a demonstration opens that stays: the usual address, or any when that is taken.
func demoListen() string {
	const usual = "127.0.0.1:8080"
	l, err := net.Listen("tcp", usual)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return usual
}

// people lets one person of each role into the console, all by one password that holds for this demonstration only.
func (d *demonstration) people(ctx context.Context) error {
	if !d.o.stay {
		return nil
	}
	password := strings.ToLower(rand.Text()[:12])
	var names []string
	for _, role := range store.Roles() {
		in := api.NewUser{Name: string(role), Label: d.c.say("role_" + string(role)), Role: role, Password: password}
		if err := d.clerk.post(ctx, "/v1/users", nil, in, nil); err != nil {
			return err
		}
		names = append(names, string(role))
	}
	d.screen.line("%s", d.say("console", d.app.origin(), strings.Join(names, ", "), password))
	return nil
}
