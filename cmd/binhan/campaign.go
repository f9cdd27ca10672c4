package main

import (
	"errors"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/campaign"
	"binhan/internal/devstack"
	"binhan/internal/fault"
	"binhan/internal/pg"
)

// demoReport lets the two readers of the demo world finish the report of 2022, once and through the door like anybody, so that a new user sees a whole report at once.
func (g *ground) demoReport(a *app.App, stack *devstack.Stack) error {
	db, err := pg.Open(stack.DSN(pg.Migrator))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connx(g.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(g.ctx, `set role binhan_owner`); err != nil {
		return err
	}
	var states []string
	if err := conn.SelectContext(g.ctx, &states, `select state from campaign.versions where year = 2022`); err != nil || len(states) > 0 {
		return err
	}
	var who [2]access.Actor
	for i, name := range []string{"thongke.sldtbxh", "lanhdao.sldtbxh"} {
		if who[i], err = g.actor(a, stack, name); err != nil {
			return err
		}
	}
	v, err := a.Campaigns.Prepare(g.ctx, who[0], 2022)
	if errors.Is(err, fault.Conflict) || errors.Is(err, fault.NotFound) {
		return nil // somebody works on it, or took the year away
	}
	if err != nil {
		return err
	}
	if v, err = a.Campaigns.Decide(g.ctx, who[1], 2022, v.Number, campaign.DecideCommand{Approve: true}); err != nil {
		return err
	}
	_, err = a.Campaigns.Publish(g.ctx, who[1], 2022, v.Number)
	return err
}
