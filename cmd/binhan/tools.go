package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/intake"
	"binhan/internal/keyd"
	"binhan/internal/pg"
	"binhan/internal/release"
	"binhan/internal/rights"
	"binhan/internal/signin"
	"binhan/internal/site"
)

// app wires the application on a stack.
func (g *ground) app(stack *devstack.Stack, seen func(string, int, time.Duration)) (*app.App, error) {
	development := g.cfg.Environment == config.Development
	limits, err := g.cfg.Limits()
	if err != nil {
		return nil, err
	}
	rules := signin.Strict
	if development {
		rules = signin.Easy
	}
	if rules, err = signin.ParseRules(rules, g.cfg.SignInSettings); err != nil {
		return nil, fmt.Errorf("BINHAN_SIGN_IN: %w", err)
	}
	if !development && !rules.Demand {
		return nil, errors.New("BINHAN_SIGN_IN: production demands a second factor")
	}
	idp, err := g.cfg.Provider()
	if err != nil {
		return nil, err
	}
	var provider *signin.Provider
	if idp != nil {
		provider = &signin.Provider{Issuer: idp.Issuer, ClientID: idp.ClientID, Secret: idp.Secret.Reveal(), Name: idp.Name, ACR: idp.ACR, AMR: idp.AMR, MaxAge: idp.MaxAge, CA: idp.CA, Plain: idp.Plain}
	}
	ring := keyd.NewClient(stack.KeySocket(), 0)
	a, err := app.New(g.ctx, app.Options{DSN: stack.DSN, Store: stack.Store(), Ring: ring, Secure: !development, Log: g.log, Seen: seen, Proxies: g.cfg.TrustedProxies, Budgets: limits, RightsDays: rights.Days(g.cfg.RightsDays), RequireAgreement: g.cfg.Agreements == "refuse",
		SignIn: signin.Options{Rules: rules, Origin: strings.TrimRight(g.cfg.PublicURL, "/"), Managed: g.cfg.ManagedKeys, Log: g.log, Provider: provider}})
	if err != nil {
		return nil, err
	}
	a.Releases.Keep(&release.Journal{Dir: filepath.Join(cmp.Or(g.cfg.Anchors, g.cfg.Data), "releases")})
	return a, nil
}

// with joins the running world, or starts it for the length of the command.
func (g *ground) with(fn func(*app.App, *devstack.Stack) error) error {
	stack, err := devstack.Start(g.ctx, g.cfg)
	if err != nil {
		return err
	}
	defer stack.Stop()
	if g.cfg.Environment == config.Development {
		if err := seedDemo(g.ctx, stack.DSN(pg.Migrator)); err != nil {
			return err
		}
	}
	a, err := g.app(stack, nil)
	if err != nil {
		return err
	}
	defer a.Close()
	return fn(a, stack)
}

// actor opens a session for a member of staff on behalf of a program on this host. Only the operator's database role may; it is on the record.
func (g *ground) actor(a *app.App, stack *devstack.Stack, username string) (access.Actor, error) {
	dsn := stack.DSN(pg.Migrator)
	if dsn == "" {
		return access.Actor{}, errors.New("a command acts for a person through the operator's database role: set BINHAN_DATABASE_PASSWORD_MIGRATOR")
	}
	db, err := pg.Open(dsn)
	if err != nil {
		return access.Actor{}, err
	}
	defer db.Close()
	h := signin.NewHandle()
	var id uuid.NullUUID
	if err := db.GetContext(g.ctx, &id, `select auth.command_session($1, $2, 12)`, username, string(h)); err != nil {
		return access.Actor{}, fmt.Errorf("open a session for %s: %w", username, err)
	}
	if !id.Valid {
		return access.Actor{}, fmt.Errorf("there is no account %q", username)
	}
	s, err := a.Gate.Whoami(g.ctx, h)
	s.Actor.Request.ID = "command"
	return s.Actor, err
}

type importCmd struct {
	Mapping string `required:"" help:"Mapping file, or the name of a shipped one (linea144)."`
	As      string `help:"Who imports and then holds the cases; the mapping's owner by default, in development only."`
	Commit  bool   `help:"Write. Without it nothing is stored: a dry run."`
	Strict  bool   `help:"Fail when a row was not taken, even though it is reported."`
	JSON    bool   `help:"The report for programs."`
	English bool   `help:"The report in English."`
	File    string `arg:"" help:"The register, .csv or .xlsx." type:"existingfile"`
}

// Run imports a legacy register.
func (c importCmd) Run(g *ground) error {
	lang := i18n.Vietnamese
	if c.English {
		lang = i18n.English
	}
	info, _ := os.Stderr.Stat()
	cmd := intake.Command{Mapping: c.Mapping, File: c.File, Commit: c.Commit, Strict: c.Strict, JSON: c.JSON, Language: lang, Out: os.Stdout, Err: os.Stderr,
		Terminal: info != nil && info.Mode()&os.ModeCharDevice != 0, Now: time.Now}
	run := func(open func() (intake.World, error)) error {
		code, err := cmd.Run(g.ctx, open)
		if err != nil {
			return err
		}
		if code != 0 {
			return exitCode(code)
		}
		return nil
	}
	if !c.Commit {
		return run(nil)
	}
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		return run(func() (intake.World, error) {
			return intake.World{Service: a.Intake, Actor: func(owner string) (access.Actor, error) {
				switch {
				case c.As != "":
					owner = c.As
				case g.cfg.Environment != config.Development:
					return access.Actor{}, errors.New("say who imports: --as USER")
				}
				return g.actor(a, stack, owner)
			}}, nil
		})
	})
}

// exitCode ends the program without a further word: everything was said.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

type releaseCmd struct {
	Build    releaseBuild    `cmd:"" help:"Prepare the release of a closed period."`
	Check    releaseCheck    `cmd:"" help:"Read a prepared release before it is published."`
	Publish  releasePublish  `cmd:"" help:"Publish a prepared release; another person than the preparer."`
	Export   releaseExport   `cmd:"" help:"Write a published release: tables as CSV, and the manifest."`
	Simulate releaseSimulate `cmd:"" help:"The same code on a file of made-up facts, without database or ledger."`
	Plan     releasePlanCmd  `cmd:"" help:"Release plans: propose, approve by another person, list."`
	Erratum  releaseErratum  `cmd:"" help:"Say in words without numbers what is wrong in a published release."`
	Nation   releaseNation   `cmd:"" help:"Add the published releases of all provinces for one period."`
	Audit    releaseAudit    `cmd:"" help:"The yearly audit: ledger, every release computed again, attackers on made-up people."`
}

type releaseBuild struct {
	Scope  string `default:"51" help:"A province, or an imported register by its name."`
	From   string `required:"" help:"First day, YYYY-MM-DD."`
	To     string `required:"" help:"Last day, YYYY-MM-DD."`
	Plan   string `help:"small, medium or large; by last year's published total when empty."`
	Kind   string `enum:"YEAR,QUARTER,LATE,CORRECTION" default:"YEAR" help:"${enum}: people of a year, of a quarter, what is known at closing, or a published year corrected."`
	Public bool   `help:"To be read by everybody once published."`
	As     string `default:"thongke.sldtbxh" help:"Who prepares."`
}

// Run prepares a release.
func (c releaseBuild) Run(g *ground) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		who, err := g.actor(a, stack, c.As)
		if err != nil {
			return err
		}
		r, err := a.Releases.Prepare(g.ctx, who, release.PrepareCommand{Scope: c.Scope, Period: release.Period{From: c.From, To: c.To}, Plan: c.Plan, Kind: release.Kind(c.Kind), Public: c.Public})
		return show(r, err)
	})
}

type releaseCheck struct {
	ID uuid.UUID `arg:""`
	As string    `default:"lanhdao.sldtbxh" help:"Who reads."`
}

// Run shows a prepared release.
func (c releaseCheck) Run(g *ground) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		who, err := g.actor(a, stack, c.As)
		if err != nil {
			return err
		}
		r, err := a.Releases.Check(g.ctx, who, c.ID)
		return show(r, err)
	})
}

type releasePublish struct {
	ID uuid.UUID `arg:""`
	As string    `default:"lanhdao.sldtbxh" help:"Who publishes."`
}

// Run publishes a release.
func (c releasePublish) Run(g *ground) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		who, err := g.actor(a, stack, c.As)
		if err != nil {
			return err
		}
		r, err := a.Releases.Publish(g.ctx, who, c.ID)
		return show(r, err)
	})
}

type releaseExport struct {
	ID  uuid.UUID `arg:""`
	Out string    `default:"." type:"path" help:"Folder."`
	As  string    `default:"thongke.sldtbxh" help:"Who reads."`
}

// Run writes a published release.
func (c releaseExport) Run(g *ground) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		who, err := g.actor(a, stack, c.As)
		if err != nil {
			return err
		}
		csv, manifest, err := a.Releases.Export(g.ctx, who, c.ID)
		if err != nil {
			return said(err)
		}
		raw, err := json.MarshalIndent(manifest, "", "  ")
		if err != nil {
			return err
		}
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return err
		}
		for name, content := range map[string][]byte{"tables.csv": csv, "manifest.json": append(raw, '\n')} {
			path := filepath.Join(c.Out, name)
			if err := os.WriteFile(path, content, 0o644); err != nil {
				return err
			}
			fmt.Println("wrote", path)
		}
		return nil
	})
}

type releaseSimulate struct {
	Facts    string `required:"" type:"existingfile" help:"Made-up facts: a header of dimension names, one row a person."`
	Plan     string `type:"existingfile" help:"A release plan; the default of the size class when left out."`
	Out      string `required:"" type:"path" help:"Published tables, CSV."`
	Manifest string `type:"path" help:"Manifest, JSON."`
	Kind     string `enum:"YEAR,QUARTER,LATE,CORRECTION" default:"YEAR" help:"Kind of cube when no plan is given: ${enum}."`
	Size     string `help:"Size class for the kinds other than YEAR: small, medium (default) or large."`
	Quarters bool   `help:"Draw the four quarters too and merge them into the year; their rows follow with -Q1 to -Q4 behind the release id."`
}

// Run simulates a release.
func (c releaseSimulate) Run(g *ground) error {
	return said(release.Simulate(g.ctx, release.SimulateOptions{Facts: c.Facts, Plan: c.Plan, Out: c.Out, Manifest: c.Manifest,
		Kind: release.Kind(c.Kind), Size: release.Size(c.Size), Quarters: c.Quarters}))
}

func show(v any, err error) error {
	if err != nil {
		return said(err)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// said puts a refusal into words, in Vietnamese as everywhere; a failure of ours stays as it is.
func said(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	text := site.Sentence(i18n.Vietnamese, err)
	for _, p := range site.Fields(i18n.Vietnamese, err) {
		text += "\n  " + p.Pointer + ": " + p.Detail
	}
	return errors.New(text)
}

type seedCmd struct{}

// Run writes the demo world; what is there stays.
func (seedCmd) Run(g *ground) error {
	if g.cfg.Environment != config.Development {
		return errors.New("the demo world is for development")
	}
	return g.with(func(*app.App, *devstack.Stack) error { return nil })
}
