package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"binhan/internal/app"
	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/keyd"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/site"
	"binhan/internal/world"
)

type migrateCmd struct{}

// Run migrates and ends.
func (migrateCmd) Run(w *ground) error { return devstack.Migrate(w.ctx, w.cfg) }

type serveCmd struct{}

// Run serves until it is told to stop or until what it stands on ends.
func (serveCmd) Run(w *ground) error {
	stack, err := devstack.Start(w.ctx, w.cfg)
	if err != nil {
		return err
	}
	defer stack.Stop()
	if dir := stack.Moved(); dir != "" {
		fmt.Fprintf(os.Stderr, "The database's own user cannot reach this folder; the database lies in %s.\n", dir)
	}
	development := w.cfg.Environment == config.Development
	if !stack.KeysApart() {
		fmt.Fprintln(os.Stderr, "The key process runs as the same user as this server, since only root can give it one of its own: in this house a taken-over server could read the keys.")
	}
	if development {
		if err := seedDemo(w.ctx, stack.DSN(pg.Migrator)); err != nil {
			return err
		}
	}
	m := newMetrics()
	m.registry.MustRegister(keyMetrics{keyd.NewClient(stack.KeySocket(), 0)})
	a, err := w.app(stack, m.seen)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Gate.Ready(w.ctx); err != nil {
		return err
	}
	if n, err := app.ReplayErasures(w.ctx, keyd.NewClient(stack.KeySocket(), 0), stack.DSN); err != nil {
		return err
	} else if n > 0 {
		w.log.Warn("erased cases came back with this database and were emptied again", "cases", n)
	}
	if development {
		if err := w.demoReport(a, stack); err != nil {
			w.log.Warn("the demo report of 2022 is not there", "cause", err.Error())
		}
	}
	go a.Sweep(w.ctx, w.log)
	go func() { // its silence stops nobody: it is asked again when somebody wants to come through it
		if err := a.SignIn.MeetProvider(w.ctx); err != nil {
			w.log.Warn("identity provider silent", "cause", err.Error())
		}
	}()
	media, err := w.media(w.ctx, stack)
	if err != nil {
		return err
	}
	kept := make(chan error, 1)
	keeping, endKeeping := context.WithCancel(w.ctx)
	defer func() { endKeeping(); <-kept }()
	go func() {
		kept <- app.KeepRecord(keeping, stack.DSN(pg.Sealer), keyd.NewClient(stack.KeySocket(), 0), media, w.log, app.RecordSeen{Sealed: m.sealed, Anchored: m.anchored})
	}()
	m.watch(w.book)
	defer w.book.End()
	public, err := net.Listen("tcp", w.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	inner, err := net.Listen("tcp", w.cfg.InternalListen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	front := site.Server(a.Site, w.log)
	back := &http.Server{Handler: health(a, m), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- front.Serve(public) }()
	go func() { failed <- back.Serve(inner) }()
	if development {
		welcome(w.cfg)
	}
	select {
	case err = <-failed:
	case <-stack.Done():
		err = errors.New("the database or the object store has ended")
	case <-w.ctx.Done():
		err = nil
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	return errors.Join(err, front.Shutdown(ctx), back.Shutdown(ctx))
}

// seedDemo writes the demo world once.
func seedDemo(ctx context.Context, dsn string) error {
	db, err := pg.Open(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `set role binhan_owner`); err != nil {
		return err
	}
	return world.Seed(ctx, conn, signin.Strong)
}

func health(a *app.App, m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.Gate.Ready(r.Context()); err != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	return mux
}

func welcome(c config.Config) {
	fmt.Printf("\nBình An: %s\n\nDemo accounts (password %s):\n", c.PublicURL, world.Password)
	for _, p := range world.People {
		fmt.Printf("  %-18s %-18s %s\n", p.Username, p.Role, p.Name)
	}
	fmt.Println("\nCtrl-C stops everything.")
}
