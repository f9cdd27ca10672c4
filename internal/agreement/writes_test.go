package agreement_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"binhan/internal/access"
)

// attempt is one write that somebody tries, and whether the model lets her.
type attempt struct {
	table, statement string
	argument         string
	row              row
	may              func(*facts, session, access.StandingSet, row) bool
	sees             bool // an update finds only what its writer sees
	counts           func(*facts, session, access.StandingSet) int
}

// attempts are every insert and update that row-level security could let through, on every row of a world; where a table asks whose a row is, the
// row is tried as it is, as the writer's own, and as her own under another's name or office.
func (g *ground) attempts(t testing.TB, rows map[string][]row) (all []attempt) {
	t.Helper()
	for table, r := range rules {
		if r.inserts == nil && r.updates == nil && r.deletes == nil {
			continue
		}
		if r.deletes != nil { // without a condition: a delete that reads no column is asked by its own policy alone
			all = append(all, attempt{table: table, statement: `delete from ` + table, counts: func(f *facts, s session, set access.StandingSet) (n int) {
				for _, x := range rows[table] {
					if r.deletes(f, s, set, x) {
						n++
					}
				}
				return n
			}})
		}
		for _, x := range rows[table] {
			var raw []byte
			if err := g.god.Get(&raw, fmt.Sprintf(`select to_json(x) from %s x where %s::text = $1`, table, r.key), x.Key); err != nil {
				t.Fatal(table, err)
			}
			if r.inserts != nil {
				all = append(all, attempt{table: table, statement: fmt.Sprintf(`insert into %s select * from json_populate_record(null::%s, $1::json)`, table, table),
					argument: string(raw), row: x, may: r.inserts})
			}
			if r.updates != nil {
				all = append(all, attempt{table: table, statement: fmt.Sprintf(`update %s set %s = %s where %s::text = $1`, table, r.set, r.set, r.key),
					argument: x.Key, row: x, may: r.updates, sees: true})
			}
		}
	}
	return all
}

// as are an attempt's variants for one writer.
func (a attempt) as(s session) []attempt {
	r := rules[a.table]
	if a.sees || r.by == "" || a.argument == "" {
		return []attempt{a}
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(a.argument), &m); err != nil {
		panic(err)
	}
	variant := func(by, org uuid.UUID) attempt {
		v := a
		m[r.by], v.row.By.UUID = by, by
		if r.byOrg != "" {
			m[r.byOrg], v.row.ByOrg.UUID = org, org
		}
		raw, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		v.argument = string(raw)
		return v
	}
	out := []attempt{a, variant(s.User, s.Org)}
	if r.byOrg != "" {
		out = append(out, variant(s.User, uuid.New()), variant(uuid.New(), s.Org))
	}
	return out
}

// compareWrites tries every attempt for everybody in the world, takes each back, and holds the outcome to the model.
func (g *ground) compareWrites(t testing.TB, f *facts, all []attempt, tables ...string) error {
	t.Helper()
	for _, s := range f.sessions {
		var mine []attempt
		for _, a := range all {
			if len(tables) == 0 || slices.Contains(tables, a.table) {
				mine = append(mine, a.as(s)...)
			}
		}
		statements, arguments := make([]string, len(mine)), make([]string, len(mine))
		for i, a := range mine {
			statements[i], arguments[i] = a.statement, a.argument
		}
		var all pq.StringArray
		if err := g.app.Get(&all, `select agreement_try($1, $2, $3, $4)`, string(s.Handle), pq.Array(listed(writing())), pq.Array(statements), pq.Array(arguments)); err != nil {
			return err
		}
		for j, set := range writing() {
			said := all[j*len(mine) : (j+1)*len(mine)]
			for i, a := range mine {
				if a.counts != nil {
					want := 0
					if f.awake(s) {
						want = a.counts(f, s, set)
					}
					if said[i] != strconv.Itoa(want) {
						return fmt.Errorf("%s by %s [%s], %s: %s, the model %d", s.Role, s.User, names(set), a.statement, said[i], want)
					}
					continue
				}
				got, err := passed(said[i])
				if err != nil {
					return fmt.Errorf("%s: %w", a.statement, err)
				}
				want := f.awake(s) && a.may(f, s, set, a.row) && (!a.sees || rules[a.table].sees(f, s, set, a.row))
				if got != want {
					return fmt.Errorf("%s by %s [%s], %s of case %s (of %s for %s): %v, the model %v: %s", s.Role, s.User, names(set), a.statement, a.row.Case, a.row.By.UUID, a.row.ByOrg.UUID, got, want, said[i])
				}
			}
		}
	}
	return nil
}

// writing are the sets of standings that matter to writers, and the widest that somebody could set for herself.
func writing() []access.StandingSet {
	all := []access.StandingSet{access.StandingsOf(access.Assigned), access.StandingsOf(access.Supervising), movers()}
	var widest access.StandingSet
	for _, s := range access.Standings {
		widest |= access.StandingsOf(s)
	}
	return append(all, 0, widest)
}

// passed tells whether row-level security let a write through: a row was touched, or something later than the policy complained (a key that is there
// already, a trigger).
func passed(said string) (bool, error) {
	if n, err := strconv.Atoi(said); err == nil {
		return n > 0, nil
	}
	code, message, _ := strings.Cut(said, " ")
	switch {
	case code == "42501" && strings.Contains(message, "row-level security"):
		return false, nil
	case slices.Contains([]string{"23505", "23503", "23514", "BA500", "BA423", "BA424"}, code):
		return true, nil
	}
	return false, fmt.Errorf("%s", said)
}
