package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// userCommand keeps the people who may sign in to the console.
func (c *cli) userCommand() *cobra.Command {
	return c.group("user", c.userAdd(), c.userList(), c.userPassword(), c.userSwitch("disable", true), c.userSwitch("enable", false), c.userSecond())
}

func (c *cli) userAdd() *cobra.Command {
	var in api.NewUser
	var stdin bool
	cmd := c.command("add NAME", "user_add", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) (err error) {
		in.Name = args[0]
		if stdin {
			if in.Password, err = c.readPassword(in.Name, true); err != nil {
				return err
			}
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.User
			if err := cl.post(cmd.Context(), "/v1/users", nil, in, &v); err != nil {
				return err
			}
			if err := c.print(v, func() { c.note("user_added", v.Name, c.say("role_"+string(v.Role))) }); err != nil || stdin {
				return err
			}
			return c.userLink(cmd, cl, v.Name)
		})
	})
	f := cmd.Flags()
	f.StringVar((*string)(&in.Role), "role", string(store.RoleStaff), c.say("flag_role"))
	f.StringVar(&in.County, "county", "", c.say("flag_user_county"))
	f.StringVar(&in.Label, "label", "", c.say("flag_label"))
	f.BoolVar(&stdin, "password-stdin", false, c.say("flag_password_stdin"))
	return cmd
}

func (c *cli) userList() *cobra.Command {
	return c.command("list", "user_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.User
			if err := cl.get(cmd.Context(), "/v1/users", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, u := range all {
					state := "user_may"
					if u.Disabled {
						state = "user_disabled"
					} else if !u.Password {
						state = "user_link_open"
					}
					rows = append(rows, []any{u.Name, u.Label, words.T("cmd.role_" + string(u.Role)), u.County, c.say(state), u.SeenAt})
				}
				c.table([]string{"name", "label", "role", "county", "state", "seen"}, rows)
			})
		})
	})
}

func (c *cli) userPassword() *cobra.Command {
	var stdin, link bool
	cmd := c.command("passwd NAME", "user_passwd", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if link {
			return c.withClient(cmd.Context(), func(cl *client) error { return c.userLink(cmd, cl, args[0]) })
		}
		password, err := c.readPassword(args[0], stdin)
		if err != nil {
			return err
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			return c.changeUser(cmd, cl, args[0], api.UserChange{Password: &password}, "user_changed")
		})
	})
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, c.say("flag_password_stdin"))
	cmd.Flags().BoolVar(&link, "link", false, c.say("flag_link"))
	cmd.MarkFlagsMutuallyExclusive("password-stdin", "link")
	return cmd
}

func (c *cli) userSwitch(verb string, disabled bool) *cobra.Command {
	return c.command(verb+" NAME", "user_"+verb, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			return c.changeUser(cmd, cl, args[0], api.UserChange{Disabled: &disabled}, "user_changed")
		})
	})
}

func (c *cli) changeUser(cmd *cobra.Command, cl *client, name string, change api.UserChange, said string) error {
	var v api.User
	if err := cl.post(cmd.Context(), "/v1/users/"+url.PathEscape(name), nil, change, &v); err != nil {
		return err
	}
	return c.print(v, func() { c.note(said, v.Name) })
}

// userLink tells a new one-time link, with the address of the console before it.
func (c *cli) userLink(cmd *cobra.Command, cl *client, name string) error {
	var v api.Link
	if err := cl.post(cmd.Context(), "/v1/users/"+url.PathEscape(name)+"/link", nil, nil, &v); err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	origin := strings.TrimSuffix(cfg.ConsoleOrigin, "/")
	if origin == "" {
		origin = "http://" + cfg.Listen
	}
	if c.json {
		return nil // the one value on standard output is the person's
	}
	c.note("user_link", v.User, origin+v.Path)
	return nil
}

// readPassword asks for a password twice on a terminal, or reads one line of standard input.
func (c *cli) readPassword(name string, stdin bool) (string, error) {
	if stdin || !c.asks {
		line, err := bufio.NewReader(io.LimitReader(c.in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		password := strings.TrimRight(line, "\r\n")
		return password, api.CheckPassword(name, password)
	}
	var typed [2]string
	for i, key := range []string{"type_password", "type_password_again"} {
		fmt.Fprint(c.err, c.say(key), " ")
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return "", err
		}
		typed[i] = string(b)
		if i == 0 {
			if err := api.CheckPassword(name, typed[0]); err != nil {
				return "", err
			}
		}
	}
	if typed[0] != typed[1] {
		return "", words.Refuse("cmd.not_the_same").Of(words.Usage)
	}
	return typed[0], nil
}

// userSecond takes away the second factor of somebody whose telephone is lost.
func (c *cli) userSecond() *cobra.Command {
	return c.command("reset-second-factor NAME", "user_second", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.User
			if err := cl.post(cmd.Context(), "/v1/users/"+url.PathEscape(args[0])+"/second-factor/reset", nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.note("second_reset", v.Name) })
		})
	})
}
