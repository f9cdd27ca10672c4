// Command binhan is the whole program: the server and its tools. This file reads the settings and calls; it decides nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"binhan/internal/config"
)

type commands struct {
	Serve   serveCmd   `cmd:"" help:"Serve the application; in development with its own database and object store."`
	Bench   benchCmd   `cmd:"" help:"Measure the house against its limits and write the report."`
	Import  importCmd  `cmd:"" help:"Take over a legacy register; a dry run unless --commit."`
	Release releaseCmd `cmd:"" help:"Statistics releases."`
	Seed    seedCmd    `cmd:"" help:"Write the demo world (development)."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to the schema of this program."`
}

// ground is what every command stands on.
type ground struct {
	ctx context.Context
	cfg config.Config
	log *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("binhan"), kong.Description("Bình An: referrals for people who faced violence."), kong.UsageOnError())
	cfg, err := config.Load()
	if err != nil {
		fail(err)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	slog.SetDefault(log)
	if err := k.Run(&ground{ctx, cfg, log}); err != nil {
		var code exitCode
		if errors.As(err, &code) {
			os.Exit(int(code))
		}
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "binhan:", err)
	os.Exit(1)
}
