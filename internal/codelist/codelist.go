// Package codelist keeps the words that the field counts by: the acts of violence of the law, the forms they belong to, relationships, ages,
// services, agencies, deadlines and the administrative units of the province.
//
// Every list is a CSV file under lists, embedded in the program. A row is never edited once it was used: when the law changes, the old row gets
// a last day and a new row is appended, so that a record of 2024 still says what it said in 2024. lists/SOURCE.md explains the columns and
// where the rows come from; the column "verified" says how far each can be relied on.
//
// The package also derives what follows from the codes alone: the forms of a list of acts, the main form, the GBVIMS type, the age band, the
// statistical area of a commune. Those derivations are pure, so that the case, the importer and the statistics can never disagree.
//
// Nothing here is secret, nothing here touches a database, and everything is safe for concurrent use. Checking the lists against each other is
// Check's work; the server calls it before it listens.
package codelist

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"binhan/internal/i18n"
)

//go:embed lists/*.csv
var files embed.FS

// Name is the name of a list, which is also its file and its address under /api/v1/codelists.
type Name string

// Entry is one row of a list.
type Entry struct {
	Code    string
	LabelVI string
	LabelEN string
	// Law and Article cite the text that names the thing ("13/2022/QH15", "Đ3.1.a"); both may be empty.
	Law     string
	Article string
	// ValidFrom and ValidTo are the first and the last day on which the code may be used; zero is open.
	ValidFrom time.Time
	ValidTo   time.Time
	// ReplacedBy is the code that took over after ValidTo, if there is one.
	ReplacedBy string
	// Verified is how far the row can be relied on: V seen in the text, V2 in a digest, M from memory, P our own proposal, or empty.
	Verified string

	notes map[string]string
}

// Label is the entry's name in a language; Vietnamese when there is no other.
func (e Entry) Label(l i18n.Language) string {
	if l == i18n.English && e.LabelEN != "" {
		return e.LabelEN
	}
	return e.LabelVI
}

// Note is the entry's value in a column of its own list ("form" of an act, "group" of a relationship), or "".
func (e Entry) Note(key string) string { return e.notes[key] }

// Codes is a Note that holds several codes.
func (e Entry) Codes(key string) []string {
	text := e.notes[key]
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// ValidOn tells whether the code may be used on that day.
func (e Entry) ValidOn(day time.Time) bool {
	d := date(day)
	return (e.ValidFrom.IsZero() || !d.Before(e.ValidFrom)) && (e.ValidTo.IsZero() || !d.After(e.ValidTo))
}

// List is one code list. Its methods answer for a nil list as for an empty one.
type List struct {
	Name Name
	// NoteKeys are the columns that only this list has, in the order of its file.
	NoteKeys []string

	entries []Entry
	last    map[string]int // the newest row of each code
}

// Has tells whether the code is, or ever was, in the list.
func (l *List) Has(code string) bool {
	_, ok := l.Find(code)
	return ok
}

// Find is the newest row of a code.
func (l *List) Find(code string) (Entry, bool) {
	if l == nil {
		return Entry{}, false
	}
	i, ok := l.last[code]
	if !ok {
		return Entry{}, false
	}
	return l.entries[i], true
}

// Label is the name of a code in a language. A code that the list does not have is its own name.
func (l *List) Label(code string, lang i18n.Language) string {
	e, ok := l.Find(code)
	if !ok {
		return code
	}
	return e.Label(lang)
}

// Note is the value of a column of this list for a code, or "".
func (l *List) Note(code, key string) string {
	e, _ := l.Find(code)
	return e.Note(key)
}

// NoteInt is a Note that is a whole number (hours, days, years, weights).
func (l *List) NoteInt(code, key string) (int, bool) {
	n, err := strconv.Atoi(l.Note(code, key))
	return n, err == nil
}

// Entries are all rows, those no longer valid included, in the order in which they are shown. The slice is the caller's.
func (l *List) Entries() []Entry {
	if l == nil {
		return nil
	}
	return slices.Clone(l.entries)
}

// Codes are the codes of Entries, each once.
func (l *List) Codes() []string {
	if l == nil {
		return nil
	}
	codes := make([]string, 0, len(l.entries))
	for _, e := range l.entries {
		if !slices.Contains(codes, e.Code) {
			codes = append(codes, e.Code)
		}
	}
	return codes
}

// On are the rows that may be used on that day.
func (l *List) On(day time.Time) []Entry {
	if l == nil {
		return nil
	}
	var valid []Entry
	for _, e := range l.entries {
		if e.ValidOn(day) {
			valid = append(valid, e)
		}
	}
	return valid
}

// Get is the list of that name, or nil when there is none.
func Get(name Name) *List { return load()[name] }

// MustGet is Get for a name written in the program; it panics when there is no such list.
func MustGet(name Name) *List {
	l := Get(name)
	if l == nil {
		panic("codelist: no list " + string(name))
	}
	return l
}

// Names are the names of all lists, sorted.
func Names() []Name {
	names := make([]Name, 0, len(load()))
	for n := range load() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

var load = sync.OnceValue(func() map[Name]*List {
	all := map[Name]*List{}
	names, err := fs.Glob(files, "lists/*.csv")
	if err != nil {
		panic(err)
	}
	for _, file := range names {
		raw, err := files.ReadFile(file)
		if err != nil {
			panic(err)
		}
		name := Name(strings.TrimSuffix(path.Base(file), ".csv"))
		l, err := parse(name, raw)
		if err != nil {
			panic(fmt.Sprintf("codelist %s: %v", name, err))
		}
		all[name] = l
	}
	return all
})

// core are the columns that every list has, in this order.
var core = []string{"code", "label_vi", "label_en", "law", "article", "valid_from", "valid_to", "replaced_by", "verified"}

func parse(name Name, raw []byte) (*List, error) {
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows[0]) < len(core) || !slices.Equal(rows[0][:len(core)], core) {
		return nil, errors.New("the first columns are not " + strings.Join(core, ","))
	}
	l := &List{Name: name, NoteKeys: rows[0][len(core):], last: map[string]int{}}
	for i, r := range rows[1:] {
		e := Entry{Code: r[0], LabelVI: r[1], LabelEN: r[2], Law: r[3], Article: r[4], ReplacedBy: r[7], Verified: r[8]}
		if e.ValidFrom, err = day(r[5]); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+2, err)
		}
		if e.ValidTo, err = day(r[6]); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+2, err)
		}
		for j, key := range l.NoteKeys {
			if v := r[len(core)+j]; v != "" {
				if e.notes == nil {
					e.notes = map[string]string{}
				}
				e.notes[key] = v
			}
		}
		at, again := l.last[e.Code]
		if !again || l.entries[at].ValidFrom.Before(e.ValidFrom) {
			l.last[e.Code] = len(l.entries)
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}

func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

// date is the day of an instant, as it is written where the instant was taken.
func date(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
