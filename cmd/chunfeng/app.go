package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/signup"
	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/metrics"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Options of New.
type Options struct {
	Settings config.Options // file and environment; what was set in the console is the ledger's, and New puts it in
	Data     string         // the data folder
	Log      zerolog.Logger // the zero Logger says nothing
	// ShowCode is told what must be scanned, beside the log; nil: nobody is. It must not block.
	ShowCode func(account, link string)
}

// App is the program put together: the ledger, and what works on it. New opens it, and that is all that a single command
// needs; Start makes it a daemon.
type App struct {
	log      zerolog.Logger
	store    *store.Store
	api      *api.API
	showCode func(account, link string)
	posters  *broadcast.Posters
	metrics  *metrics.Metrics
	copying  sync.Mutex // one backup at a time
	from     config.Options
	warnings []config.Fault // of the configuration that it was opened with

	mu     sync.Mutex
	config *config.Config
	texts  *templates.Set    // nil until first used: a broken override must not keep staff from their data
	reader *signup.Registrar // likewise
	live   *live             // what only a daemon has; nil in a single command
}

// New opens the data folder, unless the configuration has faults. The App must be closed, or stopped once it was started.
func New(o Options) (*App, error) {
	if err := foreign(o.Data); err != nil {
		return nil, err
	}
	// A fault is told before anything is made or locked.
	if _, faults, _ := config.Load(o.Settings); len(faults) > 0 {
		return nil, &api.ConfigFaults{Faults: faults}
	}
	s, err := store.Open(store.Options{Dir: o.Data})
	if err != nil {
		return nil, err
	}
	a := &App{log: o.Log, store: s, from: o.Settings, showCode: o.ShowCode, posters: broadcast.NewPosters(postersKept)}
	if a.config, a.warnings, err = a.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	a.metrics = a.measure()
	a.api = api.New(a.asked())
	return a, nil
}

// foreign refuses to work as root in the folder of somebody else: what root wrote there, the owner's daemon could not read.
func foreign(data string) error {
	info, err := os.Stat(data)
	if err != nil || os.Geteuid() != 0 {
		return nil
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	owner := strconv.Itoa(int(st.Uid))
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	return words.Refuse("cmd.not_as_root", data, owner).Of(words.Usage)
}

// postersKept is how much of what was drawn stays at hand, in bytes: a season's posters of six pages measured 9 MB.
const postersKept = 32 << 20

// Close closes the ledger of an App that was not started.
func (a *App) Close() error { return a.store.Close() }

// Handler is the API as the socket serves it, and as a command without a daemon asks it in its own process.
func (a *App) Handler() http.Handler { return a.api.Owner() }

// asked is what the API works with.
func (a *App) asked() api.Options {
	return api.Options{
		Store: a.store, Log: a.log, Config: a.settings, Templates: a.templates, Registrar: a.registrar, Planner: a.planner,
		Running: a.running, Dispatcher: a.dispatcher, Code: a.code, Arm: a.arm, TestAlert: a.testAlert, Version: thisVersion().Version,
		TryConfig: a.try, PlannerOf: a.plannerOf, Reload: a.Reload,
		BackUp: a.backUp,
	}
}

// settings are the configuration in force; a reload replaces it.
func (a *App) settings() *config.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

// templates are the templates in force, those of the data folder over the built-in ones.
func (a *App) templates() (*templates.Set, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.texts == nil {
		set, err := templates.Load(a.overrides())
		if err != nil {
			return nil, err
		}
		a.texts = set
	}
	return a.texts, nil
}

// registrar reads replies: in the background of a daemon, or for one decision of a person.
func (a *App) registrar() (*signup.Registrar, error) {
	if _, err := a.templates(); err != nil {
		return nil, err
	}
	cfg := a.settings()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reader == nil {
		o := signup.Options{
			Store: a.store, Templates: a.inForce, Acknowledge: signup.Acknowledge(cfg.Acknowledge), Kept: int(cfg.Retention / (24 * time.Hour)),
			Zone: cfg.Zone, Log: a.log,
		}
		if !cfg.Loopback() {
			o.Gap, o.PerHour = answerGap, answersPerHour
		}
		r, err := signup.NewRegistrar(o)
		if err != nil {
			return nil, err
		}
		a.reader = r
	}
	return a.reader, nil
}

// How much the machine says in one group beside broadcasts: an answer each 30 s and five an hour, which is what the
// bureau's own people would find bearable. Nobody has measured it.
const (
	answerGap      = 30 * time.Second
	answersPerHour = 5
)

// inForce are the templates for whoever began after they were loaded.
func (a *App) inForce() *templates.Set {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.texts
}

// running tells whether this is a daemon.
func (a *App) running() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.live != nil
}

// overrides is the folder in which staff put their own templates.
func (a *App) overrides() fs.FS { return os.DirFS(filepath.Join(a.store.Dir(), "templates")) }

// dispatcher is the daemon's; nil in a single command.
func (a *App) dispatcher() *broadcast.Dispatcher {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live == nil || a.live.shift == nil {
		return nil
	}
	return a.live.shift.dispatcher
}

// pacing translates the configuration's section.
func pacing(c *config.Config) broadcast.Pacing {
	return broadcast.Pacing{
		Text: broadcast.Limits(c.Text), Media: broadcast.Limits(c.Media), WarmUp: c.WarmUp, Cooldown: c.Cooldown, Watch: c.ConfirmAfter, Zone: c.Zone,
	}
}

// planner works with the settings and templates in force.
func (a *App) planner() (*broadcast.Planner, error) { return a.plannerOf(a.settings()) }

// plannerOf works with a configuration, in force or not.
func (a *App) plannerOf(c *config.Config) (*broadcast.Planner, error) {
	quiet, err := broadcast.ParseQuiet(c.QuietHours, c.Zone)
	if err != nil {
		return nil, err
	}
	return &broadcast.Planner{
		Store: a.store, Templates: a.templates, Kept: int(c.Retention / (24 * time.Hour)), Zone: c.Zone, Pacing: pacing(c), Quiet: quiet.On(c.QuietDays...),
		GroupDaily: c.GroupDailyLimit, Posters: a.posters,
	}, nil
}
