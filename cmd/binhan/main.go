// Command binhan is the whole program: the server and its tools. This file reads the settings and calls; it decides nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"binhan/internal/config"
	"binhan/internal/keyd/process"
	"binhan/internal/logbook"
)

type commands struct {
	Serve    serveCmd    `cmd:"" help:"Serve the application; in development with its own database and object store."`
	Audit    auditCmd    `cmd:"" help:"The record of acts: verify it, anchor it, witness it."`
	Bench    benchCmd    `cmd:"" help:"Measure the house against its limits and write the report."`
	Import   importCmd   `cmd:"" help:"Take over a legacy register; a dry run unless --commit."`
	Release  releaseCmd  `cmd:"" help:"Statistics releases."`
	Seed     seedCmd     `cmd:"" help:"Write the demo world (development)."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database to the schema of this program."`
	Keyd     keydCmd     `cmd:"" help:"The key process: holds the keys, answers on a Unix socket."`
	Keys     keysCmd     `cmd:"" help:"Make, open, close, turn the keys; read their log."`
	Erasures erasuresCmd `cmd:"" help:"What was erased stays erased."`
	Tokens   tokensCmd   `cmd:"" help:"Make the matching tokens of cases that were recorded before there were any."`
	Matrix   matrixCmd   `cmd:"" help:"Print who may do what, by which tie to the case."`
	User     userCmd     `cmd:"" help:"Accounts of staff; what needs two persons needs two here too."`
}

// ground is what every command stands on.
type ground struct {
	ctx  context.Context
	cfg  config.Config
	log  *slog.Logger
	book *logbook.Book
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("binhan"), kong.Description("Bình An: referrals for people who faced violence."), kong.UsageOnError())
	if k.Command() == "keyd" {
		process.Main() // before anything else of this program is set up
	}
	var cfg config.Config
	if !strings.HasPrefix(k.Command(), "keys ") || strings.HasPrefix(k.Command(), "keys rotate") { // whoever opens the keys needs no setting of the server
		var err error
		if cfg, err = config.Load(); err != nil {
			fail(err)
		}
		if cfg.KeyProgram == "" { // we are it, whatever our file is called
			if cfg.KeyProgram, err = os.Executable(); err != nil {
				fail(err)
			}
		}
	}
	book := logbook.New(os.Stderr, slog.LevelInfo)
	log := book.Logger
	slog.SetDefault(log)
	if err := k.Run(&ground{ctx, cfg, log, book}); err != nil {
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
