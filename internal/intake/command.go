package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/fault"
	"binhan/internal/i18n"
)

// Command is `binhan import`, without its flags' library: a dry run, or an import when Commit is set.
type Command struct {
	Mapping  string // a file, or the name of a shipped mapping
	File     string
	Commit   bool
	Strict   bool // fail when a row was not taken, even though it is reported
	JSON     bool // the report for programs instead of the one for people
	Language i18n.Language
	Out      io.Writer // the report
	Err      io.Writer // progress and refusals
	Terminal bool      // whether Err is one
	Now      func() time.Time
}

// World is what an import needs beyond its file; a dry run needs none of it.
type World struct {
	Service *Service
	// Actor opens a session for the one who imports; owner is the user name in the mapping, for when nobody else was named.
	Actor func(owner string) (access.Actor, error)
}

// Run does the command and gives its exit code: 0 when every row is accounted for (with Strict: taken or already there), 1 otherwise. A refusal (a mapping with
// faults, a file that it does not fit) is written to Err in the language, with everything that is wrong, and gives 1 and no error; an
// error is a failure of ours.
func (c Command) Run(ctx context.Context, open func() (World, error)) (int, error) {
	report, err := c.run(ctx, open)
	if report != nil {
		write := func() error { return report.Text(c.Out, c.Language) }
		if c.JSON {
			write = func() error { return report.JSON(c.Out) }
		}
		if e := write(); e != nil {
			return 1, errors.Join(err, e)
		}
	}
	var f *fault.Error
	switch {
	case err == nil:
		return report.ExitCode(c.Strict), nil
	case report != nil:
		fmt.Fprintln(c.Err, c.Language.T("intake.stopped", "rows", number(c.Language, report.Rows.Read)))
		if errors.Is(err, context.Canceled) {
			return 1, nil
		}
		return 1, err
	case errors.As(err, &f):
		fmt.Fprint(c.Err, Explain(f, c.Language))
		return 1, nil
	}
	return 1, err
}

func (c Command) run(ctx context.Context, open func() (World, error)) (*Report, error) {
	m, err := OpenMapping(c.Mapping)
	if err != nil {
		return nil, err
	}
	// The day in Vietnam: a call of this morning there may still be tomorrow's by the clock of the machine.
	r, err := Open(ctx, m, c.File, c.Now().In(calendar.Zone))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	progress := NewProgress(c.Err, c.Terminal, c.Language, c.Now)
	if !c.Commit {
		return DryRun(ctx, r, filepath.Base(c.File), progress)
	}
	w, err := open()
	if err != nil {
		return nil, err
	}
	who, err := w.Actor(m.Owner)
	if err != nil {
		return nil, err
	}
	return w.Service.Import(ctx, who, r, filepath.Base(c.File), progress)
}

// Explain writes a refusal for people: its sentence, and each problem with its place.
func Explain(f *fault.Error, l i18n.Language) string {
	var b strings.Builder
	sentence := l.Fill("fault."+f.Key, f.Args)
	if len(f.Problems) > 0 {
		sentence = l.T("intake.refused_because")
	}
	b.WriteString(sentence + "\n")
	for _, p := range f.Problems {
		b.WriteString("  " + p.Pointer + ": " + l.Fill("problem."+p.Key, p.Args) + "\n")
	}
	if f.Key == "intake_mapping_unreadable" { // the cause names the line of the mapping, which holds no data
		if cause := f.Unwrap(); cause != nil {
			b.WriteString("  " + strings.ReplaceAll(strings.TrimSpace(cause.Error()), "\n", "\n  ") + "\n")
		}
	}
	return b.String()
}
