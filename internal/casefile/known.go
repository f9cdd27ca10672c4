package casefile

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// KnownCommand asks whether a person may be known elsewhere: by number, or by the whole name together with the commune (a name alone fits too many). Code is the kind
// of reason (list known_reason).
type KnownCommand struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	IDNumber string `json:"id_number,omitempty"`
	Commune  string `json:"commune,omitempty"`
	Code     string `json:"code"`
}

// String hides who is asked for.
func (KnownCommand) String() string { return "known(…)" }

// Known is the whole answer: perhaps, or not that we can see. It never tells where, how many, or as what.
type Known struct {
	Possible bool `json:"possible"`
}

// AskKnown tells whether another case may be about the same person, survivor or perpetrator, in whatever organisation. The asker learns yes or no; the holders of
// the cases learn which organisation asked, and may talk to it. Sealed cases, and those behind a wall of the asker, are not there. Counted and proved, so that nobody
// asks for a whole village.
func (s *Service) AskKnown(ctx context.Context, who access.Actor, cmd KnownCommand) (Known, error) {
	var ps fault.Problems
	survivor.NeedCode("/code", codelist.KnownReason, cmd.Code, &ps)
	survivor.Short("/name", cmd.Name, 200, &ps)
	survivor.Phone("/phone", cmd.Phone, &ps)
	survivor.Commune("/commune", cmd.Commune, &ps)
	(&survivor.Person{IDNumber: cmd.IDNumber}).CheckNumber("/id_number", &ps)
	if cmd.Phone == "" && cmd.IDNumber == "" && (strings.TrimSpace(cmd.Name) == "" || cmd.Commune == "") {
		ps.Add("", "known_needs_more")
	}
	if err := ps.Err(); err != nil {
		return Known{}, err
	}
	return gate.Do(ctx, s.gate, who, access.AskKnown, access.Nothing, func(tx *gate.Tx) (Known, error) {
		tx.Because(cmd.Code, nil)
		p := survivor.Person{Name: cmd.Name, Phone: cmd.Phone, IDNumber: cmd.IDNumber}
		if cmd.Commune == "" {
			p.Name = "" // beside a number it only confuses: she may have told another name there
		}
		kinds, marks := marksOf(p)
		macs, err := tx.MACs(marks)
		if err != nil {
			return Known{}, err
		}
		hits, err := alike(tx, p, tokensFrom(kinds, macs), cmd.Commune, false)
		if err != nil || len(hits) == 0 {
			return Known{}, err
		}
		ids := make([]uuid.UUID, len(hits))
		for i, h := range hits {
			ids[i] = h.Case
		}
		tx.Touch(ids...) // their holders find the question in the record of their cases
		_, err = tx.Exec(`select standing.tell_known($1)`, gate.UUIDs(ids))
		return Known{Possible: true}, err
	})
}

// Alike is a case of the recorder herself that may be about the same person.
type Alike struct {
	ID   uuid.UUID `json:"id"`
	Code string    `json:"code"`
}

// Similar is what she who records a case is told at once, privately: her own cases that may be about the same person, and whether her organisation has another.
type Similar struct {
	Own          []Alike `json:"own"`
	Organisation bool    `json:"organisation"`
}

// similar looks for cases of the recorder and of her organisation that are about the person being recorded; nil when there are none.
func similar(tx *gate.Tx, p survivor.Person, tokens []token, commune string) (*Similar, error) {
	hits, err := alike(tx, p, tokens, commune, true)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	s := &Similar{Own: []Alike{}}
	for _, h := range hits {
		if h.Mine {
			s.Own = append(s.Own, Alike{h.Case, h.Code})
		} else {
			s.Organisation = true
		}
	}
	return s, nil
}

type hit struct {
	Case uuid.UUID
	Code string
	Mine bool
}

// alike finds cases by tokens and lets the ring verify each hit by what is sealed there, so that the chance hits of a 16-bit name fall away. Nothing that did not match
// leaves the ring.
func alike(tx *gate.Tx, p survivor.Person, tokens []token, commune string, near bool) ([]hit, error) {
	if len(tokens) == 0 {
		return nil, nil
	}
	kinds, marks := make([]string, len(tokens)), make([][]byte, len(tokens))
	for i, t := range tokens {
		kinds[i], marks[i] = t.kind, t.mark
	}
	var rows []struct {
		Case    uuid.UUID `db:"case_id"`
		Code    string    `db:"code"`
		Mine    bool      `db:"mine"`
		Commune *string   `db:"commune"`
		Who     string    `db:"who"`
		Kind    string    `db:"kind"`
		Token   uuid.UUID `db:"token_id"`
		Key     []byte    `db:"key"`
		Sealed  []byte    `db:"sealed"`
	}
	if err := tx.Select(&rows, `select case_id, code, mine, commune, who, kind, token_id, key, sealed from standing.known($1, $2, $3)`, gate.Texts(kinds), gate.ByteArrays(marks), near); err != nil {
		return nil, err
	}
	byCase := map[uuid.UUID]hit{}
	groups := map[string][]seal.Candidate{}
	for _, r := range rows {
		if r.Kind == "name" && commune != "" && text(r.Commune) != commune {
			continue // of the same name, elsewhere
		}
		place := survivor.IdentityPlace(r.Case)
		if r.Who == "perpetrator" {
			place = tokenPlace(r.Token, r.Case)
		}
		byCase[r.Case] = hit{r.Case, r.Code, r.Mine}
		groups[r.Kind] = append(groups[r.Kind], seal.Candidate{Case: r.Case, Key: seal.Wrapped{Compartment: seal.Identity, Key: r.Key}, Place: place, Sealed: r.Sealed})
	}
	var out []hit
	seen := map[uuid.UUID]bool{}
	for kind, list := range groups {
		q := map[string]seal.Query{"name": {Name: p.Name}, "phone": {Phone: p.Phone}, "id": {IDNumber: p.IDNumber}}[kind]
		ids, err := tx.Match(q, list)
		if errors.Is(err, seal.ErrNoQuery) || errors.Is(err, seal.ErrTooMuch) {
			continue // a name of marks only, or of more syllables than anybody has
		}
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				out = append(out, byCase[id])
			}
		}
	}
	return out, nil
}

// token is a blind mark of something that is known of a person. 64 bits of a number reveal that two are equal and nothing else; 16 bits of the whole name fit five people by chance
// in 300,000, so that they reveal not even that. No family name and no syllable has a mark: a third of all people are called Nguyễn, and would be found by counting.
type token struct {
	kind string
	mark []byte
}

// tokenLength is how many bytes of the mark of each kind are kept.
var tokenLength = map[string]int{"id": 8, "phone": 8, "name": 2}

// marksOf are the values of a person that are marked, with their kinds.
func marksOf(p survivor.Person) (kinds []string, marks []gate.Mark) {
	for _, x := range []struct{ kind, value string }{{"id", idNumber(p.IDNumber)}, {"phone", e164(p.Phone)}, {"name", foldedName(p.Name)}} {
		if x.value != "" {
			kinds, marks = append(kinds, x.kind), append(marks, gate.Mark{Index: "token_" + x.kind, Value: []byte(x.value)})
		}
	}
	return kinds, marks
}

// tokensFrom makes tokens of the first marks, one of each kind.
func tokensFrom(kinds []string, macs [][]byte) []token {
	out := make([]token, len(kinds))
	for i, k := range kinds {
		out[i] = token{k, macs[i][:tokenLength[k]]}
	}
	return out
}

// idNumber is the number of an identity card in digits: CCCD of twelve, the old CMND of nine.
func idNumber(text string) string { return digitsOf(text) }

// e164 is a telephone number as the world writes it, without the plus: 0900… and +84 900… are one.
func e164(text string) string {
	n := digitsOf(text)
	switch {
	case len(n) < 8: // a hotline or an extension is nobody's number
		return ""
	case strings.HasPrefix(n, "00"):
		return n[2:]
	case strings.HasPrefix(n, "0"):
		return "84" + n[1:]
	}
	return n
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// foldedName is a whole name of two syllables or more, without marks and case.
func foldedName(name string) string {
	words := strings.FieldsFunc(codelist.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}

func tokenPlace(id, caseID uuid.UUID) seal.Place {
	return seal.Place{Table: "case_tokens", Column: "sealed", Row: id, Owner: caseID, Compartment: seal.Identity}
}

// caseMarks are all the values of a case that are marked: the case itself, for its fact, the survivor's, and the names of perpetrators.
type caseMarks struct {
	asked        []gate.Mark
	kinds        []string // of the survivor's
	linked       bool     // the last one ties the files of a person in the statistics
	perpetrators []Perpetrator
	named        [][]string // kinds of each perpetrator's
}

func marksOfCase(id uuid.UUID, p survivor.Person, perpetrators []Perpetrator) caseMarks {
	kinds, marks := marksOf(p)
	m := caseMarks{asked: append([]gate.Mark{{Index: "fact", Value: id[:]}}, marks...), kinds: kinds, perpetrators: perpetrators}
	for _, x := range perpetrators {
		kinds, marks := marksOf(survivor.Person{Name: x.Name})
		m.asked, m.named = append(m.asked, marks...), append(m.named, kinds)
	}
	if link, ok := personMark(p); ok {
		m.asked, m.linked = append(m.asked, link), true
	}
	return m
}

// personMark is what ties the files of one person in the statistics, under an index that serves nothing else: her whole name with her day of birth, else the number of her
// card. A name with a year alone fits too many: then her files cannot be tied, and the release says so.
func personMark(p survivor.Person) (gate.Mark, bool) {
	value := ""
	if name := foldedName(p.Name); name != "" && len(p.BirthDate) == len(time.DateOnly) {
		value = name + "|" + p.BirthDate
	} else if value = idNumber(p.IDNumber); len(value) < 9 {
		return gate.Mark{}, false
	}
	return gate.Mark{Index: "person_year", Value: []byte(value)}, true
}

// linkLength is how many bytes of the mark of a person are kept for the statistics: enough that two people of a nation never share one by chance.
const linkLength = 16

// putLink queues the tie of a fact, or takes it away when nothing ties it any more.
func putLink(tx *gate.Tx, ref, mark []byte) {
	var link any
	if mark != nil {
		link = mark[:linkLength]
	}
	tx.Later(`select stats.put_link($1, $2)`, ref, link)
}

// caseTokens are what the ring made of them.
type caseTokens struct {
	fact, link   []byte
	survivor     []token
	perpetrators []namedToken
}

type namedToken struct {
	name string
	token
}

func (m caseMarks) take(macs [][]byte) caseTokens {
	t := caseTokens{fact: macs[0], survivor: tokensFrom(m.kinds, macs[1:])}
	if m.linked {
		t.link = macs[len(macs)-1]
	}
	macs = macs[1+len(m.kinds):]
	for i, kinds := range m.named {
		for _, x := range tokensFrom(kinds, macs) {
			t.perpetrators = append(t.perpetrators, namedToken{m.perpetrators[i].Name, x})
		}
		macs = macs[len(kinds):]
	}
	return t
}

// insertTokens queues the tokens of one case, as one statement whatever their number, so that it is prepared once.
func insertTokens(tx *gate.Tx, keys *seal.Keys, caseID uuid.UUID, t caseTokens) error {
	if len(t.survivor)+len(t.perpetrators) == 0 {
		return nil
	}
	var ids []uuid.UUID
	var who, kinds []string
	var marks, sealed [][]byte
	add := func(of string, id uuid.UUID, x token, name []byte) {
		ids, who, kinds, marks, sealed = append(ids, id), append(who, of), append(kinds, x.kind), append(marks, x.mark), append(sealed, name)
	}
	for _, x := range t.survivor {
		add("survivor", uuid.Must(uuid.NewV7()), x, nil)
	}
	for _, x := range t.perpetrators {
		id := uuid.Must(uuid.NewV7())
		name, err := survivor.SealJSON(keys, tokenPlace(id, caseID), struct {
			Name string `json:"name"`
		}{x.name})
		if err != nil {
			return err
		}
		add("perpetrator", id, x.token, name)
	}
	tx.Later(`insert into case_tokens (id, case_id, who, kind, token, sealed)
		select v.id, $1, v.who, v.kind, v.token, v.sealed from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]) as v(id, who, kind, token, sealed)`,
		caseID, ids, who, kinds, marks, sealed)
	return nil
}

func perpetratorsOf(list []Incident) (out []Perpetrator) {
	for _, i := range list {
		for _, p := range i.Perpetrators {
			if p.Name != "" {
				out = append(out, p)
			}
		}
	}
	return out
}

// Index makes the tokens of up to limit of the caller's own cases that have none, the oldest first, after the case named by after; it returns the last case looked at (nil
// at the end) and how many got tokens. For cases recorded before there were tokens.
func (s *Service) Index(ctx context.Context, who access.Actor, after uuid.UUID, limit int) (last uuid.UUID, made int, err error) {
	type done struct {
		last uuid.UUID
		made int
	}
	d, err := gate.Do(ctx, s.gate, who, access.IndexCase, access.Nothing, func(tx *gate.Tx) (done, error) {
		var ids []uuid.UUID
		err := tx.Select(&ids, `select m.case_id from my_cases m
			 where m.case_id > $1 and not exists (select 1 from case_tokens t where t.case_id = m.case_id)
			 order by m.case_id limit $2`, after, limit)
		if err != nil || len(ids) == 0 {
			return done{}, err
		}
		d := done{last: ids[len(ids)-1]}
		for _, id := range ids {
			keys, err := survivor.OpenKeys(tx, id, seal.Identity)
			if err != nil {
				return done{}, err
			}
			var sealed []byte
			if err := tx.Get(&sealed, `select identity from survivors where case_id = $1`, id); err != nil {
				return done{}, err
			}
			p, err := survivor.Sealed{Identity: sealed}.OpenIdentity(keys, id)
			if err != nil {
				return done{}, err
			}
			var names []Perpetrator
			var rows []struct {
				ID       uuid.UUID `db:"id"`
				Identity []byte    `db:"identity"`
			}
			if err := tx.Select(&rows, `select id, identity from incidents where case_id = $1`, id); err != nil {
				return done{}, err
			}
			for _, r := range rows {
				var list []string
				if err := survivor.OpenJSON(keys, incidentPlace("identity", r.ID, id, seal.Identity), r.Identity, &list); err != nil {
					return done{}, err
				}
				for _, n := range list {
					names = append(names, Perpetrator{Name: n})
				}
			}
			marks := marksOfCase(id, p, perpetratorsOf([]Incident{{Perpetrators: names}}))
			if len(marks.asked) > 1 {
				macs, err := tx.MACs(marks.asked)
				if err != nil {
					return done{}, err
				}
				if err := insertTokens(tx, keys, id, marks.take(macs)); err != nil {
					return done{}, err
				}
				tx.Touch(id)
				d.made++
			}
			keys.Close()
		}
		return d, nil
	})
	return d.last, d.made, err
}
