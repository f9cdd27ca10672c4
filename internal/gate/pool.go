package gate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// pool keeps a few connections for good, each with its own prepared statements: a statement is parsed once per connection, and every later
// use is one round trip. Connections that saw an unexpected error are thrown away.
type pool struct {
	db    *sqlx.DB
	slots chan *conn
	once  sync.Once
	end   chan struct{}
	trips atomic.Int64 // messages to the database
	said  atomic.Int64 // statements in them
}

type conn struct {
	c     *sqlx.Conn
	stmts map[string]*sqlx.Stmt
	named map[string]string // statements of batches: the name under which each is prepared here, "" after its first use
	given int               // names
	trips *atomic.Int64
	said  *atomic.Int64
}

var errBusy = errors.New("no connection became free")

const patience = 5 * time.Second

func newPool(db *sqlx.DB, size int) *pool {
	p := &pool{db: db, slots: make(chan *conn, size), end: make(chan struct{})}
	for range size {
		p.slots <- nil
	}
	return p
}

func (p *pool) take(ctx context.Context) (*conn, error) {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case c := <-p.slots:
		if c != nil {
			return c, nil
		}
		raw, err := p.db.Connx(ctx)
		if err != nil {
			p.slots <- nil
			return nil, err
		}
		return &conn{c: raw, stmts: map[string]*sqlx.Stmt{}, named: map[string]string{}, trips: &p.trips, said: &p.said}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.C:
		return nil, errBusy
	case <-p.end:
		return nil, errBusy
	}
}

// give puts a connection back. After a failure it is rolled back first; when even that fails it is closed and its place is free for a new one.
func (p *pool) give(c *conn, failed bool) {
	if failed {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		_, err := c.c.ExecContext(ctx, "rollback")
		stop()
		if err != nil {
			c.drop()
			c = nil
		}
	}
	p.slots <- c
}

func (p *pool) close() {
	p.once.Do(func() {
		close(p.end)
		for range cap(p.slots) {
			if c := <-p.slots; c != nil {
				c.drop()
			}
		}
	})
}

func (c *conn) drop() {
	for _, s := range c.stmts {
		s.Close()
	}
	// Bad connections must not go back to database/sql: Raw with ErrBadConn discards it.
	_ = c.c.Raw(func(any) error { return driver.ErrBadConn })
	c.c.Close()
}

// maxStatements bounds what a connection remembers; there are fewer statements in the code.
const maxStatements = 400

func (c *conn) prepare(ctx context.Context, query string) (*sqlx.Stmt, error) {
	// A statement sent after its request was cancelled may outrun the message that would stop it, and then runs to its end.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		for q, s := range c.stmts {
			s.Close()
			delete(c.stmts, q)
		}
	}
	s, err := c.c.PreparexContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

func (c *conn) get(ctx context.Context, dest any, query string, args ...any) error {
	c.trips.Add(1)
	c.said.Add(1)
	s, err := c.prepare(ctx, query)
	if err != nil {
		return err
	}
	return s.GetContext(ctx, dest, args...)
}

func (c *conn) selectRows(ctx context.Context, dest any, query string, args ...any) error {
	c.trips.Add(1)
	c.said.Add(1)
	s, err := c.prepare(ctx, query)
	if err != nil {
		return err
	}
	return s.SelectContext(ctx, dest, args...)
}

func (c *conn) execOne(ctx context.Context, query string, args ...any) (int64, error) {
	c.trips.Add(1)
	c.said.Add(1)
	s, err := c.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// name prepares the statements of a batch that this connection has seen before. It is a message of its own, once for each statement of a connection: what
// was prepared stays when a transaction is rolled back, but what was to be prepared in a message that failed half-way may or may not be there.
func (c *conn) name(ctx context.Context, b *batch) error {
	var text strings.Builder
	var fresh map[string]string
	for _, s := range b.list {
		if s.rows || len(s.args) == 0 || c.named[s.query] != "" || fresh[s.query] != "" {
			continue
		}
		if _, seen := c.named[s.query]; !seen {
			continue // what is said once is not worth it
		}
		if fresh == nil {
			fresh = map[string]string{}
		}
		c.given++
		fresh[s.query] = "b" + strconv.Itoa(c.given) // never used again, so that a half-done message spoils nothing
		text.WriteString("prepare " + fresh[s.query] + " as " + s.query + ";\n")
	}
	for _, s := range b.list {
		if _, seen := c.named[s.query]; !seen && !s.rows && len(s.args) > 0 && len(c.named) < maxStatements {
			c.named[s.query] = ""
		}
	}
	if fresh == nil {
		return nil
	}
	if _, err := c.c.ExecContext(context.WithoutCancel(ctx), text.String()); err != nil {
		return err
	}
	maps.Copy(c.named, fresh)
	return nil
}

// exec sends a batch in one message.
func (c *conn) exec(ctx context.Context, b *batch) error {
	text, err := c.say(ctx, b)
	if err != nil {
		return err
	}
	_, err = c.c.ExecContext(ctx, text)
	return err
}

func (c *conn) say(ctx context.Context, b *batch) (string, error) {
	c.trips.Add(1)
	c.said.Add(int64(len(b.list)))
	if b.err != nil {
		return "", b.err
	}
	if err := c.name(ctx, b); err != nil {
		return "", err
	}
	return b.text(c.named)
}

// query sends a batch in one message and reads the row of its only select.
func (c *conn) query(ctx context.Context, dest any, b *batch) error {
	text, err := c.say(ctx, b)
	if err != nil {
		return err
	}
	rows, err := c.c.QueryxContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.StructScan(dest); err != nil {
		return err
	}
	for rows.Next() { // drain: the message ends with the last statement
	}
	return rows.Err()
}
