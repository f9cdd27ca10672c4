package main

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/devstack"
	"binhan/internal/pg"
	"binhan/internal/signin"
)

// The operator's commands about accounts. They do what the pages do, through the same door, in somebody's name (--as) and on the record: what needs two
// persons needs two here too. Only the operator's database role can open the session of a command.
type userCmd struct {
	First   userFirst   `cmd:"" help:"The first two administrators of an empty system; prints a code of one use."`
	List    userList    `cmd:"" help:"Accounts and what waits for a second person."`
	Add     userAdd     `cmd:"" help:"Propose an account; somebody of the organisation grants it."`
	Disable userDisable `cmd:"" help:"Propose to close an account."`
	Grant   userGrant   `cmd:"" help:"Grant a proposal, as the second person; prints the code of a new account."`
	Reset   userReset   `cmd:"" help:"Start a reset; prints the code of one use. Rights rest until a second person confirms."`
	Confirm userConfirm `cmd:"" help:"Confirm who somebody is after a reset, as the second person."`
	Unlock  userUnlock  `cmd:"" help:"Open an account again after too many wrong tries, as a second person."`
}

// staff finds the person of a username among those that the named one answers for.
func staff(g *ground, as string, fn func(a *app.App, who access.Actor, v signin.Staff) error) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		who, err := g.actor(a, stack, as)
		if err != nil {
			return err
		}
		v, err := a.SignIn.People(g.ctx, who)
		if err != nil {
			return said(err)
		}
		return said(fn(a, who, v))
	})
}

func person(v signin.Staff, username string) (uuid.UUID, error) {
	for _, p := range v.People {
		if p.Username == username {
			return p.ID, nil
		}
	}
	return uuid.Nil, fmt.Errorf("there is no account %q among those that you answer for", username)
}

type userList struct {
	As string `default:"quantri" help:"Who asks."`
}

// Run lists accounts and proposals.
func (c userList) Run(g *ground) error {
	return staff(g, c.As, func(_ *app.App, _ access.Actor, v signin.Staff) error {
		w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		for _, p := range v.People {
			state := "open"
			switch {
			case p.Closed:
				state = "closed"
			case p.Stopped:
				state = "stopped"
			case p.Waits:
				state = "waits for its code"
			case p.Frozen:
				state = "rests"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d second factors\n", p.Username, p.Role, p.OrgName, state, p.Factors)
		}
		for _, p := range v.Pending {
			fmt.Fprintf(w, "proposal %s\t%s %s\t%s\tby %s\t\n", p.ID, p.Kind, p.Username, p.OrgName, p.By)
		}
		return w.Flush()
	})
}

type userAdd struct {
	Username   string `arg:""`
	Name       string `required:""`
	Role       string `required:"" help:"A code of the list role."`
	Like       string `required:"" help:"The username of somebody of the same organisation."`
	Supervisor string `help:"The username of who supervises her."`
	As         string `default:"quantri" help:"Which administrator proposes."`
}

// Run proposes an account.
func (c userAdd) Run(g *ground) error {
	return staff(g, c.As, func(a *app.App, who access.Actor, v signin.Staff) error {
		cmd := signin.ProposeCommand{Kind: "create", Username: c.Username, Name: c.Name, Role: c.Role}
		for _, p := range v.People {
			if p.Username == c.Like {
				cmd.Organisation = p.Org
			}
		}
		if c.Supervisor != "" {
			boss, err := person(v, c.Supervisor)
			if err != nil {
				return err
			}
			cmd.Supervisor = boss
		}
		id, err := a.SignIn.Propose(g.ctx, who, cmd)
		if err == nil {
			fmt.Println("proposal", id, "waits for a second person")
		}
		return err
	})
}

type userDisable struct {
	Username string `arg:""`
	As       string `default:"quantri" help:"Which administrator proposes."`
}

// Run proposes to close an account.
func (c userDisable) Run(g *ground) error {
	return staff(g, c.As, func(a *app.App, who access.Actor, v signin.Staff) error {
		user, err := person(v, c.Username)
		if err != nil {
			return err
		}
		id, err := a.SignIn.Propose(g.ctx, who, signin.ProposeCommand{Kind: "close", User: user})
		if err == nil {
			fmt.Println("proposal", id, "waits for a second person")
		}
		return err
	})
}

type userGrant struct {
	Proposal uuid.UUID `arg:""`
	Refuse   bool      `help:"Refuse it instead."`
	As       string    `required:"" help:"The second person."`
}

// Run decides a proposal.
func (c userGrant) Run(g *ground) error {
	return staff(g, c.As, func(a *app.App, who access.Actor, _ signin.Staff) error {
		code, err := a.SignIn.Decide(g.ctx, who, c.Proposal, !c.Refuse)
		if err == nil && code != "" {
			fmt.Printf("code %s, good for %d hours: hand it over in person\n", code, signin.SetupHours)
		}
		return err
	})
}

type userReset struct {
	Username string `arg:""`
	As       string `default:"quantri" help:"Which administrator starts it."`
}

// Run starts a reset.
func (c userReset) Run(g *ground) error {
	return staff(g, c.As, func(a *app.App, who access.Actor, v signin.Staff) error {
		user, err := person(v, c.Username)
		if err != nil {
			return err
		}
		code, err := a.SignIn.Reset(g.ctx, who, user)
		if err == nil {
			fmt.Printf("code %s, good for %d hours: hand it over in person; her rights rest until a second person confirms who she is\n", code, signin.SetupHours)
		}
		return err
	})
}

type userConfirm struct {
	Username string `arg:""`
	As       string `required:"" help:"The second person."`
}

// Run confirms who somebody is.
func (c userConfirm) Run(g *ground) error {
	return staff(g, c.As, func(a *app.App, who access.Actor, v signin.Staff) error {
		user, err := person(v, c.Username)
		if err != nil {
			return err
		}
		return a.SignIn.Confirm(g.ctx, who, user)
	})
}

type userUnlock struct {
	Username string `arg:""`
	As       string `required:"" help:"The second person."`
}

// Run opens an account again.
func (c userUnlock) Run(g *ground) error {
	return staff(g, c.As, func(a *app.App, who access.Actor, v signin.Staff) error {
		if c.As == c.Username {
			return errors.New("somebody else opens it again")
		}
		user, err := person(v, c.Username)
		if err != nil {
			return err
		}
		return a.SignIn.Release(g.ctx, who, user)
	})
}

type userFirst struct {
	Username string `arg:""`
	Name     string `required:""`
	Code     string `required:"" help:"Short code of the administrators' organisation; it is made when it is not there."`
	Org      string `help:"Its name, when it is new."`
	Type     string `default:"DOHA" help:"Its type, of the list agency_type, when it is new."`
	Province string `default:"51" help:"Its province, when it is new."`
}

// Run makes an administrator while there are fewer than two: two, because neither can do anything alone. After that, accounts are made by two persons like all.
func (c userFirst) Run(g *ground) error {
	return g.with(func(_ *app.App, stack *devstack.Stack) error {
		dsn := stack.DSN(pg.Migrator)
		if dsn == "" {
			return errors.New("the operator's database role makes the first administrators: set BINHAN_DATABASE_PASSWORD_MIGRATOR")
		}
		db, err := pg.Open(dsn)
		if err != nil {
			return err
		}
		defer db.Close()
		tx, err := db.BeginTxx(g.ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		run := func(query string, args ...any) {
			if err == nil {
				_, err = tx.ExecContext(g.ctx, query, args...)
			}
		}
		run(`set local role binhan_owner`)
		run(`lock table auth.memberships in share row exclusive mode`)
		if err != nil {
			return err
		}
		var admins int
		if err := tx.GetContext(g.ctx, &admins, `select count(*) from auth.memberships m join auth.users u on u.id = m.user_id
			where m.role = 'SYS_ADMIN' and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())`); err != nil {
			return err
		}
		if admins >= 2 {
			return errors.New("there are two administrators: they propose, and somebody else grants")
		}
		code, hash := signin.NewSetupCode()
		salt, verifier, err := signin.NewVerifier(string(signin.NewHandle()), signin.Strong) // a password that nobody knows
		if err != nil {
			return err
		}
		user := uuid.Must(uuid.NewV7())
		name := c.Org
		if name == "" {
			name = c.Code
		}
		run(`insert into organisations (id, code, name, type, province, valid_from) values ($1, $2, $3, $4, $5, current_date) on conflict (code) do nothing`, uuid.Must(uuid.NewV7()), c.Code, name, c.Type, c.Province)
		run(`insert into auth.users (id, username, name, salt, verifier, argon) values ($1, $2, $3, $4, $5, $6)`, user, c.Username, c.Name, salt, verifier, signin.Strong)
		run(`insert into auth.memberships (id, user_id, organisation_id, role) select $1, $2, o.id, 'SYS_ADMIN' from organisations o where o.code = $3`, uuid.Must(uuid.NewV7()), user, c.Code)
		run(`insert into auth.setup_codes (user_id, hash, made_by, expires_at) values ($1, $2, $1, now() + make_interval(hours => $3))`, user, hash, signin.SetupHours)
		if err == nil {
			err = tx.Commit()
		}
		if err != nil {
			return err
		}
		fmt.Printf("code %s, good for %d hours: hand it over in person\n", code, signin.SetupHours)
		return nil
	})
}
