package main

import (
	"fmt"

	"binhan/internal/app"
	"binhan/internal/devstack"
	"binhan/internal/keyd"
)

type erasuresCmd struct {
	Replay erasuresReplay `cmd:"" help:"After a restore: empty again what the ledger of the keys says is erased."`
}

type erasuresReplay struct{}

// Run replays the ledger of erasures on the database of the settings. The server does the same at its start, where it may.
func (erasuresReplay) Run(g *ground) error {
	stack, err := devstack.Start(g.ctx, g.cfg)
	if err != nil {
		return err
	}
	defer stack.Stop()
	n, err := app.ReplayErasures(g.ctx, keyd.NewClient(stack.KeySocket(), 0), stack.DSN)
	if err != nil {
		return err
	}
	fmt.Printf("%d erased cases had come back and were emptied\n", n)
	return nil
}
