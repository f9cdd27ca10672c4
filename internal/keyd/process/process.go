// Package process is `binhan keyd`: it reads the settings, makes of this operating-system process one that keeps secrets, and answers until it is
// told to end. The server itself is package keyd.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"binhan/internal/config"
	"binhan/internal/keyd"
)

// Running is the exit code that says that another key process holds the folder.
const Running = 75

// Run serves until ctx ends or, as a child, until the parent is gone.
func Run(ctx context.Context, k config.Keyd, log *slog.Logger) error {
	os.Clearenv() // nothing in it is needed any more
	syscall.Umask(0o077)
	if k.Child {
		// A child lies in a folder that its parent may reach and we may not: stay in it, and name everything from there.
		if err := os.Chdir(k.Dir); err != nil {
			return err
		}
		k.Dir = "."
	}
	allow, err := config.UIDs(k.Allow)
	if err != nil {
		return fmt.Errorf("BINHAN_KEYD_ALLOW: %w", err)
	}
	operators, err := config.UIDs(k.Operators)
	if err != nil {
		return fmt.Errorf("BINHAN_KEYD_OPERATORS: %w", err)
	}
	memory, err := keyd.Harden(k.User, k.User)
	if err != nil {
		return err
	}
	if os.Geteuid() == 0 && k.Environment == config.Production {
		return errors.New("the key process does not run as root: give it a user of its own (deploy/systemd/binhan-keyd.service)")
	}
	if memory != "locked" {
		log.Warn("the memory of the key process is not locked: keys could reach the swap", "why", memory)
	}
	o := Options(k)
	o.Allow, o.Operators, o.Memory, o.Log = allow, operators, memory, log
	s, err := keyd.Start(ctx, o)
	if err != nil {
		return err
	}
	log.Info("the key process answers", "state", s.Status(ctx).State, "backend", o.Backend, "uid", os.Geteuid())
	orphaned := make(chan struct{})
	if k.Child {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent, however that ends
			close(orphaned)
		}()
	}
	select {
	case <-ctx.Done():
	case <-orphaned:
	}
	return s.Close()
}

// Main is the whole of `binhan keyd`. It does not return.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := config.ParseKeyd(os.Environ())
	if err == nil {
		err = Run(ctx, k, slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	}
	switch {
	case err == nil:
		os.Exit(0)
	case errors.Is(err, keyd.ErrRunning):
		os.Exit(Running)
	}
	fmt.Fprintln(os.Stderr, "binhan keyd:", err)
	os.Exit(1)
}

// Options are those of the settings, but for what only a running process knows.
func Options(k config.Keyd) keyd.Options {
	budgets := keyd.DevelopmentBudgets()
	if k.Environment == config.Production {
		budgets = keyd.ProductionBudgets()
	}
	for _, b := range []struct {
		set int
		to  *int
	}{{k.Unwraps, &budgets.Unwraps}, {k.AllUnwraps, &budgets.AllUnwraps}, {k.Searches, &budgets.Searches}, {k.Marks, &budgets.Marks}} {
		if b.set > 0 {
			*b.to = b.set
		}
	}
	if k.Window > 0 {
		budgets.Window = k.Window
	}
	o := keyd.Options{Dir: k.Dir, Socket: k.Socket, Mode: 0o660, Budgets: budgets, Production: k.Environment == config.Production, RootFile: k.RootFile, TakeOver: k.TakeOver, Backend: k.Backend}
	switch k.Backend {
	case "openbao":
		o.RootFile, o.Vault = "", keyd.OpenBao{Address: "unix://" + k.OpenBaoSocket, Token: k.OpenBaoToken, Mount: k.OpenBaoMount}.Open
	case "pkcs11":
		o.RootFile, o.Vault = "", keyd.PKCS11{Module: k.Pkcs11Module, Token: k.Pkcs11Token, PIN: k.Pkcs11PIN}.Open
	}
	return o
}
