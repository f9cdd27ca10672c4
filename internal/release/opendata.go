package release

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"binhan/internal/fault"
	"binhan/internal/gate"
)

// OpenData are the releases whose plan is public, for anybody: no session, no cookie, no act, and nothing is recorded, since nobody is named. The database role
// behind it sees published cells and nothing else, and its two statements see those of public plans alone.
//
// A published release never changes, so it is read from the database once and kept; what one visitor can ask for in a second is bounded, and so is what
// everybody together can make the database do.
type OpenData struct {
	gate  *gate.Gate
	name  Naming
	now   func() time.Time
	read  chan struct{} // how many read from the database at once
	mu    sync.Mutex
	rows  []cubeRow
	list  []Release
	until time.Time
	books map[uuid.UUID]*openBook
	seen  map[netip.Prefix]visitor
}

type openBook struct {
	*Book
	mu    sync.Mutex
	files map[string]OpenFile
	used  time.Time
}

type visitor struct {
	left float64
	at   time.Time
}

// Bounds of the open side. A page with its table and files is a handful of requests; a harvester that takes one release whole is about a hundred.
const (
	VisitBurst  = 200             // requests at once
	VisitRate   = 10              // and as many a second
	visitors    = 20_000          // that are remembered; beyond them those who came long ago are forgotten
	keptBooks   = 12              // releases in memory
	listAge     = 2 * time.Second // in which a new release may not be seen yet
	readsAtOnce = 2               // of the database
)

// NewOpenData makes the open side; name says what codes are called.
func NewOpenData(g *gate.Gate, name Naming) *OpenData {
	return &OpenData{gate: g, name: name, now: time.Now, read: make(chan struct{}, readsAtOnce), books: map[uuid.UUID]*openBook{}, seen: map[netip.Prefix]visitor{}}
}

// Admit counts a request of an address (a network of 64 bits in IPv6) and refuses what is too much: fault.TooMany. An address that is not known is one visitor.
func (o *OpenData) Admit(address string) error {
	var key netip.Prefix
	if a, err := netip.ParseAddr(address); err == nil {
		bits := 32
		if a = a.Unmap().WithZone(""); a.Is6() {
			bits = 64
		}
		key, _ = a.Prefix(bits)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	v, known := o.seen[key]
	if !known {
		if len(o.seen) >= visitors {
			for k, x := range o.seen {
				if now.Sub(x.at) > VisitBurst/VisitRate*time.Second {
					delete(o.seen, k)
				}
			}
		}
		if len(o.seen) >= visitors {
			return fault.New(fault.TooMany, "too_many")
		}
		v = visitor{left: VisitBurst, at: now}
	}
	v.left = min(VisitBurst, v.left+now.Sub(v.at).Seconds()*VisitRate)
	v.at = now
	if v.left < 1 {
		o.seen[key] = v
		return fault.New(fault.TooMany, "too_many")
	}
	v.left--
	o.seen[key] = v
	return nil
}

// List gives the public releases, the newest period first.
func (o *OpenData) List(ctx context.Context) ([]Release, error) {
	list, _, err := o.heads(ctx)
	return list, err
}

func (o *OpenData) heads(ctx context.Context) ([]Release, []cubeRow, error) {
	o.mu.Lock()
	fresh, list, rows := o.now().Before(o.until), o.list, o.rows
	o.mu.Unlock()
	if fresh {
		return list, rows, nil
	}
	var found []cubeRow
	if err := o.ask(ctx, func() error { return o.gate.OpenReleases(ctx, &found) }); err != nil {
		return nil, nil, err
	}
	list, err := releases(found)
	if err != nil {
		return nil, nil, err
	}
	o.mu.Lock()
	o.list, o.rows, o.until = list, found, o.now().Add(listAge)
	o.mu.Unlock()
	return list, found, nil
}

// ask lets few ask the database at once; who would have to wait too long is told to come again.
func (o *OpenData) ask(ctx context.Context, do func() error) error {
	wait, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	select {
	case o.read <- struct{}{}:
		defer func() { <-o.read }()
		return do()
	case <-wait.Done():
		return fault.New(fault.Unavailable, "busy")
	}
}

// Book opens a public release; any other does not exist.
func (o *OpenData) Book(ctx context.Context, id uuid.UUID) (*Book, error) {
	b, err := o.book(ctx, id)
	if err != nil {
		return nil, err
	}
	return b.Book, nil
}

func (o *OpenData) book(ctx context.Context, id uuid.UUID) (*openBook, error) {
	_, rows, err := o.heads(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.ID != id {
			continue
		}
		o.mu.Lock()
		b := o.books[id]
		if b != nil {
			b.used = o.now()
		}
		o.mu.Unlock()
		if b != nil && b.Release.State == row.State {
			return b, nil
		}
		var cells []cellRow
		if err := o.ask(ctx, func() error { return o.gate.OpenNumbers(ctx, &cells, id) }); err != nil {
			return nil, err
		}
		book, err := bookOf(row, cells)
		if err != nil {
			return nil, err
		}
		return o.keep(id, &openBook{Book: book, files: map[string]OpenFile{}}), nil
	}
	return nil, fault.Missing()
}

func (o *OpenData) keep(id uuid.UUID, b *openBook) *openBook {
	o.mu.Lock()
	defer o.mu.Unlock()
	b.used = o.now()
	o.books[id] = b
	for len(o.books) > keptBooks {
		var oldest uuid.UUID
		for k, x := range o.books {
			if oldest == uuid.Nil || x.used.Before(o.books[oldest].used) {
				oldest = k
			}
		}
		delete(o.books, oldest)
	}
	return b
}

// Catalogue describes all public releases: DCAT in JSON-LD.
func (o *OpenData) Catalogue(ctx context.Context) (OpenFile, error) {
	list, err := o.List(ctx)
	if err != nil {
		return OpenFile{}, err
	}
	raw, err := Catalogue(list, func(r Release) (*Book, error) { return o.Book(ctx, r.ID) }, o.name)
	return OpenFile{Body: raw, Type: "application/ld+json; charset=utf-8", ETag: `"` + hash(raw)[:32] + `"`}, err
}

// OpenFile is a public file. What holds nothing but cells never changes and may be kept for ever.
type OpenFile struct {
	Body    []byte
	Type    string
	ETag    string
	Forever bool
}

// ErrNotAFile: the name is that of a page.
var ErrNotAFile = errors.New("not a file")

// File gives a file of a public release by its name: a table as .csv, .json or .xlsx and what describes it (.csv-metadata.json, CSVW), manifest.json, adx.xml and
// adx-codes.csv.
func (o *OpenData) File(ctx context.Context, id uuid.UUID, name string) (OpenFile, error) {
	b, err := o.book(ctx, id)
	if err != nil {
		return OpenFile{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if f, there := b.files[name]; there {
		return f, nil
	}
	f, err := b.file(name, o.name)
	if err != nil {
		return OpenFile{}, err
	}
	f.ETag = `"` + hash(f.Body)[:32] + `"`
	b.files[name] = f // names are those of the release's tables: there are few
	return f, nil
}

const jsonType = "application/json; charset=utf-8"

func (b *Book) file(name string, naming Naming) (OpenFile, error) {
	switch name {
	case "manifest.json":
		raw, err := b.Manifest.JSON()
		return OpenFile{Body: raw, Type: jsonType}, err
	case "adx.xml":
		raw, err := b.ADX()
		return OpenFile{Body: raw, Type: "application/xml; charset=utf-8"}, err
	case "adx-codes.csv":
		raw, err := b.ADXCodes(naming)
		return OpenFile{Body: raw, Type: csvType}, err
	}
	table, ext, ok := strings.Cut(name, ".")
	t, there := b.Table(table)
	switch {
	case !there:
		return OpenFile{}, fault.Missing()
	case !ok:
		return OpenFile{}, ErrNotAFile
	}
	switch ext {
	case "csv":
		return OpenFile{Body: b.csv[table], Type: csvType, Forever: true}, nil
	case "json":
		raw, err := json.Marshal(t)
		return OpenFile{Body: append(raw, '\n'), Type: jsonType, Forever: true}, err
	case "xlsx":
		d, err := Papers{naming}.Document(b, table)
		if err != nil {
			return OpenFile{}, err
		}
		raw, err := d.XLSX()
		return OpenFile{Body: raw, Type: xlsxType}, err
	case "csv-metadata.json":
		raw, err := b.CSVW(table, naming)
		return OpenFile{Body: raw, Type: "application/csvm+json; charset=utf-8"}, err
	}
	return OpenFile{}, fault.Missing()
}
