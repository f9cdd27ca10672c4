package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jmoiron/sqlx"

	"binhan/internal/app"
	"binhan/internal/audit/proof"
	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/keyd"
	"binhan/internal/logbook"
	"binhan/internal/pg"
)

type auditCmd struct {
	Verify   auditVerify   `cmd:"" help:"Prove that the record of acts is whole; names the first entry that is not. Exit 0 whole, 1 not, 2 could not be read."`
	Anchor   auditAnchor   `cmd:"" help:"Print the anchor of the day, for two agencies to print and file; --to FOLDER writes it to a medium."`
	Offer    auditOffer    `cmd:"" help:"Write what a witness needs to sign the newest checkpoint."`
	Witness  auditWitness  `cmd:"" help:"On the witness's own machine: sign an offer (standard input) if it continues the last that was signed."`
	Key      auditKey      `cmd:"" help:"Print the public key of the record, for BINHAN_AUDIT_KEY and for witnesses."`
	LogCheck auditLogCheck `cmd:"" help:"Check that no line of an application log is missing, altered or cut."`
}

// record joins the running world and reads the record of acts as the sealer does.
func (g *ground) record(fn func(db *sqlx.DB, stack *devstack.Stack) error) error {
	stack, err := devstack.Start(g.ctx, g.cfg)
	if err != nil {
		return err
	}
	defer stack.Stop()
	db, err := pg.Open(stack.DSN(pg.Sealer))
	if err != nil {
		return err
	}
	defer db.Close()
	return fn(db, stack)
}

// media are the places to which this house takes its checkpoints.
func (g *ground) media(ctx context.Context, stack *devstack.Stack) ([]proof.Medium, error) {
	store, err := g.cfg.AnchorStore(stack.Store())
	if err != nil {
		return nil, err
	}
	return app.Media(ctx, g.cfg.Anchors, store, g.cfg.Environment == config.Development)
}

type auditVerify struct {
	Checkpoint []string `type:"existingfile" help:"A checkpoint that somebody keeps: a witness's, an anchor's. May be given several times."`
	Key        string   `help:"Public key of the record; else BINHAN_AUDIT_KEY, else the one that was anchored first."`
	Media      []string `type:"existingdir" help:"A folder of anchors, besides those of the settings."`
	JSON       bool     `help:"For programs."`
}

// unreadable is the exit of a verification that could not be made.
const unreadable = exitCode(2)

// Run verifies.
func (c auditVerify) Run(g *ground) error {
	err := g.record(func(db *sqlx.DB, stack *devstack.Stack) error {
		media, err := g.media(g.ctx, stack)
		if err != nil {
			return err
		}
		for _, dir := range c.Media {
			media = append(media, proof.Folder{Dir: dir})
		}
		media, unborn := present(media)
		key, pinned, err := c.key(g, stack, media)
		if err != nil {
			return err
		}
		o := proof.VerifyOptions{Key: key, Media: media, Now: time.Now()}
		for _, path := range c.Checkpoint {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			o.Checkpoints = append(o.Checkpoints, text)
		}
		start := time.Now()
		r, err := proof.Verify(g.ctx, db, o)
		if err != nil {
			return err
		}
		if c.JSON {
			e := json.NewEncoder(os.Stdout)
			e.SetIndent("", "  ")
			if err := e.Encode(r); err != nil {
				return err
			}
		} else {
			told(r, pinned, unborn, time.Since(start))
		}
		if !r.Whole() {
			return exitCode(1)
		}
		return nil
	})
	var code exitCode
	if err != nil && !errors.As(err, &code) {
		fmt.Fprintln(os.Stderr, "binhan: the record could not be verified:", err)
		return unreadable
	}
	return err
}

// present leaves out a folder that nobody has written to yet.
func present(media []proof.Medium) (there []proof.Medium, unborn int) {
	for _, m := range media {
		if f, ok := m.(proof.Folder); ok {
			if _, err := os.Stat(f.Dir); errors.Is(err, os.ErrNotExist) {
				unborn++
				continue
			}
		}
		there = append(there, m)
	}
	return there, unborn
}

func (c auditVerify) key(g *ground, stack *devstack.Stack, media []proof.Medium) (key proof.Key, pinned string, err error) {
	text := c.Key
	pinned = "as given"
	if text == "" {
		text, pinned = g.cfg.AuditKey, "as set"
	}
	if text == "" {
		if text, err = proof.FirstKey(g.ctx, media); err != nil {
			return key, "", err
		}
		pinned = "as first anchored"
	}
	if text == "" {
		if text, err = keyd.NewClient(stack.KeySocket(), 0).VerifierKey(g.ctx); err != nil {
			return key, "", err
		}
		pinned = "as the house says now: pinned by nothing"
	}
	key, err = proof.ParseKey(text)
	return key, pinned, err
}

func told(r proof.Report, pinned string, unborn int, took time.Duration) {
	fmt.Printf("%d entries under %d seals, the newest of %s\nroot %s\nkey %s\n%d anchors agree or are named below, %d entries wait for a seal, %d numbers belong to acts that were rolled back\n%d entries a second\n",
		r.Size, r.Seals, r.SealedAt.Format(time.RFC3339), r.Root, pinned, r.Anchors, r.Unsealed, r.Unused, int64(float64(r.Size)/max(took.Seconds(), 0.001)))
	if r.Anchors == 0 {
		fmt.Println("No anchor was found: what is whole in itself could have been written anew as a whole.")
	}
	if unborn > 0 {
		fmt.Println("A folder of anchors is set and is not there.")
	}
	if r.Whole() {
		fmt.Println("The record is whole.")
		return
	}
	fmt.Println("The record is NOT whole:")
	for _, f := range r.Findings {
		fmt.Printf("  %-11s entry %-10d %s\n", f.Kind, f.Entry, f.Text)
	}
}

type auditAnchor struct {
	To string `type:"path" help:"Also write the newest checkpoint to this folder: a stick, a share."`
}

// Run prints the anchor.
func (c auditAnchor) Run(g *ground) error {
	return g.record(func(db *sqlx.DB, stack *devstack.Stack) error {
		ring := keyd.NewClient(stack.KeySocket(), 0)
		if c.To != "" {
			if _, err := proof.AnchorNow(g.ctx, db, ring, proof.Folder{Dir: c.To}); err != nil {
				return err
			}
		}
		key, err := ring.VerifierKey(g.ctx)
		if err != nil {
			return err
		}
		signed, err := proof.Newest(g.ctx, db)
		if err != nil || signed == "" {
			return errors.Join(err, errors.New("the record has no checkpoint yet"))
		}
		text, err := proof.Printed(signed, key)
		if err != nil {
			return err
		}
		_, err = fmt.Print(text, "\n", signed)
		return err
	})
}

type auditOffer struct {
	Since int64 `help:"How many entries the last checkpoint counts that the witness signed."`
}

// Run writes the offer.
func (c auditOffer) Run(g *ground) error {
	return g.record(func(db *sqlx.DB, _ *devstack.Stack) error {
		text, err := proof.Offer(g.ctx, db, c.Since)
		if err != nil {
			return err
		}
		_, err = io.WriteString(os.Stdout, text)
		return err
	})
}

type auditWitness struct {
	Folder string `arg:"" type:"path" help:"Where the witness keeps her key and what she signed last. Made at first."`
	Record string `help:"Public key of the record, at first."`
}

// Run signs.
func (c auditWitness) Run() error {
	w, err := proof.OpenWitness(c.Folder, c.Record)
	if err != nil {
		return err
	}
	last, err := w.Last()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "The last that was signed counts %d entries.\n", last)
	signed, err := w.Sign(os.Stdin)
	if err != nil {
		return err
	}
	_, err = io.WriteString(os.Stdout, signed)
	return err
}

type auditKey struct{}

// Run prints the key.
func (auditKey) Run(g *ground) error {
	return g.record(func(_ *sqlx.DB, stack *devstack.Stack) error {
		key, err := keyd.NewClient(stack.KeySocket(), 0).VerifierKey(g.ctx)
		if err == nil {
			_, err = fmt.Println(key)
		}
		return err
	})
}

type auditLogCheck struct {
	File  string `arg:"" type:"existingfile"`
	Until int64  `help:"The number of the last line as the metric binhan_log_lines_total has it: a log that ends before was cut."`
}

// Run checks a log.
func (c auditLogCheck) Run() error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	seen, err := logbook.Check(f)
	var broken *logbook.Broken
	switch {
	case errors.As(err, &broken):
		fmt.Println(broken)
		return exitCode(1)
	case err != nil:
		return err
	case seen.Last < c.Until:
		fmt.Printf("after line %d of the process, lines up to %d are missing\n", seen.Last, c.Until)
		return exitCode(1)
	}
	fmt.Printf("%d lines of %d processes, the last is number %d", seen.Lines, seen.Starts, seen.Last)
	if seen.Other > 0 {
		fmt.Printf("; %d lines between them are not of this log", seen.Other)
	}
	if !seen.Ended {
		fmt.Print("; its process has not ended, or the end was cut off: compare the number with binhan_log_lines_total")
	}
	fmt.Println()
	return nil
}
