package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/keyd"
	"binhan/internal/keyd/process"
	"binhan/internal/keyd/turn"
	"binhan/internal/pg"
)

type keydCmd struct{}

// Run is the key process.
func (keydCmd) Run(*ground) error {
	process.Main()
	return nil
}

type keysCmd struct {
	Init    keysInit    `cmd:"" help:"Make the keys and print their shares, once."`
	Unseal  keysUnseal  `cmd:"" help:"Open the key process: reads shares, one a line, without echo."`
	Seal    keysSeal    `cmd:"" help:"Close the key process: nobody can open a case until the shares are brought again."`
	Status  keysStatus  `cmd:"" help:"Show the state of the key process."`
	Shares  keysShares  `cmd:"" help:"Give out new shares of the same keys; wants a quorum of the old ones."`
	Release keysRelease `cmd:"" help:"Let somebody go on who opened too much and was stopped."`
	Rotate  keysRotate  `cmd:"" help:"Turn the key-encryption keys and wrap every stored key anew, while people work."`
	Log     keysLog     `cmd:"" help:"The log of the key process."`
}

// keySocket is where the key process answers: as the settings say, else where production has it, else where a development house here has it.
func keySocket(socket string) string {
	if socket != "" {
		return socket
	}
	if set := os.Getenv("BINHAN_KEYD_SOCKET"); set != "" {
		return set
	}
	data := os.Getenv("BINHAN_DATA")
	if data == "" {
		data = "var"
	}
	here, err := filepath.Abs(filepath.Join(data, "keyd", "sock"))
	if err == nil && !keyd.SocketExists(config.ProductionKeySocket) && keyd.SocketExists(here) {
		return here
	}
	return config.ProductionKeySocket
}

type atSocket struct {
	Socket string `help:"Socket of the key process." type:"path"`
}

func (a atSocket) client(ctx context.Context) (*keyd.Client, keyd.Status, error) {
	c := keyd.NewClient(keySocket(a.Socket), 10*time.Second)
	st, err := c.Status(ctx)
	if err != nil {
		return nil, st, fmt.Errorf("the key process does not answer on %s: %w", keySocket(a.Socket), err)
	}
	return c, st, nil
}

type keysInit struct {
	atSocket
	Shares int `default:"5" help:"How many shares."`
	Quorum int `default:"3" help:"How many of them open the keys."`
}

// Run makes the keys.
func (k keysInit) Run(g *ground) error {
	c, _, err := k.client(g.ctx)
	if err != nil {
		return err
	}
	made, err := c.Init(g.ctx, k.Quorum, k.Shares)
	if err != nil {
		return err
	}
	printShares(os.Stdout, made)
	fmt.Println("The keys are made and closed. Open them now with `binhan keys unseal`: that shows that the shares were written down rightly.")
	return nil
}

func printShares(w io.Writer, made keyd.NewShares) {
	fmt.Fprintf(w, "Set %s: any %d of these %d shares open the keys. They are shown this once. Give each to another person, on paper, and\nkeep no copy together. With fewer than %d of them every case is lost for good.\n\n", made.Set, made.Threshold, len(made.Shares), made.Threshold)
	for i, s := range made.Shares {
		fmt.Fprintf(w, "Share %d of %d\n  %s\n\n", i+1, len(made.Shares), s)
	}
}

type keysUnseal struct {
	atSocket
	Reset bool `help:"Forget the shares that were given so far."`
}

// Run reads shares until the keys are open.
func (k keysUnseal) Run(g *ground) error {
	c, st, err := k.client(g.ctx)
	if err != nil {
		return err
	}
	if k.Reset || st.State == keyd.Sealed && st.Threshold == 0 { // nothing to type where the vault opens by itself
		st, err = c.Unseal(g.ctx, nil)
		if err != nil || k.Reset {
			return err
		}
	}
	switch st.State {
	case keyd.Open:
		fmt.Println("The keys are open.")
		return nil
	case keyd.Empty:
		return errors.New("there are no keys yet: binhan keys init")
	}
	read := shareReader(os.Stdin, os.Stderr)
	for st.State != keyd.Open {
		text, err := read(fmt.Sprintf("Share %d of %d (set %s): ", st.Given+1, st.Threshold, st.Set))
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%d of %d shares were given: the keys stay closed, the next can be given later", st.Given, st.Threshold)
		}
		if err != nil {
			return err
		}
		next, err := c.Unseal(g.ctx, text)
		clear(text)
		if errors.Is(err, keyd.ErrShare) {
			fmt.Fprintln(os.Stderr, err)
			if st, err = c.Status(g.ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		st = next
	}
	fmt.Println("The keys are open.")
	return nil
}

// shareReader reads one share at a time: from a terminal without echo, else line by line.
func shareReader(in *os.File, say io.Writer) func(prompt string) ([]byte, error) {
	lines := bufio.NewReader(in)
	fd := int(in.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	terminal := err == nil
	return func(prompt string) ([]byte, error) {
		if terminal {
			quiet := *before
			quiet.Lflag &^= unix.ECHO
			quiet.Lflag |= unix.ICANON | unix.ISIG
			if err := unix.IoctlSetTermios(fd, unix.TCSETS, &quiet); err != nil {
				return nil, err
			}
			defer func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, before); fmt.Fprintln(say) }()
			fmt.Fprint(say, prompt)
		}
		for {
			line, err := lines.ReadSlice('\n')
			text := append([]byte(nil), strings.TrimSpace(string(line))...)
			clear(line)
			if len(text) > 0 {
				return text, nil
			}
			if err != nil {
				return nil, err
			}
		}
	}
}

type keysSeal struct{ atSocket }

// Run closes the key process.
func (k keysSeal) Run(g *ground) error {
	c, _, err := k.client(g.ctx)
	if err != nil {
		return err
	}
	if _, err := c.Seal(g.ctx); err != nil {
		return err
	}
	fmt.Println("The keys are closed.")
	return nil
}

type keysStatus struct{ atSocket }

// Run shows the status. The head of the log is worth writing down: `binhan keys log verify --noted` asks for it.
func (k keysStatus) Run(g *ground) error {
	_, st, err := k.client(g.ctx)
	if err != nil {
		return err
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	if err := e.Encode(st); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Head of the log, to note elsewhere: %s:%d:%s\n", st.LogFile, st.Log.Lines, st.Log.Hash)
	return nil
}

type keysShares struct {
	atSocket
	Shares int `default:"5" help:"How many new shares."`
	Quorum int `default:"3" help:"How many of them open the keys."`
}

// Run gives out new shares.
func (k keysShares) Run(g *ground) error {
	c, st, err := k.client(g.ctx)
	if err != nil {
		return err
	}
	if st.Threshold == 0 {
		return errors.New("these keys have no shares")
	}
	read := shareReader(os.Stdin, os.Stderr)
	var given []string
	for len(given) < st.Threshold {
		text, err := read(fmt.Sprintf("Old share %d of %d (set %s): ", len(given)+1, st.Threshold, st.Set))
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("new shares want %d of the old ones", st.Threshold)
		}
		if err != nil {
			return err
		}
		given = append(given, string(text))
	}
	made, err := c.Reshare(g.ctx, given, k.Quorum, k.Shares)
	if err != nil {
		return err
	}
	printShares(os.Stdout, made)
	fmt.Printf("The shares of set %s are refused from now on. They still belong to the same keys: whoever has %d of them and an old copy of the ring can open\nit, so let them be destroyed.\n", st.Set, st.Threshold)
	return nil
}

type keysRelease struct {
	atSocket
	Actor string `arg:"" help:"Id of the member of staff, as the status shows it."`
}

// Run releases an actor.
func (k keysRelease) Run(g *ground) error {
	c, _, err := k.client(g.ctx)
	if err != nil {
		return err
	}
	_, err = c.Release(g.ctx, k.Actor)
	return err
}

type keysLog struct {
	Verify keysLogVerify `cmd:"" help:"Show that no line of the log was altered, removed or added."`
}

type keysLogVerify struct {
	Dir   string `default:"/var/lib/binhan-keyd/log" type:"path" help:"Folder of the log."`
	Noted string `help:"Head that was noted earlier (binhan keys status): a tail that was cut off is found by it."`
}

// Run verifies the log.
func (k keysLogVerify) Run(*ground) error {
	var noted *keyd.Segment
	if k.Noted != "" {
		var err error
		if noted, err = keyd.ParseSegment(k.Noted); err != nil {
			return err
		}
	}
	byOp := map[string]int{}
	v, err := keyd.VerifyLog(k.Dir, noted, func(r keyd.Record) { byOp[r.Op]++ })
	if err != nil {
		return err
	}
	var ops []string
	for op, n := range byOp {
		ops = append(ops, fmt.Sprintf("%s %d", op, n))
	}
	slices.Sort(ops)
	fmt.Printf("The log is whole: %d lines in %d files (%s); %d refused for a budget.\nHead, to note elsewhere: %s:%d:%s\n", v.Lines, v.Files, strings.Join(ops, ", "), v.Stops, v.Head.File, v.Head.Head.Lines, v.Head.Head.Hash)
	if noted == nil {
		fmt.Println("Without a head that was noted earlier (--noted) a tail that was cut off cannot be seen.")
	}
	return nil
}

type keysRotate struct {
	Finish bool `help:"Make no new version: go on with a turn that was broken off, and retire the old version."`
}

// Run turns the keys. It needs the migrator's login and an operator's user id.
func (k keysRotate) Run(g *ground) error {
	stack, err := devstack.Start(g.ctx, g.cfg)
	if err != nil {
		return err
	}
	defer stack.Stop()
	dsn := stack.DSN(pg.Migrator)
	if dsn == "" {
		return errors.New("turning the keys wants the operator's database login: set BINHAN_DATABASE_PASSWORD_MIGRATOR")
	}
	db, err := pg.Open(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	c := keyd.NewClient(stack.KeySocket(), 30*time.Second)
	defer c.Close()
	r, err := turn.Run(g.ctx, db, c, turn.Options{Finish: k.Finish, Said: func(place string, moved, left int) {
		fmt.Fprintf(os.Stderr, "%s: %d wrapped anew, %d to go\n", place, moved, left)
	}})
	if err != nil {
		return fmt.Errorf("%w\nNothing is lost: `binhan keys rotate --finish` goes on from here", err)
	}
	fmt.Printf("Version %d: %d keys wrapped anew, %d of the erased left closed.\n", r.Version, r.Moved, r.Forgotten)
	if r.Forged > 0 {
		return fmt.Errorf("%d keys do not open where they lie: somebody has altered or moved them; nothing was retired", r.Forged)
	}
	if r.Retired {
		fmt.Println("The older versions are retired.")
	} else {
		fmt.Printf("The older versions are kept (%s). Retire them later with: binhan keys rotate --finish\n", r.Why)
	}
	return nil
}
