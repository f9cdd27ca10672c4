package main

import (
	"os"
	"runtime/pprof"
	"time"

	"binhan/internal/bench"
)

type benchCmd struct {
	Cases int           `default:"100000" help:"Cases in the measured world."`
	Runs  int           `default:"5" help:"Turns of each comparison."`
	For   time.Duration `default:"2s" help:"Length of a turn."`
	Out   string        `default:"docs/bench" type:"path" help:"Folder of the report."`
	Only  []string      `help:"Only these steps: round trips, keys, sign-in, authorization, acts, crowd, release, door, growth, record, size."`
	CPU   string        `type:"path" help:"Write a CPU profile of this process here."`
}

// Run measures the house against its limits and writes the report.
func (c benchCmd) Run(g *ground) error {
	if c.CPU != "" {
		f, err := os.Create(c.CPU)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return bench.Run(g.ctx, bench.Options{KeyProgram: g.cfg.KeyProgram, Dir: g.cfg.Data, Out: c.Out, Cases: c.Cases, Runs: c.Runs, For: c.For, Only: c.Only, Log: os.Stderr})
}
