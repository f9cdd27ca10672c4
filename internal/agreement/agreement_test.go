package agreement_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lib/pq"
	"pgregory.net/rapid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	refer "binhan/internal/referral"
	"binhan/policies"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// Fifty worlds for each change; BINHAN_WORLDS=1000 by night.
func TestMain(m *testing.M) {
	flag.Parse()
	worlds := os.Getenv("BINHAN_WORLDS")
	if worlds == "" {
		worlds = "50"
	}
	_ = flag.Set("rapid.checks", worlds)
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}

// expected are the rows that exist for a session whose act is satisfied by some standings, by table. The key of a row is its primary key.
func (f *facts) expected(rows map[string][]row, s session, sufficient access.StandingSet) map[string][]string {
	seen := map[string][]string{}
	for table, all := range rows {
		rule, ok := rules[table]
		if !ok {
			panic("say in rules_test.go who sees " + table)
		}
		for _, r := range all {
			if f.awake(s) && rule.sees(f, s, sufficient, r) {
				seen[table] = append(seen[table], r.Key)
			}
		}
		slices.Sort(seen[table])
	}
	return seen
}

// visible are the rows of some tables that row-level security lets a session see, for each of some sets of standings.
func (g *ground) visible(s session, sufficient []access.StandingSet, tables ...string) ([]map[string][]string, error) {
	var keys []string
	for _, table := range tables {
		keys = append(keys, rules[table].key)
	}
	var found []struct {
		N     int    `db:"n"`
		Table string `db:"t"`
		Key   string `db:"k"`
	}
	if err := g.app.Select(&found, `select n, t, k from agreement_look($1, $2, $3, $4)`, string(s.Handle), pq.Array(listed(sufficient)), pq.Array(tables), pq.Array(keys)); err != nil {
		return nil, err
	}
	seen := make([]map[string][]string, len(sufficient))
	for i := range seen {
		seen[i] = map[string][]string{}
	}
	for _, x := range found {
		seen[x.N][x.Table] = append(seen[x.N][x.Table], x.Key)
	}
	for _, of := range seen {
		for _, keys := range of {
			slices.Sort(keys)
		}
	}
	return seen, nil
}

func listed(sets []access.StandingSet) (out []string) {
	for _, set := range sets {
		out = append(out, names(set))
	}
	return out
}

func names(set access.StandingSet) string {
	var out []string
	for _, s := range set.List() {
		out = append(out, string(s))
	}
	return strings.Join(out, ",")
}

// sets are the different sets of standings that some act of a role is satisfied by.
func sets(p *access.Policy, r access.Role) []access.StandingSet {
	all := map[access.StandingSet]bool{0: true}
	for _, a := range access.Acts {
		if a.Pool == access.Casework {
			all[p.Any(r, a.Name)|access.StandingsOf(a.Makes)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// compareRows holds row-level security to the model for everybody in the world; the first difference is the answer.
func (g *ground) compareRows(p *access.Policy, f *facts, rows map[string][]row, tables ...string) error {
	of := func(r access.Role) []access.StandingSet { return sets(p, r) }
	if len(tables) > 0 {
		of = func(access.Role) []access.StandingSet { return writing() }
	}
	if len(tables) == 0 {
		for table, r := range rules {
			if !r.closed {
				tables = append(tables, table)
			}
		}
	}
	for _, s := range f.sessions {
		all, err := g.visible(s, of(s.Role), tables...)
		if err != nil {
			return err
		}
		for i, set := range of(s.Role) {
			want, got := f.expected(rows, s, set), all[i]
			for _, table := range tables {
				// Organisations belong to all worlds, their people to one: rows of other worlds are not this one's business.
				got[table] = slices.DeleteFunc(got[table], func(k string) bool { return !slices.ContainsFunc(rows[table], func(r row) bool { return r.Key == k }) })
				if d := cmp.Diff(orNone(want[table]), orNone(got[table])); d != "" {
					return fmt.Errorf("%s by %s [%s] sees of %s (-model +rows):\n%s", s.Role, s.User, names(set), table, d)
				}
			}
		}
	}
	return nil
}

func orNone(xs []string) []string { return append([]string{}, xs...) }

// compareHeld holds gate.enter to the model for everybody and everything.
func (g *ground) compareHeld(f *facts) error {
	var subjects []access.Subject
	for _, c := range f.cases {
		subjects = append(subjects, access.On("case", c))
	}
	for _, r := range f.referrals {
		subjects = append(subjects, access.On("referral", r.ID))
	}
	kinds, ids := make([]string, len(subjects)), make([]uuid.UUID, len(subjects))
	for i, x := range subjects {
		kinds[i], ids[i] = x.Kind, x.ID
	}
	for _, s := range f.sessions {
		var said pq.StringArray
		if err := g.app.Get(&said, `select agreement_enter($1, $2, $3::uuid[])`, string(s.Handle), pq.Array(kinds), texts(ids)); err != nil {
			return err
		}
		for i, x := range subjects {
			want := fmt.Sprintf("%v|%v|%s", s.Frozen != nil, f.untold(s, f.caseOf(x)), names(f.held(s, x)))
			if !f.acts(s) {
				want = "BA401 no such session"
			}
			if got := ordered(said[i]); got != want {
				return fmt.Errorf("%s by %s on %s %s: gate.enter says %s, the model %s", s.Role, s.User, x.Kind, x.ID, got, want)
			}
		}
	}
	return nil
}

// ordered puts the standings of an answer of the door into the order of the house.
func ordered(said string) string {
	parts := strings.Split(said, "|")
	if len(parts) != 3 {
		return said
	}
	var set access.StandingSet
	for _, x := range access.Standings {
		if slices.Contains(strings.Split(parts[2], ","), string(x)) {
			set |= access.StandingsOf(x)
		}
	}
	if parts[2] != "" && len(strings.Split(parts[2], ",")) != len(set.List()) {
		return said
	}
	for i, v := range parts[:2] {
		parts[i] = map[string]string{"t": "true", "f": "false", "true": "true", "false": "false"}[v]
	}
	return parts[0] + "|" + parts[1] + "|" + names(set)
}

// held are the standings of a session on a subject.
func (f *facts) held(s session, sub access.Subject) access.StandingSet {
	if sub.Kind == "case" {
		return f.onCase(s, sub.ID)
	}
	r := f.referral(sub.ID)
	return f.onCase(s, r.Case) | f.onReferral(s, r.ID)
}

// caseOf is the case that a subject belongs to.
func (f *facts) caseOf(sub access.Subject) uuid.UUID {
	if sub.Kind == "case" {
		return sub.ID
	}
	return f.referral(sub.ID).Case
}

// casbin asks the referee itself.
func casbin(t testing.TB, p *access.Policy, r access.Role, act string, c access.Class, s access.Standing) bool {
	t.Helper()
	key := strings.Join([]string{string(r), act, string(c), string(s)}, "|")
	if v, ok := once.Load(key); ok {
		return v.(bool)
	}
	may, err := p.Referee(r, act, c, s)
	if err != nil {
		t.Fatal(err)
	}
	once.Store(key, may)
	return may
}

// classes are what the matrix opens, by Casbin; the compiled table must say the same.
func classes(t testing.TB, p *access.Policy, r access.Role, act access.Act, held access.StandingSet) (access.ClassSet, error) {
	t.Helper()
	var set access.ClassSet
	for _, c := range access.Classes {
		for _, s := range held.List() {
			if casbin(t, p, r, act.Name, c, s) {
				set |= access.SetOf(c)
			}
		}
	}
	if table := p.Opens(r, act.Name, held); table != set {
		return set, fmt.Errorf("%s %s [%s]: table %v, Casbin %v", r, act, names(held), table.List(), set.List())
	}
	return set, nil
}

var errProbe = errors.New("looked")

// strides: a step asks about every fifth act, from a random one on.
const strides = 5

// compareDecisions asks the door itself: every act on every subject by a random person, and what it would open.
func (g *ground) compareDecisions(t testing.TB, p *access.Policy, f *facts, s session, sub access.Subject, nth int) error {
	who := access.Actor{User: s.User, Role: s.Role, Organisation: s.Org, Handle: s.Handle}
	for i, act := range access.Acts {
		if act.On != sub.Kind || i%strides != nth {
			continue
		}
		want, err := classes(t, p, s.Role, act, f.held(s, sub))
		if err != nil {
			return err
		}
		// Who was given a case says why she opens it before more than its record is opened to her, or she changes it.
		told := want
		if f.untold(s, f.caseOf(sub)) && act.Name != access.RevealCase.Name {
			want &^= access.SetOf(access.Identity, access.Safety, access.Narrative, access.Evidence, access.Disclosure)
		}
		var got access.ClassSet
		_, err = gate.Do(t.Context(), g.Gate, who, act, sub, func(tx *gate.Tx) (int, error) { got = tx.Classes; return 0, errProbe })
		var may bool
		switch {
		case errors.Is(err, errProbe):
			may = true
		case errors.Is(err, fault.NotFound), errors.Is(err, fault.Unauthenticated), errors.Is(err, fault.Refused):
		case errors.Is(err, fault.Conflict) && told != 0 && f.untold(s, f.caseOf(sub)) && (act.Writes || want == 0):
			continue
		default:
			return fmt.Errorf("%s %s: %w", s.Role, act, err)
		}
		should := f.acts(s) && s.Frozen == nil && want != 0
		if may != should || may && got != want {
			return fmt.Errorf("%s by %s, %s on %s %s: the door says %v %v, the model %v %v", s.Role, s.User, act, sub.Kind, sub.ID, may, got.List(), should, want.List())
		}
	}
	return nil
}

// compareSurface asks over HTTP: the list of cases, each case, each referral.
func (g *ground) compareSurface(t testing.TB, p *access.Policy, f *facts, s session) error {
	c := g.With(t, s.Token)
	works := f.awake(s)
	list := c.Get("/api/v1/cases?limit=100")
	var listed, should []string
	if works && p.Any(s.Role, access.ListCases.Name) != 0 {
		for _, id := range f.cases {
			if f.byName(s, id)&p.Any(s.Role, access.ListCases.Name) != 0 {
				should = append(should, id.String())
			}
		}
		if list.Status != http.StatusOK {
			return fmt.Errorf("%s by %s: list of cases %d", s.Role, s.User, list.Status)
		}
		for i := range list.Len("items") {
			listed = append(listed, list.Text(fmt.Sprintf("items.%d.id", i)))
		}
		slices.Sort(listed)
		slices.Sort(should)
		if d := cmp.Diff(should, listed); d != "" {
			return fmt.Errorf("%s by %s: list of cases (-model +list):\n%s", s.Role, s.User, d)
		}
	} else if list.Status < 400 {
		return fmt.Errorf("%s by %s: list of cases %d", s.Role, s.User, list.Status)
	}
	for _, id := range f.cases {
		want, err := classes(t, p, s.Role, access.ReadCase, f.onCase(s, id))
		if err != nil {
			return err
		}
		if f.untold(s, id) {
			want &^= access.SetOf(access.Identity, access.Safety, access.Narrative, access.Evidence)
		}
		a := c.Get("/api/v1/cases/" + id.String())
		if (a.Status == http.StatusOK) != (works && want != 0) || a.Status != http.StatusOK && a.Status != http.StatusNotFound && a.Status != http.StatusUnauthorized {
			return fmt.Errorf("%s by %s: case %s: %d, the model opens %v, works %v\n%.3000s", s.Role, s.User, id, a.Status, want.List(), works, func() string { l := g.Log.String(); return l[max(0, len(l)-1500):] }())
		}
		if a.Status != http.StatusOK {
			continue
		}
		var body struct {
			Withheld  []access.Class `json:"withheld"`
			Survivor  *struct{ Name, Address string }
			Narrative string
		}
		if err := json.Unmarshal(a.Body, &body); err != nil {
			return err
		}
		name, address := body.Survivor != nil && body.Survivor.Name != "", body.Survivor != nil && body.Survivor.Address != ""
		for _, x := range []struct {
			class access.Class
			shown bool
		}{{access.Identity, name}, {access.Safety, address}, {access.Narrative, body.Narrative != ""}} {
			if x.shown != want.Has(x.class) || slices.Contains(body.Withheld, x.class) == want.Has(x.class) {
				return fmt.Errorf("%s by %s: case %s: %s shown %v, withheld %v, the model opens %v", s.Role, s.User, id, x.class, x.shown, body.Withheld, want.List())
			}
		}
	}
	for _, r := range f.referrals {
		held := f.held(s, access.On("referral", r.ID))
		want, err := classes(t, p, s.Role, access.ReadReferral, held)
		if err != nil {
			return err
		}
		a := c.Get("/api/v1/referrals/" + r.ID.String())
		if (a.Status == http.StatusOK) != (works && want != 0) || a.Status != http.StatusOK && a.Status != http.StatusNotFound && a.Status != http.StatusUnauthorized {
			return fmt.Errorf("%s by %s: referral %s: %d, the model opens %v, works %v", s.Role, s.User, r.ID, a.Status, want.List(), works)
		}
		if a.Status != http.StatusOK {
			continue
		}
		status := refer.Status(a.Text("status"))
		set := p.Any(s.Role, access.ReadReferral.Name) // a standing that her role cannot use makes her nobody's sender
		sender := (held & set).Has(access.Assigned) || (held & set).Has(access.Supervising)
		lent := f.onCase(s, r.Case)&set != 0 || f.onReferral(s, r.ID)&set&access.StandingsOf(access.Referred) != 0 && f.shared(r)
		opens := want.Has(access.Disclosure) && !f.untold(s, r.Case) && lent && status != refer.ConsentWithdrawn && (sender || status.Open())
		if shown := a.At("disclosed") != nil; shown != opens {
			return fmt.Errorf("%s by %s: referral %s (%s): disclosed %v, the model %v (opens %v, lent %v, sender %v)", s.Role, s.User, r.ID, status, shown, opens, want.List(), lent, sender)
		}
	}
	return nil
}

func compiled(t testing.TB) *access.Policy {
	t.Helper()
	p, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSixWaysOfSayingWhoMaySeeWhatSayTheSame(t *testing.T) {
	t.Parallel()
	g, p := newGround(t), compiled(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := g.build(t, rt)
		var told []string
		for i := range rapid.IntRange(2, 8).Draw(rt, "steps") {
			if i > 0 {
				told = append(told, g.step(rt, w))
			}
			f := w.read(t, g.god)
			s := f.sessions[rapid.IntRange(0, len(f.sessions)-1).Draw(rt, "by")]
			errs := []error{g.compareRows(p, f, g.rows(t, w)), g.compareHeld(f), g.compareSurface(t, p, f, s),
				g.compareDecisions(t, p, f, s, access.On("case", f.cases[rapid.IntRange(0, len(f.cases)-1).Draw(rt, "of case")]), rapid.IntRange(0, strides-1).Draw(rt, "acts")),
				g.compareDecisions(t, p, f, s, access.On("referral", w.referrals[rapid.IntRange(0, len(w.referrals)-1).Draw(rt, "of referral")]), rapid.IntRange(0, strides-1).Draw(rt, "acts"))}
			if err := errors.Join(errs...); err != nil {
				rt.Fatalf("after %v: %v", told, err)
			}
		}
	})
}
