package intake

import (
	"fmt"
	"io"
	"time"

	"binhan/internal/i18n"
)

// Progress tells a person how far an import is: rows, share of the file, rows a second. On a terminal it keeps one line up to date; elsewhere it writes
// a line now and then. The zero value and nil say nothing.
type Progress struct {
	w        io.Writer
	terminal bool
	lang     i18n.Language
	now      func() time.Time
	began    time.Time
	last     time.Time
	asked    int // rows when the clock was last looked at
}

const (
	terminalPace = 200 * time.Millisecond
	linePace     = 10 * time.Second
	askEvery     = 200 // rows, at least, between two looks at the clock
)

// NewProgress writes to w in a language; terminal tells whether w is one; now gives the time.
func NewProgress(w io.Writer, terminal bool, l i18n.Language, now func() time.Time) *Progress {
	began := now()
	return &Progress{w: w, terminal: terminal, lang: l, now: now, began: began, last: began}
}

// Show may write where the import is.
func (p *Progress) Show(rows Counts, r *Reader) {
	if p == nil || p.w == nil || rows.Read-p.asked < askEvery {
		return
	}
	p.asked = rows.Read
	now := p.now()
	pace := linePace
	if p.terminal {
		pace = terminalPace
	}
	if now.Sub(p.last) < pace {
		return
	}
	p.last = now
	p.write(rows, r, now)
}

// Done writes the last line.
func (p *Progress) Done(rows Counts, r *Reader) {
	if p == nil || p.w == nil {
		return
	}
	p.write(rows, r, p.now())
	if p.terminal {
		fmt.Fprintln(p.w)
	}
}

func (p *Progress) write(rows Counts, r *Reader, now time.Time) {
	share := p.lang.T("intake.progress_unknown")
	if done, total := r.Position(); total > 0 {
		share = fmt.Sprintf("%d%%", min(100, 100*done/total))
	}
	rate := 0
	if spent := now.Sub(p.began); spent > 0 {
		rate = int(float64(rows.Read) / spent.Seconds())
	}
	text := p.lang.T("intake.progress", "rows", number(p.lang, rows.Read), "share", share, "rate", number(p.lang, rate), "untaken", number(p.lang, rows.Untaken))
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		return
	}
	fmt.Fprintln(p.w, text)
}
