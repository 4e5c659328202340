package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// keyCommand is the rotation of the keys under which numbers, names and messages are sealed.
func (c *cli) keyCommand() *cobra.Command {
	return c.group("key", c.keyStatus(), c.keyRotate(), c.keyRetire())
}

func (c *cli) printKeys(k store.Keys) error {
	return c.print(k, func() {
		fmt.Fprintln(c.out, words.Say(c.lang, "key.current", k.Current, minute(k.Since)))
		switch {
		case k.Old == 0:
		case k.Resealed:
			fmt.Fprintln(c.out, words.Say(c.lang, "key.resealed", k.Old))
		default:
			fmt.Fprintln(c.out, words.Say(c.lang, "key.resealing", k.Old))
		}
	})
}

func (c *cli) keyStatus() *cobra.Command {
	return c.command("status", "key_status", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var k store.Keys
			if err := cl.get(cmd.Context(), "/v1/keys", nil, &k); err != nil {
				return err
			}
			return c.printKeys(k)
		})
	})
}

func (c *cli) keyRotate() *cobra.Command {
	return c.command("rotate", "key_rotate", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var k store.Keys
			if err := cl.post(cmd.Context(), "/v1/keys/rotate", nil, nil, &k); err != nil {
				return err
			}
			return c.printKeys(k)
		})
	})
}

// keyRetire has a person type the number of the key that is destroyed: what is sealed with it elsewhere is lost with it.
func (c *cli) keyRetire() *cobra.Command {
	return c.command("retire", "key_retire", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var k store.Keys
			if err := cl.get(cmd.Context(), "/v1/keys", nil, &k); err != nil {
				return err
			}
			if k.Old != 0 && !c.yes {
				if !c.asks {
					return words.Refuse("key.needs_yes")
				}
				fmt.Fprint(c.err, words.Say(c.lang, "key.type_number", k.Old), " ")
				line, _ := bufio.NewReader(c.in).ReadString('\n')
				if strings.TrimSpace(line) != strconv.Itoa(k.Old) {
					return words.Refuse("key.other_number", k.Old)
				}
			}
			if err := cl.post(cmd.Context(), "/v1/keys/retire", nil, nil, &k); err != nil {
				return err
			}
			return c.printKeys(k)
		})
	})
}
