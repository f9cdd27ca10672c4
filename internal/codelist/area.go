package codelist

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Unit is a commune (xã, phường, thị trấn) during one period of its life.
type Unit struct {
	Code      string
	Name      string // with its kind: "Xã Đăk Hà"
	NameEN    string
	ValidFrom time.Time // zero: since before our records
	ValidTo   time.Time // last day; zero: today's unit
	Province  string    // code in admin_province
	// FormerDistrict is the district of before July 2025, which lives on as a statistical area.
	FormerDistrict string
	MergedInto     string   // code of the unit that took it in on the day after ValidTo
	MergedFrom     []string // codes of the units it was made of on ValidFrom
	Kind           string   // XA, PHUONG or THI_TRAN
	Aliases        []string // other spellings in use
}

// AreaType is URBAN for a ward or a township, RURAL for a commune (area_type).
func (u Unit) AreaType() string {
	if u.Kind == "XA" {
		return "RURAL"
	}
	return "URBAN"
}

// ValidOn tells whether the unit existed on that day.
func (u Unit) ValidOn(on time.Time) bool {
	d := date(on)
	return (u.ValidFrom.IsZero() || !d.Before(u.ValidFrom)) && (u.ValidTo.IsZero() || !d.After(u.ValidTo))
}

// unitKey is what makes a unit one unit: a new commune bears the code of one that it was made of.
type unitKey struct {
	code string
	from time.Time
}

type atlas struct {
	units   []Unit // the newest first, then by code
	byKey   map[unitKey]*Unit
	byCode  map[string][]*Unit // newest first
	names   map[*Unit][]string // squashed names and spellings
	regions map[string]string  // district or province code -> province code
}

var areas = sync.OnceValue(func() *atlas {
	a := &atlas{byKey: map[unitKey]*Unit{}, byCode: map[string][]*Unit{}, names: map[*Unit][]string{}, regions: map[string]string{}}
	for _, e := range MustGet(AdminCommune2025).entries {
		a.units = append(a.units, Unit{
			Code: e.Code, Name: e.LabelVI, NameEN: e.LabelEN, ValidFrom: e.ValidFrom, ValidTo: e.ValidTo,
			Province: e.Note("parent"), FormerDistrict: e.Note("former_district"), MergedInto: e.ReplacedBy,
			MergedFrom: e.Codes("merged_from"), Kind: e.Note("kind"), Aliases: e.Codes("alias"),
		})
	}
	for _, e := range MustGet(AdminCommune2022).entries {
		u := Unit{
			Code: e.Code, Name: e.LabelVI, NameEN: e.LabelEN, ValidFrom: e.ValidFrom, ValidTo: e.ValidTo,
			Province: e.Note("parent"), FormerDistrict: e.Note("district"), MergedInto: e.ReplacedBy, Kind: e.Note("kind"),
		}
		for _, alias := range e.Codes("alias") {
			u.Aliases = append(u.Aliases, strings.TrimSpace(alias))
		}
		a.units = append(a.units, u)
	}
	slices.SortStableFunc(a.units, func(x, y Unit) int {
		return cmp.Or(y.ValidFrom.Compare(x.ValidFrom), cmp.Compare(x.Code, y.Code))
	})
	for i := range a.units {
		u := &a.units[i]
		a.byKey[unitKey{u.Code, u.ValidFrom}] = u
		a.byCode[u.Code] = append(a.byCode[u.Code], u)
		for _, name := range append([]string{u.Name}, u.Aliases...) {
			if s := squash(name); !slices.Contains(a.names[u], s) {
				a.names[u] = append(a.names[u], s)
			}
		}
	}
	for _, e := range MustGet(AdminDistrict2022).entries {
		a.regions[e.Code] = e.Note("parent")
	}
	for _, e := range MustGet(AdminProvince).entries {
		a.regions[e.Code] = e.Code
	}
	return a
})

// Commune is the unit that bore this code on that day. A code of today finds nothing before 1 July 2025 unless a predecessor bore it too, and
// then it finds the predecessor.
func Commune(code string, on time.Time) (Unit, bool) {
	for _, u := range areas().byCode[code] {
		if u.ValidOn(on) {
			return u.clone(), true
		}
	}
	return Unit{}, false
}

// AnyCommune is the newest unit that bears or bore this code.
func AnyCommune(code string) (Unit, bool) {
	if us := areas().byCode[code]; len(us) > 0 {
		return us[0].clone(), true
	}
	return Unit{}, false
}

// Communes are the units of one day, by code.
func Communes(on time.Time) []Unit {
	var us []Unit
	for i := range areas().units {
		if u := &areas().units[i]; u.ValidOn(on) {
			us = append(us, u.clone())
		}
	}
	return us
}

// Successor is the unit into which u went whole, u itself while it lives. None of the 102 communes was divided in 2025, so a record under an
// old commune can always be read under the new one.
func Successor(u Unit) Unit {
	for !u.ValidTo.IsZero() {
		next, ok := Commune(u.MergedInto, u.ValidTo.AddDate(0, 0, 1))
		if !ok {
			return u
		}
		u = next
	}
	return u
}

// Predecessors are the units of which u was made; none while our records know no older ones.
func Predecessors(u Unit) []Unit {
	var us []Unit
	for _, code := range u.MergedFrom {
		if old, ok := Commune(code, u.ValidFrom.AddDate(0, 0, -1)); ok {
			us = append(us, old)
		}
	}
	return us
}

// Area is the statistical area of a commune on a day: its former district, which no commune of 2025 crosses, so that series go on over the
// reform; else its province. The code of a district or of a province is its own area. Unknown for anything else.
func Area(communeCode string, on time.Time) string {
	u, ok := Commune(communeCode, on)
	if !ok {
		u, ok = AnyCommune(communeCode)
	}
	switch {
	case ok && u.FormerDistrict != "":
		return u.FormerDistrict
	case ok:
		return u.Province
	case areas().regions[communeCode] != "":
		return communeCode
	}
	return Unknown
}

// AreaLabel is the name of a statistical area in Vietnamese, the code when it has none.
func AreaLabel(area string) string {
	for _, name := range []Name{AdminDistrict2022, AdminProvince} {
		if l := MustGet(name); l.Has(area) {
			e, _ := l.Find(area)
			return e.LabelVI
		}
	}
	return area
}

// StatisticalAreas are the areas of a province whose numbers are published: the former districts, the province itself for what lies in none of
// them, and Unknown.
func StatisticalAreas(province string) []string {
	var codes []string
	for _, e := range MustGet(AdminDistrict2022).entries {
		if parent := e.Note("parent"); parent == province || MustGet(AdminProvince).entry(parent).ReplacedBy == province {
			codes = append(codes, e.Code)
		}
	}
	return append(codes, province, Unknown)
}

// FindCommune looks for units of one day by what somebody types: a code, a name, a part of it, with or without its kind and accents, in any of the
// spellings in use (Đăk, Đắk, Dak; Ngọc, Ngọk, Ngok), or the name of a unit of another time that went into it or came out of it. The best
// answers come first: today's name in full, then an old name in full, then beginnings, then parts. Several communes share a name, so there
// may be several good answers, and the caller must ask.
func FindCommune(text string, on time.Time) []Unit {
	kind, want := splitKind(text)
	if want == "" {
		return nil
	}
	type hit struct {
		unit *Unit
		rank int
	}
	var hits []hit
	a := areas()
	for i := range a.units {
		u := &a.units[i]
		if !u.ValidOn(on) {
			continue
		}
		rank := rankOf(a.names[u], want)
		if u.Code == strings.TrimSpace(text) {
			rank = 0
		}
		for _, other := range a.kin(u) {
			if r := rankOf(a.names[other], want); r < none {
				rank = min(rank, r+1)
			}
		}
		if rank == none {
			continue
		}
		if kind != "" && kind != u.Kind {
			rank++
		}
		hits = append(hits, hit{u, rank})
	}
	slices.SortStableFunc(hits, func(x, y hit) int { return cmp.Compare(x.rank, y.rank) })
	found := make([]Unit, len(hits))
	for i, h := range hits {
		found[i] = h.unit.clone()
	}
	return found
}

// CommunesNamed are the units of one day that are called exactly so, spelling forgiven: by a code of the day, by today's name or, where no unit bears it, by
// the name of a unit that went into it or came out of it. A kind before the name must be right. More than one answer means that the text does
// not say which.
func CommunesNamed(text string, on time.Time) []Unit {
	kind, want := splitKind(text)
	if want == "" {
		return nil
	}
	if u, ok := Commune(strings.TrimSpace(text), on); ok {
		return []Unit{u}
	}
	var own, byKin []Unit
	a := areas()
	for i := range a.units {
		u := &a.units[i]
		if !u.ValidOn(on) {
			continue
		}
		if slices.Contains(a.names[u], want) && (kind == "" || kind == u.Kind) {
			own = append(own, u.clone())
			continue
		}
		for _, other := range a.kin(u) {
			if slices.Contains(a.names[other], want) && (kind == "" || kind == other.Kind) {
				byKin = append(byKin, u.clone())
				break
			}
		}
	}
	if len(own) > 0 {
		return own
	}
	return byKin
}

const (
	whole     = 0 // the name itself
	beginning = 4 // the name begins so
	part      = 8 // the name contains it
	none      = 99
)

func rankOf(names []string, want string) int {
	best := none
	for _, n := range names {
		switch {
		case n == want:
			return whole
		case strings.HasPrefix(n, want):
			best = min(best, beginning)
		case len(want) > 2 && strings.Contains(n, want):
			best = min(best, part)
		}
	}
	return best
}

// kin are the units that u was made of, and the unit that it became.
func (a *atlas) kin(u *Unit) []*Unit {
	var us []*Unit
	for _, code := range u.MergedFrom {
		for _, o := range a.byCode[code] {
			if o.MergedInto == u.Code && o != u {
				us = append(us, o)
			}
		}
	}
	if u.MergedInto != "" {
		for _, o := range a.byCode[u.MergedInto] {
			if slices.Contains(o.MergedFrom, u.Code) && o != u {
				us = append(us, o)
			}
		}
	}
	return us
}

// kinds are the ways to write what a unit is, in squashed form and the longest first.
var kinds = []struct{ word, kind string }{
	{"thi tran ", "THI_TRAN"}, {"phuong ", "PHUONG"}, {"xa ", "XA"}, {"tt. ", "THI_TRAN"}, {"tt.", "THI_TRAN"}, {"tt ", "THI_TRAN"},
	{"p. ", "PHUONG"}, {"p.", "PHUONG"}, {"x. ", "XA"}, {"x.", "XA"},
}

func splitKind(text string) (kind, name string) {
	folded := Fold(text)
	for _, k := range kinds {
		if rest, ok := strings.CutPrefix(folded, k.word); ok {
			return k.kind, tighten(rest)
		}
	}
	return "", tighten(folded)
}

func squash(name string) string {
	_, s := splitKind(name)
	return s
}

// tighten drops what writers of these names do not agree on: spaces, hyphens, apostrophes, and c or k at the end of a Bahnaric word.
func tighten(folded string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(folded) {
		if w, ok := strings.CutSuffix(word, "c"); ok && w != "" && !strings.HasSuffix(w, "k") {
			word = w + "k"
		}
		for _, r := range word {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func (u *Unit) clone() Unit {
	c := *u
	c.MergedFrom = slices.Clone(u.MergedFrom)
	c.Aliases = slices.Clone(u.Aliases)
	return c
}

// entry is Find without the question.
func (l *List) entry(code string) Entry {
	e, _ := l.Find(code)
	return e
}
