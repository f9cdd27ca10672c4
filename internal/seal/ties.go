package seal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Does somebody of the staff stand near somebody of a case? The question is answered inside the ring: it opens what a member of staff told about herself, what the cases's
// people are called and where they live, compares, and gives two bits. Nobody outside learns a name, an address, or which of them were alike.
//
// Near is: one id number; one telephone number; one address in one commune, however it is written; one family name in one commune. Nguyễn, Trần, Lê and Phạm
// are more than half of all people here, so with these the second syllable must be the same too, and be no mere Thị or Văn. Names that begin with Y, A or H' (Bahnar,
// Ê Đê, Jarai, Xơ Đăng) say no family: they are compared by number and address only.

// Card is what a member of staff tells about herself for the watch.
type Card struct {
	Name     string `json:"name"`
	Commune  string `json:"commune,omitempty"` // code of where she lives or comes from
	Address  string `json:"address,omitempty"`
	Phone    string `json:"phone,omitempty"`
	IDNumber string `json:"id_number,omitempty"`
}

// String hides the card.
func (Card) String() string { return "seal.Card(…)" }

// GoString hides the card.
func (Card) GoString() string { return "seal.Card(…)" }

// CardPlace is where somebody's card lies.
func CardPlace(user uuid.UUID) Place {
	return Place{Table: "auth.cards", Column: "sealed", Row: user, Owner: user, Compartment: Identity}
}

// TieQuestion asks about one person and one case.
type TieQuestion struct {
	Self     []Candidate // her card, or none
	House    []Candidate // the cards of those she works with
	Names    []Card      // those of her house who gave none: name and commune of the office
	Communes []string    // of the case
	Parts    []Candidate // of the case: Place says what is sealed there (survivors.identity, survivors.safety, incidents.identity)
}

// Ties is the answer.
type Ties struct {
	Tie     bool // she herself stands near somebody of the case
	House   bool // somebody of her house does so as the person concerned or as the one who used violence
	Damaged int  // parts that did not open
}

// Bounds of a question.
const (
	MaxHouse = 256
	MaxParts = 32
)

// Watcher compares inside the ring.
type Watcher interface {
	Ties(ctx context.Context, f For, q TieQuestion) (Ties, error)
}

// About is what is known of the people of a case, opened.
type About struct {
	Names     []string
	Phones    []string
	IDNumbers []string
	Addresses []string
	Communes  []string
}

// Ties compares inside the ring.
func (r *Core) Ties(ctx context.Context, _ For, q TieQuestion) (Ties, error) {
	if len(q.Self) > 1 || len(q.House)+len(q.Names) > MaxHouse || len(q.Parts) > MaxParts {
		return Ties{}, fmt.Errorf("%w: a question about %d people and %d parts", ErrTooMuch, len(q.House)+len(q.Names), len(q.Parts))
	}
	about := About{Communes: q.Communes}
	var out Ties
	self, house := []Card(nil), slices.Clone(q.Names)
	read := func(rows []Candidate, take func(Candidate, []byte) error) error {
		for i := range rows {
			plain, err := r.openOne(ctx, &rows[i])
			if err == nil {
				err = take(rows[i], plain)
				clear(plain)
			}
			switch {
			case errors.Is(err, ErrForged):
				out.Damaged++
			case err != nil:
				return err
			}
		}
		return nil
	}
	card := func(to *[]Card) func(Candidate, []byte) error {
		return func(row Candidate, plain []byte) error {
			var c Card
			if row.Place != CardPlace(row.Case) || json.Unmarshal(plain, &c) != nil {
				return ErrForged
			}
			*to = append(*to, c)
			return nil
		}
	}
	if err := read(q.Self, card(&self)); err != nil {
		return Ties{}, err
	}
	if err := read(q.House, card(&house)); err != nil {
		return Ties{}, err
	}
	if err := read(q.Parts, about.take); err != nil {
		return Ties{}, err
	}
	for _, c := range self {
		out.Tie = out.Tie || about.Near(c)
	}
	for _, c := range house {
		out.House = out.House || about.Is(c)
	}
	return out, nil
}

// openOne opens one sealed value whose wrapped key comes with it.
func (r *Core) openOne(ctx context.Context, row *Candidate) ([]byte, error) {
	if row.Place.Owner != row.Case || row.Place.Compartment != row.Key.Compartment {
		return nil, ErrForged
	}
	keys, err := r.Unwrap(ctx, For{}, row.Case, row.Key)
	if err != nil {
		return nil, err
	}
	defer keys.Close()
	return keys.Open(row.Place, row.Sealed)
}

// take adds what lies in one part of a case.
func (a *About) take(row Candidate, plain []byte) error {
	var err error
	add := func(to *[]string, s string) {
		if s != "" {
			*to = append(*to, s)
		}
	}
	switch row.Place.Table + "." + row.Place.Column {
	case "survivors.identity":
		var p struct {
			Name     string `json:"name"`
			Phone    string `json:"phone"`
			IDNumber string `json:"id_number"`
		}
		err = json.Unmarshal(plain, &p)
		add(&a.Names, p.Name)
		add(&a.Phones, p.Phone)
		add(&a.IDNumbers, p.IDNumber)
	case "survivors.safety":
		var p struct {
			Address string `json:"address"`
			Contact *struct {
				Value string `json:"value"`
			} `json:"contact"`
		}
		err = json.Unmarshal(plain, &p)
		add(&a.Addresses, p.Address)
		if p.Contact != nil {
			add(&a.Phones, p.Contact.Value)
		}
	case "incidents.identity":
		var names []string
		err = json.Unmarshal(plain, &names)
		for _, n := range names {
			add(&a.Names, n)
		}
	default:
		return fmt.Errorf("%w: no part of a case", ErrPlace)
	}
	if err != nil {
		return ErrForged
	}
	return nil
}

// Near tells whether c stands near somebody of the case: is one of them, shares a number or a home, or the family name in one commune.
func (a About) Near(c Card) bool {
	if a.number(c) {
		return true
	}
	if c.Commune == "" || !slices.Contains(a.Communes, c.Commune) {
		return false
	}
	for _, x := range a.Addresses {
		if sameHome(c.Address, x) {
			return true
		}
	}
	mine := family(c.Name)
	return mine != "" && slices.ContainsFunc(a.Names, func(n string) bool { return family(n) == mine })
}

// Is tells whether c is one of the people of the case, as far as can be seen: by number, or by the whole name in one commune.
func (a About) Is(c Card) bool {
	if a.number(c) {
		return true
	}
	name := syllables(c.Name, nil)
	if len(name) < 2 || c.Commune == "" || !slices.Contains(a.Communes, c.Commune) {
		return false
	}
	return slices.ContainsFunc(a.Names, func(n string) bool {
		other := syllables(n, nil)
		return slices.EqualFunc(name, other, func(x, y syllable) bool { return x.letters == y.letters })
	})
}

func (a About) number(c Card) bool {
	if id := plainNumber(c.IDNumber); id != "" && slices.ContainsFunc(a.IDNumbers, func(x string) bool { return plainNumber(x) == id }) {
		return true
	}
	phone := national(c.Phone)
	return len(phone) >= 8 && slices.ContainsFunc(a.Phones, func(x string) bool { return national(x) == phone })
}

// common are the family names of more than half of all people; fillers say only whether somebody is a woman or a man.
var (
	common  = map[string]bool{"nguyen": true, "tran": true, "le": true, "pham": true}
	fillers = map[string]bool{"thi": true, "van": true}
	// titles stand before a name without a family: Y and H' for women, A for men.
	titles = map[string]bool{"y": true, "a": true, "h": true}
)

// family is the part of a name by which kin are guessed; "" where a name says no family.
func family(name string) string {
	if folded := Fold(name); strings.HasPrefix(folded, "h'") || strings.HasPrefix(folded, "h’") {
		return ""
	}
	s := syllables(name, nil)
	if len(s) < 2 || titles[s[0].letters] {
		return ""
	}
	if !common[s[0].letters] {
		return s[0].letters
	}
	if len(s) < 3 || fillers[s[1].letters] {
		return ""
	}
	return s[0].letters + " " + s[1].letters
}

// roads are words of an address that one writes and another leaves out.
var roads = map[string]bool{"so": true, "nha": true, "duong": true, "pho": true, "ngo": true, "hem": true, "xa": true, "phuong": true, "thanh": true, "huyen": true, "tinh": true, "tp": true}

// sameHome tells whether two addresses of one commune may be one: every word of the shorter one stands in the longer, and it says more than a place name (a number
// with a name, or three words). "12 Trần Phú" is "số 12 đường Trần Phú, phường Quyết Thắng"; "thôn 2" is "Thôn 2, xã Ngọc Bay": a hamlet is neighbours.
func sameHome(a, b string) bool {
	x, y := homeWords(a), homeWords(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < 2 {
		return false
	}
	number := false
	for _, w := range x {
		if !slices.Contains(y, w) {
			return false
		}
		number = number || strings.ContainsAny(w, "0123456789")
	}
	return number || len(x) >= 3
}

func homeWords(address string) []string {
	var out []string
	for _, s := range syllables(address, nil) {
		if !roads[s.letters] && !slices.Contains(out, s.letters) {
			out = append(out, s.letters)
		}
	}
	return out
}
