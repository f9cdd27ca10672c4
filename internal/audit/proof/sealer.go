package proof

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"binhan/internal/seal"
)

// Sealer appends what was committed to the tree and signs it. Any number of processes may run one: whoever holds the lock works, the others wait for her to be
// gone. It may be killed at any moment: a seal is one row, there or not.
type Sealer struct {
	db     *sqlx.DB
	ring   seal.Signer
	log    *slog.Logger
	batch  int
	now    func() time.Time
	step   func(string) // for the drill that kills at each step
	sealed func(Sealed)
	signer note.Signer

	tree tree // of the last seal, while nobody else seals
	last position
}

// Sealed tells of one seal.
type Sealed struct {
	Entries int
	Size    int64
	Window  time.Duration // age of its oldest entry: how long it lay unsealed
}

type position struct {
	size  int64
	xact  uint64
	entry int64
}

// NewSealer makes one. The database role must be binhan_sealer. seen hears of each seal; nil is silence.
func NewSealer(db *sqlx.DB, ring seal.Signer, log *slog.Logger, seen func(Sealed)) *Sealer {
	if seen == nil {
		seen = func(Sealed) {}
	}
	return &Sealer{db: db, ring: ring, log: log, batch: 8192, now: time.Now, step: func(string) {}, sealed: seen}
}

// pace is how often the sealer looks: twice in the second that it has.
const pace = 500 * time.Millisecond

// advisory is the lock of the one sealer.
const advisory = 7104120803

// ErrRewound says that the database counts its transactions from before the last seal: it was restored without its counter, and what is recorded from now on
// would sort before what is sealed. pg_resetwal --next-transaction-id must take it past the number in audit.seals first.
var ErrRewound = errors.New("the database has forgotten transactions that are sealed")

// Run seals until ctx ends. What goes wrong is logged and tried again.
func (s *Sealer) Run(ctx context.Context) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	said := ""
	for ctx.Err() == nil {
		err := s.lead(ctx, tick.C)
		if err != nil && ctx.Err() == nil && err.Error() != said {
			s.log.Error("the record is not being sealed", "cause", err.Error())
			said = err.Error()
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// lead takes the lock and seals for as long as it holds.
func (s *Sealer) lead(ctx context.Context, tick <-chan time.Time) error {
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var mine bool
	if err := conn.GetContext(ctx, &mine, `select pg_try_advisory_lock($1)`, int64(advisory)); err != nil || !mine {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, int64(advisory))
	s.tree, s.last = tree{}, position{size: -1}
	var roomed time.Time
	for {
		if s.now().Sub(roomed) > time.Hour {
			if _, err := conn.ExecContext(ctx, `select audit.make_room()`); err != nil {
				s.log.Error("no room was made for the months to come", "cause", codeOf(err))
			}
			roomed = s.now()
		}
		if _, err := s.seal(ctx, conn); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}

func codeOf(err error) string {
	var p *pq.Error
	if errors.As(err, &p) {
		return string(p.Code)
	}
	return "the database did not answer"
}

// Once seals what can be sealed now and tells how many entries that were: for commands and tests. It waits for the lock.
func (s *Sealer) Once(ctx context.Context) (int, error) {
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `select pg_advisory_lock($1)`, int64(advisory)); err != nil {
		return 0, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, int64(advisory))
	s.tree, s.last = tree{}, position{size: -1}
	return s.seal(ctx, conn)
}

// sealable are the entries after a position that no running transaction can come before any more: all that were committed before the oldest of them began. Not the
// order of numbers, which are drawn before the commit.
const sealable = ` from audit.entries e
 where e.xact >= $1::text::xid8 and (e.xact > $1::text::xid8 or e.id > $2) and e.xact < pg_snapshot_xmin(pg_current_snapshot())
 order by e.xact, e.id`

func (s *Sealer) seal(ctx context.Context, lock *sqlx.Conn) (int, error) {
	if s.signer == nil {
		signer, err := seal.NewNoteSigner(context.WithoutCancel(ctx), s.ring, seal.For{Actor: "sealer", Act: "audit.seal"})
		if err != nil {
			return 0, fmt.Errorf("ask for the key of the record: %w", err)
		}
		s.signer = signer
	}
	if err := s.resume(ctx, lock); err != nil {
		return 0, err
	}
	rows, err := s.db.QueryContext(ctx, `select `+readEntry+sealable, fmt.Sprint(s.last.xact), s.last.entry)
	if err != nil {
		return 0, fmt.Errorf("read what is to be sealed: %w", err)
	}
	defer rows.Close()
	total := 0
	b := s.begin()
	var buf []byte
	for rows.Next() {
		var raw sql.RawBytes
		if err := rows.Scan(&raw); err != nil {
			return total, err
		}
		var e Entry
		if err := e.scan(raw); err != nil {
			return total, err
		}
		b.add(&e, e.hash(&buf))
		if len(b.entries) == s.batch {
			if err := s.write(ctx, lock, b); err != nil {
				return total, err
			}
			total += len(b.entries)
			b = s.begin()
		}
	}
	if err := rows.Err(); err != nil {
		return total, err
	}
	if len(b.entries) == 0 {
		return total, nil
	}
	if err := s.write(ctx, lock, b); err != nil {
		return total, err
	}
	return total + len(b.entries), nil
}

// resume finds where the last seal ended.
func (s *Sealer) resume(ctx context.Context, lock *sqlx.Conn) error {
	if s.last.size >= 0 {
		return nil // ours, and the lock kept everybody else away
	}
	var r struct {
		Size    int64  `db:"size"`
		Xact    string `db:"xact"`
		Entry   int64  `db:"entry"`
		Rewound bool   `db:"rewound"`
	}
	err := lock.GetContext(ctx, &r, `select size, xact::text as xact, entry, xact >= pg_snapshot_xmax(pg_current_snapshot()) as rewound from audit.seals order by size desc limit 1`)
	if errors.Is(err, sql.ErrNoRows) {
		s.tree, s.last = tree{}, position{}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the last seal: %w", err)
	}
	if r.Rewound {
		return ErrRewound
	}
	t, err := loadTree(r.Size, store{ctx, lock})
	if err != nil {
		return fmt.Errorf("read the tree: %w", err)
	}
	p := position{size: r.Size, entry: r.Entry}
	if _, err := fmt.Sscan(r.Xact, &p.xact); err != nil {
		return err
	}
	s.tree, s.last = t, p
	return nil
}

// growth is a seal in the making.
type growth struct {
	tree    tree
	from    position
	to      position
	entries []int64
	hashes  []byte
	oldest  time.Time
}

func (s *Sealer) begin() *growth { return &growth{tree: s.tree, from: s.last} }

func (g *growth) add(e *Entry, leaf tlog.Hash) {
	g.entries = append(g.entries, e.ID)
	g.hashes = g.tree.add(leaf, g.hashes)
	g.to = position{g.tree.n, e.Xact, e.ID}
	if g.oldest.IsZero() || e.At.Before(g.oldest) {
		g.oldest = e.At
	}
}

func (s *Sealer) write(ctx context.Context, lock *sqlx.Conn, g *growth) error {
	s.step("hashed")
	now := s.now()
	signed, err := Checkpoint{g.tree.n, g.tree.root(), now}.sign(s.signer)
	if err != nil {
		return fmt.Errorf("sign a checkpoint: %w", err)
	}
	s.step("signed")
	// Never cancelled half-way: whether the seal stands would be unknown.
	_, err = lock.ExecContext(context.WithoutCancel(ctx), `insert into audit.seals (size, base, xact, entry, version, entries, hashes, checkpoint) values ($1, $2, $3::text::xid8, $4, $5, $6, $7, $8)`,
		g.to.size, g.from.size, fmt.Sprint(g.to.xact), g.to.entry, Version, pq.Array(g.entries), g.hashes, signed)
	if err != nil {
		s.last = position{size: -1}
		return fmt.Errorf("store a seal: %w", err)
	}
	s.tree, s.last = g.tree, g.to
	s.step("stored")
	s.sealed(Sealed{len(g.entries), g.to.size, now.Sub(g.oldest)})
	return nil
}

// store reads single hashes of the tree, for proofs.
type store struct {
	ctx context.Context
	q   sqlx.QueryerContext
}

// ReadHashes finds the seal in which each hash was stored: with the leaf that completed its subtree.
func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		leaf := (n+1)<<level - 1
		var r struct {
			Base int64 `db:"base"`
			Size int64 `db:"size"`
		}
		if err := sqlx.GetContext(s.ctx, s.q, &r, `select base, size from audit.seals where base <= $1 order by base desc limit 1`, leaf); err != nil {
			return nil, err
		}
		if leaf >= r.Size {
			return nil, fmt.Errorf("the tree has no hash %d", x)
		}
		var h []byte
		if err := sqlx.GetContext(s.ctx, s.q, &h, `select substr(hashes, $2, 32) from audit.seals where base = $1`, r.Base, int(1+32*(x-tlog.StoredHashCount(r.Base)))); err != nil {
			return nil, err
		}
		if len(h) != tlog.HashSize {
			return nil, fmt.Errorf("the tree has no hash %d", x)
		}
		out[i] = tlog.Hash(h)
	}
	return out, nil
}
