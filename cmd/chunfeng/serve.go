package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/mdp/qrterminal/v3"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func (c *cli) serveCommand() *cobra.Command {
	var level string
	cmd := c.command("serve", "serve", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		log, err := c.logger(level)
		if err != nil {
			return err
		}
		app, err := c.openForDaemon(cmd.Context(), Options{Settings: c.written(), Data: c.data, Log: log, ShowCode: c.showCode()})
		if err != nil {
			return err
		}
		c.warn(app.warnings)
		cfg := app.settings()
		// The daemon's own context does not end with the signal: Stop decides in which order things end.
		if err := app.Start(context.WithoutCancel(cmd.Context())); err != nil {
			return errors.Join(err, app.Close())
		}
		v := thisVersion()
		log.Info().Str("data", c.data).Str("version", v.Version).Int("pid", os.Getpid()).Msg("chunfeng serves")
		if cfg.Listen != "" {
			log.Info().Str("at", app.origin()).Msg("the console is open")
		}
		link, err := app.firstLink()
		switch {
		case err != nil:
			log.Error().Err(err).Msg("the link for the first administrator could not be made")
		case link != "" && cfg.Listen != "":
			// On standard error alone: a log is kept and read by others, and who has the link is administrator.
			c.note("first_link", link)
		}
		hup := make(chan os.Signal, 1)
		signal.Notify(hup, syscall.SIGHUP)
		defer signal.Stop(hup)
		for {
			select {
			case <-hup:
				c.reload(app, log)
			case <-cmd.Context().Done():
				log.Info().Msg("stopping: the send in hand is finished first; a second signal leaves at once")
				ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
				defer cancel()
				err := app.Stop(ctx)
				log.Info().Msg("stopped")
				return err
			}
		}
	})
	cmd.Flags().StringVar(&level, "log-level", "info", c.say("flag_log_level"))
	return cmd
}

// showCode draws codes below the log where it goes to a terminal; the log itself always has the address.
func (c *cli) showCode() func(account, link string) {
	f, ok := c.err.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return nil
	}
	return func(account, link string) {
		qrterminal.GenerateHalfBlock(link, qrterminal.L, f)
		c.note("scan_it", account)
	}
}

// openForDaemon waits a moment for a command that holds the ledger.
func (c *cli) openForDaemon(ctx context.Context, o Options) (*App, error) {
	for start := time.Now(); ; {
		app, err := New(o)
		if !errors.Is(err, store.ErrInUse) || time.Since(start) > waitForLedger || dialDaemon(c.socket()) != nil {
			return app, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// reload puts what the file and the templates now say in force, or says what is wrong with it and changes nothing.
func (c *cli) reload(app *App, log zerolog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	later, warnings, err := app.Reload(ctx)
	if err != nil {
		log.Error().Str("why", words.SayError(c.lang, err)).Msg("not reloaded: nothing was changed")
		return
	}
	for _, w := range warnings {
		log.Warn().Msg(api.SayFault(c.lang, w))
	}
	for _, key := range later {
		log.Warn().Str("key", key).Msg("changed, and takes effect at the next start")
	}
	log.Info().Msg("reloaded the configuration and the templates")
}

// logger writes for people on a terminal and JSON elsewhere, always to standard error.
func (c *cli) logger(level string) (zerolog.Logger, error) {
	l, err := zerolog.ParseLevel(level)
	if err != nil {
		return zerolog.Logger{}, err
	}
	var w io.Writer = c.err
	if f, ok := c.err.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		w = zerolog.ConsoleWriter{Out: f, TimeFormat: "15:04:05", NoColor: os.Getenv("NO_COLOR") != ""}
	}
	return zerolog.New(w).Level(l).With().Timestamp().Logger(), nil
}
