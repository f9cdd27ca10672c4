package intake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/survivor"
)

// Service writes registers into cases.
type Service struct{ cases *casefile.Service }

// New makes the service.
func New(cases *casefile.Service) *Service { return &Service{cases} }

const (
	// batchRows is how many rows are one act: large enough that a row costs little, small enough that a statement stays far below its time limit.
	batchRows = 250
	// busyTries is how often a batch is tried while the database is busy.
	busyTries = 5
	busyPause = 250 * time.Millisecond
)

// Import takes the rows of a register into cases, which who holds from then on. Only a role that the policy lets import may; to any other this is
// fault.NotFound. Rows go in by batches, each an act of its own with its own record: when the import stops half-way, for whatever reason, what was taken stays, and
// the same file goes on from there, because rows already there are passed over.
//
// The report is whole when err is nil. When err is not nil it covers what came before.
func (s *Service) Import(ctx context.Context, who access.Actor, r *Reader, file string, p *Progress) (*Report, error) {
	m := r.Mapping()
	if who.Username == m.Owner && codelist.Fold(who.OrgName) != codelist.Fold(m.Organisation) {
		return nil, fault.New(fault.Refused, "intake_moved_owner")
	}
	t := newTally(m, file, false)
	batch := make([]casefile.LegacyCase, 0, batchRows)
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		taken, err := s.send(ctx, who, casefile.Legacy{Mapping: m.Name, Scope: m.Scope, Cases: batch})
		if err != nil {
			return err
		}
		t.taken(taken)
		t.alreadyThere(len(batch) - taken)
		batch = batch[:0]
		p.Show(t.report.Rows, r)
		return nil
	}
	for {
		if err := ctx.Err(); err != nil {
			return t.finish(r), err
		}
		outcome, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			if err := send(); err != nil {
				return t.finish(r), err
			}
			p.Done(t.report.Rows, r)
			return t.finish(r), nil
		case err != nil:
			return t.finish(r), fmt.Errorf("read %s: %w", file, err)
		case outcome.Untaken != nil:
			t.untaken(*outcome.Untaken)
		default:
			if batch = append(batch, outcome.Row.legacy(m)); len(batch) == batchRows {
				if err := send(); err != nil {
					return t.finish(r), err
				}
			}
		}
	}
}

// send gives one batch to the cases, and waits a little when the database is busy. A batch whose answer was lost is sent again without harm.
func (s *Service) send(ctx context.Context, who access.Actor, in casefile.Legacy) (int, error) {
	for try := 1; ; try++ {
		taken, err := s.cases.Import(ctx, who, in)
		if err == nil || try == busyTries || !errors.Is(err, fault.Unavailable) {
			return taken, err
		}
		pause := time.NewTimer(busyPause << try)
		select {
		case <-ctx.Done():
			pause.Stop()
			return 0, ctx.Err()
		case <-pause.C:
		}
	}
}

// bytes name the row among all rows of its mapping.
func (k Key) bytes() []byte {
	return binary.BigEndian.AppendUint64(k.Hash[:], uint64(k.Nth))
}

// person is who the register speaks of, as a case keeps it.
func (r Row) person() survivor.Person {
	p := survivor.Person{
		Name: r.Person.Name, Sex: r.Sex, Age: r.Age, Phone: r.Person.Phone, IDNumber: r.Person.IDNumber, Ethnicity: r.Ethnicity,
		Commune: r.Commune, Address: r.Person.Address,
	}
	if r.Age == nil {
		p.BirthYear = r.BirthYear
	}
	return p
}

// legacy is the row as a case is written. The narrative begins with where it comes from, so that whoever reads the case can find the paper.
func (r Row) legacy(m *Mapping) casefile.LegacyCase {
	title := m.Title[i18n.Vietnamese]
	if title == "" {
		title = m.Name
	}
	lines := []string{i18n.Vietnamese.T("intake.narrative_source", "title", title, "row", r.Number)}
	for _, l := range r.Narrative {
		lines = append(lines, l.String())
	}
	c := casefile.LegacyCase{
		Key:        r.Key.bytes(),
		ReceivedAt: time.Date(r.ReceivedOn.Year(), r.ReceivedOn.Month(), r.ReceivedOn.Day(), 0, 0, 0, 0, calendar.Zone),
		Area:       r.Area, Commune: r.Commune, Person: r.person(), Forms: r.Forms, Acts: r.Acts, Relationship: r.Relationship, SexPerp: r.SexPerp,
		Channel: r.Channel, Reporter: r.Reporter, Narrative: strings.Join(lines, "\n"),
	}
	if !r.OccurredOn.IsZero() {
		c.OccurredOn = r.OccurredOn.Format(time.DateOnly)
	}
	return c
}
