package keyd

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"binhan/internal/seal"
)

// Client speaks to a key process. It is a seal.Ring. It connects when it is asked, keeps a few connections, and connects again after the process
// was started anew. Nothing that it gets is kept. When the process does not answer within the patience, everything gives
// seal.ErrUnavailable, at once for a while, so that a hanging process does not hang the house. Safe for concurrent use.
type Client struct {
	socket   string
	patience time.Duration
	slots    chan struct{}
	mu       sync.Mutex
	idle     []*wire
	closed   bool
	down     atomic.Int64 // until then (nanoseconds) nobody tries
	probing  atomic.Bool  // after a silence one tries for all
	silent   atomic.Bool
	trips    atomic.Int64
}

var _ seal.Ring = (*Client)(nil)

const (
	// Patience is how long a request to the key process may take, all included.
	Patience = 700 * time.Millisecond
	// rest is how long nobody tries after a silence.
	rest     = 500 * time.Millisecond
	maxWires = 16
)

// NewClient makes a client of the socket. Patience when patience is 0.
func NewClient(socket string, patience time.Duration) *Client {
	if patience == 0 {
		patience = Patience
	}
	return &Client{socket: socket, patience: patience, slots: make(chan struct{}, maxWires)}
}

// Close gives the connections back.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, w := range c.idle {
		_ = w.conn.Close()
	}
	c.idle = nil
}

// RoundTrips counts the requests sent since the start.
func (c *Client) RoundTrips() int64 { return c.trips.Load() }

const clientHidden = "keyd.Client(…)"

// String hides what is inside.
func (*Client) String() string { return clientHidden }

// wire is one connection with its room.
type wire struct {
	conn *net.UnixConn
	buf  []byte
}

func (c *Client) take() *wire {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.idle); n > 0 {
		w := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return w
	}
	return nil
}

func (c *Client) give(w *wire) {
	if cap(w.buf) > 4<<20 {
		w.buf = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.idle) >= maxWires {
		_ = w.conn.Close()
		return
	}
	c.idle = append(c.idle, w)
}

func unavailable(err error) error {
	return fmt.Errorf("%w: %w", seal.ErrUnavailable, err)
}

var errResting = errors.New("the key process was silent a moment ago")

// call sends one request and hands the body of its answer to read. The room of the answer is wiped afterwards.
func (c *Client) call(ctx context.Context, op operation, body func([]byte) []byte, read func(o outcome, body []byte) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	until := time.Now().Add(c.patience)
	if op.operatorOnly() { // an operator waits longer than a page
		until = time.Now().Add(30 * time.Second)
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	if c.silent.Load() {
		if time.Now().UnixNano() < c.down.Load() || !c.probing.CompareAndSwap(false, true) {
			return unavailable(errResting)
		}
		defer c.probing.Store(false)
	}
	wait := time.NewTimer(time.Until(until))
	defer wait.Stop()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return unavailable(errors.New("too many requests wait for keys"))
	}
	c.trips.Add(1)
	for try := 0; ; try++ {
		w := c.take()
		kept := w != nil
		if w == nil {
			var err error
			if w, err = c.dial(until); err != nil {
				return c.silence(ctx, err)
			}
		}
		answered, err := c.exchange(ctx, w, op, until, body, read)
		if answered {
			c.silent.Store(false)
			c.give(w)
			return err
		}
		_ = w.conn.Close()
		clear(w.buf[:cap(w.buf)])
		// A connection that was kept may have ended with the process at its other end; every operation of the application may be asked twice.
		if kept && try < maxWires && ctx.Err() == nil && !timedOut(err) && !op.operatorOnly() {
			continue
		}
		return c.silence(ctx, err)
	}
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func (c *Client) silence(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if errors.Is(err, ErrProtocol) {
		return err
	}
	if timedOut(err) {
		c.down.Store(time.Now().Add(rest).UnixNano())
		c.silent.Store(true)
	}
	return unavailable(err)
}

func (c *Client) dial(until time.Time) (*wire, error) {
	d := net.Dialer{Deadline: until}
	conn, err := d.Dial("unix", c.socket)
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn.(*net.UnixConn)}, nil
}

func (c *Client) exchange(ctx context.Context, w *wire, op operation, until time.Time, body func([]byte) []byte, read func(outcome, []byte) error) (answered bool, err error) {
	if err := w.conn.SetDeadline(until); err != nil {
		return false, err
	}
	stop := context.AfterFunc(ctx, func() { _ = w.conn.SetDeadline(time.Unix(1, 0)) })
	out := append(w.buf[:0], 0, 0, 0, 0, version, byte(op))
	out = binary.BigEndian.AppendUint32(out, uint32(max(1, time.Until(until).Milliseconds())))
	if body != nil {
		out = body(out)
	}
	w.buf = out
	if len(out)-4 > op.limit() {
		stop()
		clear(out)
		return true, fmt.Errorf("%w: a request of %d bytes", seal.ErrTooMuch, len(out)) // nothing was sent: the wire is as it was
	}
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	_, err = w.conn.Write(out)
	clear(out) // a search holds what was typed
	if err == nil {
		w.buf, err = frame(w.conn, w.buf, func([]byte) int { return maxSmall })
	}
	if !stop() && err == nil {
		err = context.Cause(ctx) // the deadline was moved under our hands: this wire is of no use any more
	}
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the key process ended the connection")
		}
		return false, err
	}
	answer := w.buf
	defer clear(answer)
	if answer[0] != version {
		return false, fmt.Errorf("%w: the key process speaks version %d", ErrProtocol, answer[0])
	}
	o, rest := outcome(answer[1]), answer[2:]
	if o == fine || o == damagedRows {
		return true, read(o, rest)
	}
	p := parser{b: rest}
	text := p.text()
	kind := outcomes[o]
	if kind == nil {
		kind = errFar
	}
	return o != malformed, &farError{kind, text}
}

// NewKeys makes fresh keys.
func (c *Client) NewKeys(ctx context.Context, owner uuid.UUID, cs ...seal.Compartment) (keys *seal.Keys, ws []seal.Wrapped, err error) {
	if len(cs) > 255 {
		return nil, nil, seal.ErrPlace
	}
	err = c.call(ctx, opNewKeys, newKeysRequest{owner, cs}.put, func(_ outcome, body []byte) (err error) {
		p := parser{b: body}
		if keys, ws, err = p.made(owner, len(cs)); err != nil {
			return err
		}
		return p.end()
	})
	if err != nil {
		keys.Close()
		return nil, nil, err
	}
	return keys, ws, nil
}

// made reads the keys of one owner, n of them.
func (p *parser) made(owner uuid.UUID, n int) (*seal.Keys, []seal.Wrapped, error) {
	opened := make([]seal.Opened, p.u8())
	defer wipe(opened)
	ws := make([]seal.Wrapped, len(opened))
	for i := range opened {
		w := p.wrapped()
		ws[i] = seal.Wrapped{Compartment: w.Compartment, Key: append([]byte(nil), w.Key...)}
		p.opened(&opened[i])
	}
	if p.bad || len(opened) != n {
		return nil, nil, fmt.Errorf("%w: %d keys for %d", ErrProtocol, len(opened), n)
	}
	keys, err := seal.Hold(owner, opened)
	return keys, ws, err
}

// Fresh makes keys and marks.
func (c *Client) Fresh(ctx context.Context, owners []uuid.UUID, cs []seal.Compartment, marks []seal.Mark) ([]*seal.Keys, [][]seal.Wrapped, [][]byte, error) {
	if len(owners) > seal.MaxFresh || len(marks) > seal.MaxMarks || len(cs) > 255 {
		return nil, nil, nil, fmt.Errorf("%w: %d owners, %d marks", seal.ErrTooMuch, len(owners), len(marks))
	}
	if len(owners) == 0 && len(marks) == 0 {
		return nil, nil, nil, ctx.Err()
	}
	var keys []*seal.Keys
	var ws [][]seal.Wrapped
	var sums [][]byte
	err := c.call(ctx, opFresh, freshRequest{owners, cs, marks}.put, func(_ outcome, body []byte) error {
		p := parser{b: body}
		for _, owner := range owners {
			k, w, err := p.made(owner, len(cs))
			if err != nil {
				return err
			}
			keys, ws = append(keys, k), append(ws, w)
		}
		for range marks {
			sums = append(sums, append([]byte(nil), p.take(markSize)...))
		}
		return p.end()
	})
	if err != nil {
		for _, k := range keys {
			k.Close()
		}
		return nil, nil, nil, err
	}
	return keys, ws, sums, nil
}

// markSize is the length of a mark in bytes.
const markSize = 32

// Unwrap opens stored keys.
func (c *Client) Unwrap(ctx context.Context, f seal.For, owner uuid.UUID, ws ...seal.Wrapped) (keys *seal.Keys, err error) {
	if len(ws) > seal.MaxUnwrap {
		return nil, fmt.Errorf("%w: %d wrapped keys", seal.ErrTooMuch, len(ws))
	}
	for _, w := range ws {
		if len(w.Key) > 1024 || len(w.Compartment) > 64 {
			return nil, fmt.Errorf("%w: wrapped key of %d bytes", seal.ErrForged, len(w.Key))
		}
	}
	if len(ws) == 0 && owner != uuid.Nil && ctx.Err() == nil {
		return seal.Hold(owner, nil) // no key, no question
	}
	err = c.call(ctx, opUnwrap, unwrapRequest{f, owner, ws}.put, func(_ outcome, body []byte) error {
		p := parser{b: body}
		opened := make([]seal.Opened, p.u8())
		defer wipe(opened)
		for i := range opened {
			p.opened(&opened[i])
		}
		if err := p.end(); err != nil {
			return err
		}
		if len(opened) != len(ws) {
			return fmt.Errorf("%w: %d keys for %d", ErrProtocol, len(opened), len(ws))
		}
		keys, err = seal.Hold(owner, opened)
		return err
	})
	if err != nil {
		return nil, err
	}
	return keys, nil
}

// MAC marks a value.
func (c *Client) MAC(ctx context.Context, index string, value []byte) (sum []byte, err error) {
	if len(value) > maxMAC {
		return nil, fmt.Errorf("%w: a value of %d bytes", seal.ErrTooMuch, len(value))
	}
	err = c.call(ctx, opMAC, macRequest{index, value}.put, func(_ outcome, body []byte) error {
		if len(body) != markSize {
			return fmt.Errorf("%w: a mark of %d bytes", ErrProtocol, len(body))
		}
		sum = append([]byte(nil), body...)
		return nil
	})
	return sum, err
}

// Ties compares a member of staff with the people of a case inside the process.
func (c *Client) Ties(ctx context.Context, f seal.For, q seal.TieQuestion) (t seal.Ties, err error) {
	err = c.call(ctx, opTies, tiesRequest{f, q}.put, func(_ outcome, body []byte) error {
		p := parser{b: body}
		bits := p.u8()
		t = seal.Ties{Tie: bits&1 != 0, House: bits&2 != 0, Damaged: p.u16()}
		return p.end()
	})
	return t, err
}

// Match looks through sealed names inside the process.
func (c *Client) Match(ctx context.Context, f seal.For, q seal.Query, rows []seal.Candidate) (found []uuid.UUID, err error) {
	if len(rows) > seal.MaxMatch {
		return nil, fmt.Errorf("%w: %d rows", seal.ErrTooMuch, len(rows))
	}
	var damaged *seal.Damaged
	err = c.call(ctx, opMatch, matchRequest{f, q, rows}.put, func(o outcome, body []byte) error {
		p := parser{b: body}
		ids := func() []uuid.UUID {
			list := make([]uuid.UUID, 0, 8)
			for range p.u16() {
				if p.bad {
					break
				}
				list = append(list, p.id())
			}
			return list
		}
		found = ids()
		if o == damagedRows {
			damaged = &seal.Damaged{Cases: ids()}
		}
		return p.end()
	})
	if err != nil {
		return nil, err
	}
	if damaged != nil {
		return found, damaged
	}
	return found, nil
}

// Sign signs a checkpoint.
func (c *Client) Sign(ctx context.Context, f seal.For, msg []byte) (sig []byte, err error) {
	if len(msg) > maxMAC {
		return nil, seal.ErrNotCheckpoint
	}
	err = c.call(ctx, opSign, askedRequest{f, msg}.put, func(_ outcome, body []byte) error {
		sig = append([]byte(nil), body...)
		return nil
	})
	return sig, err
}

// VerifierKey is the public half of the key of checkpoints.
func (c *Client) VerifierKey(ctx context.Context) (key string, err error) {
	err = c.call(ctx, opVerifierKey, nil, func(_ outcome, body []byte) error { key = string(body); return nil })
	return key, err
}

// Forget writes an erasure.
func (c *Client) Forget(ctx context.Context, f seal.For, e seal.Erasure) error {
	if len(e.Owners) > seal.MaxForget {
		return fmt.Errorf("%w: %d owners", seal.ErrErasure, len(e.Owners))
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return c.call(ctx, opForget, askedRequest{f, text}.put, func(outcome, []byte) error { return nil })
}

// Forgotten lists erasures.
func (c *Client) Forgotten(ctx context.Context, after int) (list []seal.Erasure, err error) {
	body := func(b []byte) []byte { return binary.BigEndian.AppendUint32(b, uint32(max(after, 0))) }
	err = c.call(ctx, opForgotten, body, func(_ outcome, body []byte) error { return json.Unmarshal(body, &list) })
	return list, err
}

// Status tells the state of the process.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return c.statusAfter(ctx, opStatus, nil)
}

func (c *Client) statusAfter(ctx context.Context, op operation, body func([]byte) []byte) (st Status, err error) {
	err = c.call(ctx, op, body, func(_ outcome, body []byte) error { return json.Unmarshal(body, &st) })
	return st, err
}

// Seal closes the process for everybody until its shares are brought again. Operators only, like all that follows.
func (c *Client) Seal(ctx context.Context) (Status, error) { return c.statusAfter(ctx, opSeal, nil) }

// Unseal brings one share; the status tells how many are there. An empty share takes back those that were given.
func (c *Client) Unseal(ctx context.Context, share []byte) (Status, error) {
	return c.statusAfter(ctx, opUnseal, func(b []byte) []byte { return append(b, share...) })
}

// Init makes a ring with fresh keys and returns its shares, the only time that they are seen. The process stays sealed: opening it with them
// shows that they were written down rightly.
func (c *Client) Init(ctx context.Context, threshold, shares int) (NewShares, error) {
	return c.sharesAfter(ctx, opInit, quorumRequest{Threshold: threshold, Shares: shares})
}

// Reshare gives out new shares of the same root; the old ones are refused afterwards.
func (c *Client) Reshare(ctx context.Context, given []string, threshold, shares int) (NewShares, error) {
	return c.sharesAfter(ctx, opReshare, quorumRequest{Threshold: threshold, Shares: shares, Given: given})
}

func (c *Client) sharesAfter(ctx context.Context, op operation, q quorumRequest) (made NewShares, err error) {
	text, err := json.Marshal(q)
	if err != nil {
		return NewShares{}, err
	}
	err = c.call(ctx, op, func(b []byte) []byte { return append(b, text...) }, func(_ outcome, body []byte) error { return json.Unmarshal(body, &made) })
	return made, err
}

// Rotate adds a version of every key-encryption key.
func (c *Client) Rotate(ctx context.Context) (Status, error) {
	return c.statusAfter(ctx, opRotate, nil)
}

// Retire removes versions older than version.
func (c *Client) Retire(ctx context.Context, version uint32) (Status, error) {
	return c.statusAfter(ctx, opRetire, func(b []byte) []byte { return binary.BigEndian.AppendUint32(b, version) })
}

// Rewrap closes stored keys under the newest key-encryption keys, at most 500. Wrapped goes in and wrapped comes out.
func (c *Client) Rewrap(ctx context.Context, items []RewrapItem) (out []RewrapItem, err error) {
	if len(items) > maxRewrap {
		return nil, fmt.Errorf("%w: %d keys", seal.ErrTooMuch, len(items))
	}
	err = c.call(ctx, opRewrap, rewrapRequest{items}.put, func(_ outcome, body []byte) error {
		r, err := parseRewrap(append([]byte(nil), body...)) // what comes out points into its bytes
		if err == nil && len(r.items) != len(items) {
			err = fmt.Errorf("%w: %d keys for %d", ErrProtocol, len(r.items), len(items))
		}
		out = r.items
		return err
	})
	return out, err
}

// RewrapInside does the same for a wrapped key inside a sealed object; nil when it was the newest already. Sealed goes in and sealed comes out.
func (c *Client) RewrapInside(ctx context.Context, key seal.Wrapped, p seal.Place, sealed []byte) (again []byte, err error) {
	err = c.call(ctx, opRewrapInside, insideRequest{key, p, sealed}.put, func(_ outcome, body []byte) error {
		if len(body) > 0 {
			again = append([]byte(nil), body...)
		}
		return nil
	})
	return again, err
}

// Release lets an actor go on who was sealed for bulk.
func (c *Client) Release(ctx context.Context, actor string) (Status, error) {
	return c.statusAfter(ctx, opRelease, func(b []byte) []byte { return append(b, actor...) })
}

// Await waits until a process answers on the socket, whatever its state.
func (c *Client) Await(ctx context.Context) (Status, error) {
	for {
		st, err := c.Status(ctx)
		if err == nil || errors.Is(err, ErrRefused) {
			return st, err
		}
		select {
		case <-ctx.Done():
			return Status{}, fmt.Errorf("the key process does not answer on %s: %w", c.socket, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// SocketExists tells whether there is a socket at all.
func SocketExists(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// Socket is where this client asks.
func (c *Client) Socket() string { return c.socket }
