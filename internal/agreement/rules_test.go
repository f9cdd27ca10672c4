package agreement_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/access"
)

// row is one row of a table that belongs to a case.
type row struct {
	Key       string        `db:"k"`
	Case      uuid.UUID     `db:"case_id"`
	Referral  uuid.NullUUID `db:"referral_id"`
	Holder    uuid.NullUUID `db:"holder"`
	Forwarded uuid.NullUUID `db:"forwarded_from"`
	By        uuid.NullUUID `db:"by_user"`
	Open      bool          `db:"open"`  // of an emergency: not yet given words by her
	Judge     uuid.NullUUID `db:"judge"` // of an emergency: who reviewed it and has not yet said why
	ByOrg     uuid.NullUUID `db:"by_org"`
}

// rule says of one table which rows exist for whom, and who may write them. Nil: nobody may.
type rule struct {
	key, referral, holder, forwarded, by, byOrg string // columns
	sees                                        func(*facts, session, access.StandingSet, row) bool
	inserts                                     func(*facts, session, access.StandingSet, row) bool
	updates                                     func(*facts, session, access.StandingSet, row) bool
	deletes                                     func(*facts, session, access.StandingSet, row) bool
	set                                         string // a column that the app role may update
	closed                                      bool   // the app role has no right on it at all
}

func ofCase(f *facts, s session, set access.StandingSet, r row) bool {
	return f.onCase(s, r.Case)&set != 0
}

func ofReferral(f *facts, s session, set access.StandingSet, r row) bool {
	return (f.onCase(s, r.Case)|f.onReferral(s, r.Referral.UUID))&set != 0
}

// lent rows open to a receiver while what was shared is lent.
func lent(f *facts, s session, set access.StandingSet, r row) bool {
	return ofCase(f, s, set, r) || f.onReferral(s, r.Referral.UUID)&set&access.StandingsOf(access.Referred) != 0 && f.shared(f.referral(r.Referral.UUID))
}

// hers are rows that belong to one person, whatever she holds.
func hers(_ *facts, s session, _ access.StandingSet, r row) bool { return r.Holder.UUID == s.User }

// told rows are hers unless they speak of a case that she must not see.
func told(f *facts, s session, _ access.StandingSet, r row) bool {
	return r.Holder.UUID == s.User && (r.Case == uuid.Nil || !f.walled(s.User, r.Case))
}

func never(*facts, session, access.StandingSet, row) bool { return false }

func holds(f *facts, s session, set access.StandingSet, r row) bool {
	return f.onCase(s, r.Case)&set&access.StandingsOf(access.Assigned) != 0
}

func movers() (set access.StandingSet) {
	return access.StandingsOf(access.Assigned) | access.StandingsOf(access.Addressee) | access.StandingsOf(access.Referred)
}

func moves(f *facts, s session, set access.StandingSet, r row) bool {
	return ofReferral(f, s, set&movers(), r)
}

// rules names every table that has rows of cases behind row-level security. A new table must say here who sees it.
var rules = map[string]rule{
	"cases": {key: "id", sees: ofCase, updates: holds, set: "status", by: "owner", byOrg: "organisation_id",
		inserts: func(f *facts, s session, _ access.StandingSet, r row) bool {
			return r.By.UUID == s.User && r.ByOrg.UUID == s.Org
		}},
	"case_keys": {key: "case_id", sees: ofCase, inserts: holds},
	"survivors": {key: "case_id", sees: ofCase, inserts: holds, updates: holds, set: "identity"},
	"incidents": {key: "id", sees: ofCase, inserts: holds, updates: holds, set: "precision"},
	"consents":  {key: "id", sees: ofCase, inserts: holds, updates: holds, set: "withdrawn_at"},
	"evidence": {key: "id", sees: ofCase, by: "added_by",
		inserts: func(f *facts, s session, set access.StandingSet, r row) bool {
			return r.By.UUID == s.User && holds(f, s, set, r)
		}},
	"referrals": {key: "id", referral: "id", forwarded: "forwarded_from", sees: ofReferral, updates: moves, set: "status",
		inserts: func(f *facts, s session, set access.StandingSet, r row) bool {
			return ofCase(f, s, set&movers(), r) || r.Forwarded.Valid && f.onReferral(s, r.Forwarded.UUID)&set&movers() != 0
		}},
	"referral_keys":      {key: "referral_id", referral: "referral_id", sees: lent, inserts: holds},
	"referral_snapshots": {key: "referral_id", referral: "referral_id", sees: lent, inserts: holds},
	"referral_talk_keys": {key: "referral_id", referral: "referral_id", sees: ofReferral, inserts: holds},
	"referral_moves": {key: "id", referral: "referral_id", by: "by_user", byOrg: "by_org", sees: ofReferral,
		inserts: func(f *facts, s session, set access.StandingSet, r row) bool {
			return r.By.UUID == s.User && r.ByOrg.UUID == s.Org && moves(f, s, set, r)
		}},
	"case_standings": {key: "id", referral: "referral_id", holder: "holder",
		sees: func(f *facts, s session, _ access.StandingSet, r row) bool {
			return (r.Holder.UUID == s.User || r.Holder.UUID == s.Org) && !f.walled(s.User, r.Case)
		}},
	"my_cases": {key: "case_id",
		sees: func(f *facts, s session, set access.StandingSet, r row) bool { return f.byName(s, r.Case)&set != 0 }},
	"case_walls": {key: "id", sees: func(f *facts, s session, set access.StandingSet, r row) bool {
		return ofCase(f, s, set&(access.StandingsOf(access.Assigned)|access.StandingsOf(access.Supervising)), r)
	}},
	"case_closures": {key: "id", by: "by_user", sees: ofCase,
		inserts: func(f *facts, s session, set access.StandingSet, r row) bool {
			return r.By.UUID == s.User && holds(f, s, set, r)
		}},
	"case_history": {key: "id", by: "by_user", sees: ofCase,
		inserts: func(f *facts, s session, set access.StandingSet, r row) bool {
			return r.By.UUID == s.User && holds(f, s, set, r)
		}},
	"case_seals":    {key: "id", sees: never, closed: true},
	"case_tokens":   {key: "id", sees: holds, inserts: holds, deletes: holds},
	"case_openings": {key: "id", holder: "user_id", set: "why", sees: hers, updates: hers},
	"notices":       {key: "id", holder: "recipient", set: "seen_at", sees: told, updates: told},
	"break_glass": {key: "id", holder: "user_id", set: "reason",
		sees: func(f *facts, s session, set access.StandingSet, r row) bool {
			return hers(f, s, set, r) || ofCase(f, s, set&(access.StandingsOf(access.Assigned)|access.StandingsOf(access.Supervising)), r)
		},
		updates: func(f *facts, s session, set access.StandingSet, r row) bool {
			return r.Open && hers(f, s, set, r) || r.Judge.Valid && r.Judge.UUID == s.User
		}},
	// No table of cases, but the one that asks for the session's owner and nothing else.
	"idempotency": {key: "user_id", holder: "user_id", by: "user_id",
		sees:    func(_ *facts, s session, _ access.StandingSet, r row) bool { return r.Holder.UUID == s.User },
		inserts: func(_ *facts, s session, _ access.StandingSet, r row) bool { return r.By.UUID == s.User }},
}

func column(name string) string {
	if name == "" {
		return "null::uuid"
	}
	return name
}

// rows are all rows of a world, by table, as nobody but this test may read them.
func (g *ground) rows(t testing.TB, w *world) map[string][]row {
	t.Helper()
	all := map[string][]row{}
	for table, r := range rules {
		from, of, caseOf := table, "case_id", "case_id"
		switch table {
		case "cases":
			of, caseOf = "id", "id"
		case "my_cases": // one row a case, if any
			from, of, caseOf = "cases", "id", "id"
			r.key = "id"
		}
		all[table] = []row{}
		ids, open, judge := texts(w.cases), "false", "null::uuid"
		if table == "break_glass" {
			open, judge = "reason is null", "case when review is null then reviewed_by end"
		}
		if table == "idempotency" || table == "notices" {
			of = map[string]string{"idempotency": "user_id", "notices": "recipient"}[table]
			people := make([]uuid.UUID, len(w.people))
			for i, p := range w.people {
				people[i] = p.id
			}
			ids = texts(people)
			if table == "idempotency" {
				caseOf = "null::uuid"
			}
		}
		var found []row
		if err := g.god.Select(&found, fmt.Sprintf(`select %s::text as k, %s as case_id, %s as referral_id, %s as holder, %s as forwarded_from, %s as by_user, %s as by_org, %s as open, %s as judge from %s where %s = any ($1::uuid[])`,
			r.key, caseOf, column(r.referral), column(r.holder), column(r.forwarded), column(r.by), column(r.byOrg), open, judge, from, of), ids); err != nil {
			t.Fatal(table, err)
		}
		all[table] = append(all[table], found...)
	}
	return all
}

func TestEveryTableOfCasesSaysWhoSeesIt(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	var tables []string
	if err := g.god.Select(&tables, `select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p') and c.relname <> 'case_seal_names' and (a.attname = 'case_id' or c.relname = 'cases') and not a.attisdropped order by 1`); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if _, ok := rules[table]; !ok {
			t.Errorf("rules_test.go does not say who sees %s", table)
		}
	}
	var open []string
	if err := g.god.Select(&open, `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
		and (a.attname = 'case_id' or c.relname = 'cases') and not a.attisdropped and not (c.relrowsecurity and c.relforcerowsecurity) group by 1`); err != nil {
		t.Fatal(err)
	}
	if len(open) > 0 {
		t.Errorf("no row-level security on %v", open)
	}
}
