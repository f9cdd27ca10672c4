package main

import (
	"fmt"

	"github.com/google/uuid"

	"binhan/internal/app"
	"binhan/internal/devstack"
	"binhan/internal/pg"
)

type tokensCmd struct{}

// Run makes the tokens of cases that were recorded before there were any, holder by holder: each holder's keys are opened in her name, and it is on the record of her
// cases. It may be stopped and run again; a case that has nothing to make a token of is looked at again each time.
func (tokensCmd) Run(g *ground) error {
	return g.with(func(a *app.App, stack *devstack.Stack) error {
		db, err := pg.Open(stack.DSN(pg.Migrator))
		if err != nil {
			return err
		}
		defer db.Close()
		var holders []string
		if err := db.SelectContext(g.ctx, &holders, `select username from standing.holders_without_tokens() as username`); err != nil {
			return fmt.Errorf("find the holders: %w", err)
		}
		total := 0
		for _, name := range holders {
			who, err := g.actor(a, stack, name)
			if err != nil {
				return err
			}
			made := 0
			for after := uuid.Nil; ; {
				last, n, err := a.Cases.Index(g.ctx, who, after, 50)
				if err != nil {
					return fmt.Errorf("cases of %s: %w", name, err)
				}
				made += n
				if last == uuid.Nil {
					break
				}
				after = last
			}
			fmt.Printf("%s: %d cases\n", name, made)
			total += made
		}
		fmt.Printf("%d cases have tokens now.\n", total)
		return nil
	})
}
