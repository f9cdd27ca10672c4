// Package app is wiring only: it joins the slices to the door and the door to the surface. What the program can do stands in routes.go, line by line.
package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
	"binhan/internal/audit"
	"binhan/internal/campaign"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/config"
	"binhan/internal/desk"
	"binhan/internal/directory"
	"binhan/internal/evidence"
	"binhan/internal/gate"
	"binhan/internal/intake"
	"binhan/internal/pg"
	"binhan/internal/referral"
	"binhan/internal/release"
	"binhan/internal/rights"
	"binhan/internal/seal"
	"binhan/internal/signin"
	"binhan/internal/site"
	"binhan/internal/world"
	"binhan/policies"
	"binhan/web/ui"
)

// Options are what an App stands on.
type Options struct {
	DSN     func(pg.Role) string
	Store   config.Store // of evidence
	Ring    seal.Ring
	Secure  bool           // cookies only over TLS
	SignIn  signin.Options // Strict rules where Secure and none are given
	Proxies []string       // addresses and networks of the one proxy before us, whose X-Forwarded-For is believed
	Log     *slog.Logger
	Size    int // connections of each pool; eight when zero
	Seen    func(route string, status int, took time.Duration)
	// Budgets of each person; when zero, strict where Secure and generous on a developer's own machine.
	Budgets access.Budgets
	// RightsDays says whether the second clock of a data request counts calendar or working days.
	RightsDays rights.Days
	// RequireAgreement refuses a referral by consent to an organisation with which no agreement is in force.
	RequireAgreement bool
}

// App is the whole program behind its listeners.
type App struct {
	Gate      *gate.Gate
	SignIn    *signin.Service
	Cases     *casefile.Service
	Directory *directory.Service
	Referrals *referral.Service
	Intake    *intake.Service
	Releases  *release.Service
	Campaigns *campaign.Service
	Rights    *rights.Service
	Evidence  *evidence.Service // nil without a store
	Audit     *audit.Service
	Desk      *desk.Desk
	Site      *site.Site
	pools     []*sqlx.DB
}

// New wires an App. It refuses code lists or a policy that contradict themselves.
func New(ctx context.Context, o Options) (*App, error) {
	if err := codelist.Check(); err != nil {
		return nil, fmt.Errorf("code lists: %w", err)
	}
	policy, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		return nil, err
	}
	if err := policy.SpotCheck(); err != nil {
		return nil, err
	}
	if o.Size == 0 {
		o.Size = 8
	}
	a := &App{}
	pools := map[access.Pool]*sqlx.DB{}
	for pool, role := range map[access.Pool]pg.Role{access.Casework: pg.App, access.Releasing: pg.Releaser, access.Reading: pg.Statistics, access.Inspecting: pg.Auditor} {
		db, err := pg.Open(o.DSN(role))
		if err != nil {
			a.Close()
			return nil, fmt.Errorf("database role %s: %w", role, err)
		}
		a.pools = append(a.pools, db)
		pools[pool] = db
	}
	a.Gate = gate.New(policy, o.Ring, pools, o.Size)
	switch {
	case o.Budgets != (access.Budgets{}):
		a.Gate.Limit(o.Budgets)
	case !o.Secure:
		a.Gate.Limit(access.GenerousBudgets())
	}
	if o.SignIn.Rules == (signin.Rules{}) && o.Secure {
		o.SignIn.Rules = signin.Strict
	}
	if a.SignIn, err = signin.New(a.Gate, o.SignIn); err != nil {
		a.Close()
		return nil, err
	}
	a.Cases = casefile.New(a.Gate)
	a.Directory = directory.New(a.Gate)
	a.Referrals = referral.New(a.Gate)
	a.Referrals.NeedsAgreement = o.RequireAgreement
	a.Audit = audit.New(a.Gate)
	a.Intake = intake.New(a.Cases)
	a.Releases = release.New(a.Gate, registerAreas)
	a.Releases.Named(desk.CodeName)
	a.Campaigns = campaign.New(a.Gate, a.Releases)
	if o.Store.Endpoint != "" {
		if err := a.openVault(ctx, o); err != nil {
			a.Close()
			return nil, err
		}
	}
	a.Rights = rights.New(rights.Options{Gate: a.Gate, Ring: o.Ring, Evidence: a.Evidence, Days: o.RightsDays})
	a.Desk = desk.New(desk.Options{Cases: a.Cases, Directory: a.Directory, Referrals: a.Referrals, Evidence: a.Evidence, Releases: a.Releases, Campaigns: a.Campaigns, Open: release.NewOpenData(a.Gate, desk.CodeName), Rights: a.Rights, Demo: demo(o), Audit: a.Audit, Provider: a.SignIn.ProviderName()})
	a.Site = site.New(site.Options{Gate: a.Gate, SignIn: a.SignIn, Secure: o.Secure, Failure: a.Desk.Failure, Log: o.Log, Seen: o.Seen, Proxies: o.Proxies, Away: a.SignIn.ProviderOrigin()}, a.routes())
	return a, nil
}

// openVault joins the object store and asks it to prove that it keeps versions, refuses to overwrite and holds what is held. On a developer's own machine the
// bucket is made first.
func (a *App) openVault(ctx context.Context, o Options) error {
	vault, err := evidence.OpenMinio(o.Store)
	if err != nil {
		return err
	}
	if !o.Secure {
		if err := vault.Make(ctx); err != nil {
			return err
		}
	}
	if err := vault.Probe(ctx); err != nil {
		return err
	}
	a.Evidence = evidence.New(a.Gate, o.Ring, vault)
	return nil
}

// Sweep removes what was uploaded and never adopted by a case, once an hour until ctx ends. It may run on any number of machines.
func (a *App) Sweep(ctx context.Context, log *slog.Logger) {
	if a.Evidence == nil {
		return
	}
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		done, err := a.Evidence.Sweep(ctx, time.Now().Add(-evidence.Grace), a.Gate.NamedObjects)
		if err != nil && ctx.Err() == nil {
			log.Error("sweep", "cause", err.Error())
		} else if done.Removed > 0 {
			log.Info("sweep", "removed", done.Removed, "held", done.Held)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close gives every connection back.
func (a *App) Close() {
	if a.Gate != nil {
		a.Gate.Close()
	}
	for _, db := range a.pools {
		db.Close()
	}
}

// demo is the demo world's way in, shown at sign-in on a developer's own machine and nowhere else.
func demo(o Options) desk.Demo {
	if o.Secure {
		return desk.Demo{}
	}
	d := desk.Demo{Password: world.Password}
	for _, p := range world.People {
		for _, org := range world.Orgs {
			if org.Code == p.Org {
				d.Accounts = append(d.Accounts, ui.Row{Label: p.Username, Value: org.Name})
			}
		}
	}
	return d
}

// registerAreas are the areas that a shipped mapping brings for its register; nil when no mapping has this scope.
func registerAreas(scope string) []string {
	for _, name := range intake.ShippedMappings() {
		if m, err := intake.OpenMapping(name); err == nil && m.Scope == scope {
			return m.AreaCodes()
		}
	}
	return nil
}
