package main

import (
	"os"
	"time"

	"binhan/internal/bench"
)

type benchCmd struct {
	Cases int           `default:"100000" help:"Cases in the measured world."`
	Runs  int           `default:"5" help:"Turns of each comparison."`
	For   time.Duration `default:"2s" help:"Length of a turn."`
	Out   string        `default:"docs/bench" type:"path" help:"Folder of the report."`
}

// Run measures the house against its limits and writes the report.
func (c benchCmd) Run(g *ground) error {
	return bench.Run(g.ctx, bench.Options{Dir: g.cfg.Data, Out: c.Out, Cases: c.Cases, Runs: c.Runs, For: c.For, Log: os.Stderr})
}
