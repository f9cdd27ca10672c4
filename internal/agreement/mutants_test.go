package agreement_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	worldcast "binhan/internal/world"
	"binhan/policies"
)

// rich is one world in which every condition of every policy decides about somebody: sessions alive and dead in each way, standings of each kind, ended and
// not, walls that stand and that fell, consents that lend and that no longer do.
func (g *ground) rich(t testing.TB) *world {
	t.Helper()
	w := &world{}
	tx := g.god.MustBegin()
	staff := func(role access.Role, org string) person {
		p := hire(tx, role, worldcast.OrgID(org))
		w.people = append(w.people, p)
		return p
	}
	holder := staff(access.Counsellor, "ctxh-kontum")
	second := staff(access.CaseManager, "ctxh-kontum")
	boss := staff(access.Supervisor, "ctxh-kontum")
	police := staff(access.PoliceFocal, "congan-boy")
	kin := staff(access.PoliceFocal, "congan-boy")
	other := staff(access.PoliceFocal, "congan-dakha")
	nurse := staff(access.HealthFocal, "benhvien-kontum")
	staff(access.Counsellor, "ctxh-kontum") // a colleague without a standing
	staff(access.SysAdmin, "noivu")
	dead := map[string]string{
		"enrolling": `strength = 'enrolling'`, "ended": `ended_at = now()`, "locked": `locked_at = now()`, "idle": `seen_at = now() - interval '20 minutes'`, "over": `expires_at = now() - interval '1 second'`,
	}
	asleep := map[string]person{}
	for name := range dead {
		asleep[name] = staff(access.Counsellor, "ctxh-kontum")
	}
	closed, gone, resting := staff(access.Counsellor, "ctxh-kontum"), staff(access.Counsellor, "ctxh-kontum"), staff(access.Counsellor, "ctxh-kontum")
	command := staff(access.Counsellor, "ctxh-kontum")
	leaving := staff(access.Counsellor, "ctxh-kontum")
	former, both := staff(access.Supervisor, "ctxh-kontum"), staff(access.Supervisor, "ctxh-kontum")
	for _, p := range w.people {
		tx.MustExec(`insert into idempotency (user_id, key, route, body, status, location) values ($1, 'thử', 'thử', '\x00', 200, '')`, p.id)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		g.fileCase(t, w, 0, receivers)
	}
	refs := w.referrals // three a case: congan-boy, congan-dakha, benhvien-kontum
	stand := func(c uuid.UUID, st access.Standing, who uuid.UUID, until string) {
		g.god.MustExec(`insert into case_standings (case_id, standing, holder, why, granted_by, until) values ($1, $2, $3, 'thử', $4, `+until+`) on conflict do nothing`, c, st, who, holder.id)
	}
	onReferral := func(r uuid.UUID, st access.Standing, who uuid.UUID, until string) {
		g.god.MustExec(`insert into case_standings (case_id, referral_id, standing, holder, why, granted_by, until) select case_id, id, $2, $3, 'thử', $4, `+until+` from referrals where id = $1`, r, st, who, holder.id)
	}
	wall := func(c uuid.UUID, who uuid.UUID, lifted string) {
		g.god.MustExec(`insert into case_walls (id, case_id, user_id, why, set_by, lifted_at) values (gen_random_uuid(), $1, $2, 'thử', $3, `+lifted+`)`, c, who, holder.id)
	}
	a, b, c, d := w.cases[0], w.cases[1], w.cases[2], w.cases[3]
	stand(a, access.Assigned, second.id, "now() - interval '1 second'") // ended
	stand(b, access.Assigned, second.id, "now() + interval '1 hour'")
	stand(a, access.Supervising, boss.id, "null")
	stand(b, access.BreakGlass, nurse.id, "now() + interval '1 hour'")
	stand(c, access.BreakGlass, nurse.id, "now() - interval '1 second'")
	stand(c, access.OwnOrganisation, holder.org, "null")
	stand(c, access.Supervising, holder.org, "null")                    // an organisation may see a case and yet have it in nobody's list
	stand(b, access.Assigned, former.id, "now() - interval '1 second'") // held it once, supervises it now
	stand(b, access.Supervising, former.id, "null")
	stand(b, access.Assigned, both.id, "null")
	stand(b, access.Supervising, both.id, "null")
	for _, p := range []person{closed, gone, resting, command, leaving} {
		stand(a, access.Assigned, p.id, "null")
	}
	for name, set := range dead {
		stand(a, access.Assigned, asleep[name].id, "null")
		g.god.MustExec(sprintf(`update auth.sessions set %s where handle_hash = sha256(convert_to($1, 'UTF8'))`, set), string(asleep[name].handle))
	}
	g.god.MustExec(`update auth.sessions set kind = 'command', seen_at = now() - interval '1 hour' where handle_hash = sha256(convert_to($1, 'UTF8'))`, string(command.handle))
	g.god.MustExec(`update auth.users set disabled_at = now() where id = $1`, closed.id)
	g.god.MustExec(`update auth.memberships set valid_from = now() - interval '1 day', valid_to = now() - interval '1 second' where user_id = $1`, gone.id)
	g.god.MustExec(`update auth.memberships set valid_to = now() + interval '1 day' where user_id = $1`, leaving.id)
	g.god.MustExec(`update auth.users set frozen_at = now() where id = $1`, resting.id)
	wall(a, kin.id, "null")
	wall(b, kin.id, "now()")
	wall(b, second.id, "now()")
	wall(c, holder.id, "null") // a wall between a holder and her own case
	// The third case is sealed for its holder and the nurse; a lifted seal and one that only one person asked for seal nothing.
	seal := func(c uuid.UUID, agreed, lifted string, named ...person) {
		id := uuid.New()
		g.god.MustExec(`insert into case_seals (id, case_id, why, asked_by, second, agreed_at, lifted_at) values ($1, $2, 'thử', $3, $4, `+agreed+`, `+lifted+`)`, id, c, holder.id, boss.id)
		for _, p := range named {
			g.god.MustExec(`insert into case_seal_names (seal_id, user_id) values ($1, $2)`, id, p.id)
		}
	}
	seal(a, "now()", "now()", holder)
	seal(a, "null", "null", holder)
	seal(d, "now()", "null", holder, nurse)
	for i, p := range []person{holder, boss, nurse} {
		stand(d, []access.Standing{access.Assigned, access.Supervising, access.BreakGlass}[i], p.id, "null")
	}
	onReferral(refs[9], access.Referred, nurse.org, "null")
	wall(d, nurse.id, "now()")
	for _, p := range []person{nurse, other, holder} {
		for _, x := range []uuid.UUID{a, b, d} {
			g.god.MustExec(`insert into break_glass (id, case_id, user_id, organisation_id, code, until, review_due) values (gen_random_uuid(), $1, $2, $3, 'thử', now() + interval '1 hour', now() + interval '1 day')`, x, p.id, p.org)
			g.god.MustExec(`insert into notices (recipient, kind, case_id) values ($1, 'thử', $2), ($1, 'thử', null)`, p.id, x)
			g.god.MustExec(`insert into case_openings (user_id, case_id) values ($1, $2) on conflict do nothing`, p.id, x)
		}
	}
	// A house that recorded a case holds it without a reason; so does she to whom her own case came back.
	recorded := `insert into case_standings (case_id, standing, holder, why, granted_by, until) values ($1, 'assigned', $2, 'recorded', $2, `
	g.god.MustExec(recorded+`null)`, c, nurse.org)
	g.god.MustExec(recorded+`now() - interval '1 second')`, c, former.id)
	stand(c, access.Assigned, former.id, "null")
	g.god.MustExec(`insert into case_openings (user_id, case_id, why) values ($1, $2, 'thử')`, second.id, a) // she said why of another case
	g.god.MustExec(`insert into notices (recipient, kind, case_id) values ($1, 'thử', $2), ($1, 'thử', $3)`, kin.id, a, b)
	g.god.MustExec(`update break_glass set reason = '\x00', reviewed_by = $1, reviewed_at = now(), verdict = 'thử' where case_id = $2 and user_id <> $1`, boss.id, a)
	g.god.MustExec(`update break_glass set review = '\x00' where case_id = $1 and user_id = $2`, a, other.id)
	for _, x := range w.cases {
		g.god.MustExec(`insert into case_closures (id, case_id, move, reason, at, by_user) values (gen_random_uuid(), $1, 'closure', 'thử', now(), $2)`, x, holder.id)
		g.god.MustExec(`insert into case_history (id, case_id, version, at, by_user, fields) values (gen_random_uuid(), $1, 1, now(), $2, '{risk}')`, x, second.id)
	}
	accept := func(r uuid.UUID, who person) {
		g.god.MustExec(`update referrals set status = 'ACCEPTED', taken_by = $2, accepted_at = now() where id = $1`, r, who.id)
		onReferral(r, access.Referred, who.org, "null")
	}
	for i, r := range refs[:9] {
		who := []person{police, other, nurse}[i%3]
		if i != 8 {
			accept(r, who)
		}
		g.god.MustExec(`insert into referral_moves (id, referral_id, case_id, move, from_status, to_status, at, by_user, by_org) select gen_random_uuid(), id, case_id, 'acceptance', 'SENT', 'ACCEPTED', now(), $2, $3 from referrals where id = $1`, r, who.id, who.org)
	}
	consent := func(r uuid.UUID, set string) {
		g.god.MustExec(sprintf(`update consents set %s where id = (select consent_id from referrals where id = $1)`, set), r)
	}
	consent(refs[1], `withdrawn_at = now()`)
	consent(refs[2], `given_at = now() - interval '2 days', expires_at = now() - interval '1 day'`)
	consent(refs[4], `decision = 'REFUSED'`)
	consent(refs[5], `expires_at = now() + interval '1 day'`)
	g.god.MustExec(`update referrals set consent_id = null, legal_basis = 'URGENT' where id = $1`, refs[3])
	g.god.MustExec(`update case_standings set until = now() where referral_id = $1 and standing = 'referred'`, refs[6]) // declined after all
	// Passed on: congan-boy gave its referral of the third case to the hospital's neighbour.
	g.god.MustExec(`update referrals set forwarded_from = $1 where id = $2`, refs[6], refs[7])
	return w
}

// mutant is one change of what is written, and the way back.
type mutant struct {
	name, apply, restore string
	policyOf             string // the table whose policy it changes; "" for a function
	writes               bool
}

// operands finds the operands of AND and OR in an expression as PostgreSQL prints it, by their brackets.
func operands(text string) (spans [][2]int) {
	var open []int
	for i := range len(text) {
		switch text[i] {
		case '(':
			open = append(open, i)
		case ')':
			from, to := open[len(open)-1], i+1
			open = open[:len(open)-1]
			before, after := text[:from], text[to:]
			joined := strings.HasSuffix(before, "AND ") || strings.HasSuffix(before, "OR ") || strings.HasPrefix(after, " AND ") || strings.HasPrefix(after, " OR ")
			if joined {
				spans = append(spans, [2]int{from, to})
			}
		}
	}
	return spans
}

// variants are the expression with each operand, and itself, made always and never true.
func variants(text string) map[string]string {
	out := map[string]string{"all: true": "true", "all: false": "false"}
	for _, s := range operands(text) {
		for _, v := range []string{"true", "false"} {
			out[strings.Join(strings.Fields(text[s[0]:s[1]]), " ")+": "+v] = text[:s[0]] + "(" + v + ")" + text[s[1]:]
		}
	}
	return out
}

// policyMutants change every policy of a table of cases that binds the app role.
func (g *ground) policyMutants(t testing.TB) (all []mutant) {
	t.Helper()
	var policies []struct {
		Table string  `db:"tablename"`
		Name  string  `db:"policyname"`
		Cmd   string  `db:"cmd"`
		Using *string `db:"qual"`
		Check *string `db:"with_check"`
		// Whether the app role may insert into the table.
		Inserts bool `db:"inserts"`
	}
	if err := g.god.Select(&policies, `select tablename, policyname, cmd, qual, with_check, has_table_privilege('binhan_app', schemaname || '.' || tablename, 'insert') as inserts from pg_policies where schemaname = 'public' and 'binhan_app' = any (roles) order by 1, 2`); err != nil {
		t.Fatal(err)
	}
	for _, p := range policies {
		if _, ok := rules[p.Table]; !ok {
			continue
		}
		for clause, text := range map[string]*string{"using": p.Using, "with check": p.Check} {
			if text == nil || clause == "with check" && !p.Inserts { // the app role may change no column that a check asks for
				continue
			}
			put := `alter policy %s on %s ` + clause + ` (%[3]s)`
			if p.Cmd == "UPDATE" && *p.Using == *p.Check { // each stands in for the other
				if clause == "with check" {
					continue
				}
				put = `alter policy %s on %s using (%[3]s) with check (%[3]s)`
			}
			back := fmt.Sprintf(put, p.Name, p.Table, *text)
			if p.Cmd == "UPDATE" && *p.Using != *p.Check { // the condition must hold without the check behind it
				put = `alter policy %s on %s using (%[3]s) with check (true)`
				back = fmt.Sprintf(`alter policy %s on %s using (%s) with check (%s)`, p.Name, p.Table, *p.Using, *p.Check)
			}
			for name, v := range variants(*text) {
				all = append(all, mutant{name: p.Table + "/" + p.Name + " " + clause + " " + name, policyOf: p.Table, writes: p.Cmd != "SELECT" && (p.Cmd != "ALL" || clause == "with check"),
					apply: fmt.Sprintf(put, p.Name, p.Table, v), restore: back})
			}
		}
	}
	return all
}

// judges are the functions that policies and the door believe.
var judges = []string{"auth.live()", "auth.user_id()", "auth.org_id()", "auth.principals()", "gate.walls()", "gate.enter(text, text, text, uuid, text, integer, integer)", "standing.shared(uuid)"}

var conjunct = regexp.MustCompile(`(?s)\b(and|or)\s+`)

// functionMutants leave out one condition of a function each.
func (g *ground) functionMutants(t testing.TB) (all []mutant) {
	t.Helper()
	seen := map[string]int{}
	for _, name := range judges {
		var text string
		if err := g.god.Get(&text, `select pg_get_functiondef($1::regprocedure)`, name); err != nil {
			t.Fatal(name, err)
		}
		body := strings.Index(text, "AS $")
		for _, at := range conjunct.FindAllStringIndex(text[body:], -1) {
			from, start := body+at[0], body+at[1]
			end := operandEnd(text, start)
			what := name + " without " + strings.Join(strings.Fields(text[from:end]), " ")
			if seen[what]++; seen[what] > 1 {
				what += fmt.Sprintf(" (%d)", seen[what])
			}
			all = append(all, mutant{name: what, apply: text[:from] + text[end:], restore: text})
		}
	}
	return all
}

var ends = regexp.MustCompile(`^\s*(\band\b|\bor\b|\)|;|\border\b|\bthen\b|\$function|\blimit\b|--)`)

func operandEnd(text string, from int) int {
	depth := 0
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
			continue
		case ')':
			if depth == 0 {
				return i
			}
			depth--
			continue
		}
		if depth == 0 && (text[i] == ' ' || text[i] == '\n' || text[i] == ';') && ends.MatchString(text[i:]) {
			return i
		}
	}
	return len(text)
}

// compareBudgets asks the door to count: what was opened and asked within a window, and nothing else.
func (g *ground) compareBudgets(w *world) error {
	holder, stranger := w.people[0], w.people[7]
	a, b, c := w.cases[0], w.cases[1], w.cases[3]
	tx := g.god.MustBegin()
	defer tx.Rollback()
	tx.MustExec(`delete from case_openings where user_id = $1`, holder.id)
	tx.MustExec(`insert into case_openings (user_id, case_id, at, why) values ($1, $2, now(), 'thử'), ($1, $3, now() - interval '2 hours', 'thử')`, holder.id, a, b)
	tx.MustExec(`insert into case_openings (user_id, case_id, at) values ($1, $2, now()) on conflict do nothing`, stranger.id, b)
	tx.MustExec(`insert into budget_spent (user_id, budget, minute, n) values ($1, 'searches', date_trunc('minute', now()), 2), ($1, 'searches', now() - interval '2 hours', 5), ($1, 'exports', date_trunc('minute', now()), 9), ($1, 'known', now() - interval '2 hours', 9)`, holder.id)
	for i, x := range []struct {
		who     person
		kind    string
		id      any
		budget  any
		limit   int
		seconds int
		stops   bool
	}{
		{holder, "case", c, "cases", 2, 3600, false},          // what was opened two hours ago does not count
		{holder, "case", b, "cases", 1, 3600, true},           // the first case was opened just now
		{holder, "case", a, "cases", 1, 3600, false},          // and may be opened again
		{holder, "case", b, "cases", 1, 3 * 3600, false},      // so may one that was opened within the window
		{holder, "case", b, "cases", 0, 3600, false},          // no limit
		{holder, "case", b, nil, 1, 3600, false},              // no budget
		{holder, "case", b, "exports", 9, 3600, true},         // another budget
		{holder, "case", b, "exports", 10, 3600, false},       // with one left
		{holder, "case", b, "exports", 10, 3600, true},        // and then none
		{stranger, "case", b, "cases", 1, 3600, false},        // who may not see the case spends nothing on it
		{stranger, "case", b, "exports", 1, 3600, false},      //
		{stranger, "case", b, "exports", 1, 3600, false},      //
		{holder, "", nil, "searches", 2, 3600, true},          // two within the hour
		{holder, "", nil, "searches", 3, 3600, false},         // one left
		{holder, "", nil, "searches", 3, 3600, true},          // and then none
		{stranger, "", nil, "searches", 1, 3600, false},       // another's
		{stranger, "", nil, "searches", 1, 3600, true},        //
		{holder, "case", b, "cases", 2, 3600, false},          // the second case counts now
		{holder, "case", c, "cases", 2, 3600, true},           // the third is one too many
		{holder, "case", c, "cases", 3, 3600, false},          //
		{holder, "case", b, "cases", 1, 3600, false},          // and what is open stays open
		{holder, "case", a, "cases", 1, 3600, false},          //
		{holder, "", nil, "cases", 1, 3600, false},            // nothing is opened without a case
		{holder, "", nil, "cases", 1, 3600, false},            //
		{holder, "", nil, "known", 9, 24 * 3600, true},        // a day's budget is not forgotten by an hour's
		{holder, "case", w.cases[2], "cases", 1, 3600, false}, // nor through a wall
	} {
		if i == 1 { // the first step is taken back, so that the others begin with one case in the window
			tx.MustExec(`delete from case_openings where user_id = $1 and case_id = $2`, holder.id, c)
		}
		var until *time.Time
		if err := tx.Get(&until, `select spent_until from gate.enter($1, '', $2, $3, $4, $5, $6)`, string(x.who.handle), x.kind, x.id, x.budget, x.limit, x.seconds); err != nil {
			return err
		}
		if (until != nil) != x.stops {
			return fmt.Errorf("budget, step %d: stops until %v, want %v", i+1, until, x.stops)
		}
	}
	return nil
}

// alike are the changes that change nothing, and why: the comparison must find no difference, or this list is out of date.
var alike = map[string]string{
	door + "o.case_id <> c":       "had the case been opened within the window, nothing would be counted",
	door + "p_budget is not null": "no budget is unlike any",
	door + "o.at > since (2)":     atOnce,
	door + "l.classid = 7":        atOnce,
	door + "l.objsubid = 2":       atOnce,
	door + "l.objid = hashtext(who.user_id::text)::bigint::bit(32)::bigint::oid":                 atOnce,
	door + "l.database = (select d.oid from pg_database d where d.datname = current_database())": atOnce,
	door + "l.locktype = 'advisory'": atOnce,
}

const (
	door   = "gate.enter(text, text, text, uuid, text, integer, integer) without and "
	atOnce = "decides only between many at once, which TestAHarvestStopsAtItsBudget tries"
)

// onlyOfCases: whoever is assigned is assigned to a case (constraint standing_of_a_referral_names_it), so that policies which ask for this standing say twice
// that it is not limited to a referral.
func onlyOfCases(m mutant) bool {
	return strings.HasSuffix(m.name, "(s.referral_id IS NULL): true") &&
		(strings.Contains(m.restore, "s.standing = 'assigned'::text") || strings.Contains(m.restore, "s.standing = ANY (ARRAY['assigned'::text, 'supervisor'::text])"))
}

func TestEveryMutantOfTheWallsIsFound(t *testing.T) {
	t.Parallel()
	g, p := newGround(t), compiled(t)
	w := g.rich(t)
	f := w.read(t, g.god)
	rows := g.rows(t, w)
	writes := g.attempts(t, rows)
	compare := func(m mutant) error {
		if m.policyOf != "" && m.writes {
			return g.compareWrites(t, f, writes, m.policyOf)
		}
		if m.policyOf != "" {
			return g.compareRows(p, f, rows, m.policyOf)
		}
		if err := errors.Join(g.compareHeld(f), g.compareBudgets(w)); err != nil {
			return err
		}
		// Each function is believed by one of these at least; every policy believes what case_standings shows.
		if err := g.compareRows(p, f, rows, "case_standings", "my_cases", "referral_snapshots", "idempotency"); err != nil {
			return err
		}
		return g.compareWrites(t, f, writes, "cases", "evidence", "referral_moves")
	}
	if err := errors.Join(g.compareRows(p, f, rows), g.compareHeld(f), g.compareBudgets(w), g.compareWrites(t, f, writes)); err != nil {
		t.Fatal("without a change:", err)
	}
	if f.now.After(time.Now().Add(time.Hour)) {
		t.Fatal("the clocks of database and test are far apart")
	}
	var found, stillborn int
	var survived []string
	for _, m := range append(g.policyMutants(t), g.functionMutants(t)...) {
		if _, err := g.god.Exec(m.apply); err != nil {
			stillborn++ // what cannot be written is no danger
			continue
		}
		err := compare(m)
		g.god.MustExec(m.restore)
		why, same := alike[m.name]
		same = same || onlyOfCases(m)
		switch {
		case err != nil && same:
			t.Errorf("%s is said to change nothing (%s): %v", m.name, why, err)
		case err != nil:
			found++
		case !same:
			survived = append(survived, m.name)
		}
	}
	slices.Sort(survived)
	t.Logf("%d mutants found, %d alike, %d stillborn", found, len(alike), stillborn)
	if len(survived) > 0 || found < 100 {
		t.Errorf("found %d; these survived:\n%s", found, strings.Join(survived, "\n"))
	}
}

func TestEveryMutantOfTheMatrixIsFound(t *testing.T) {
	t.Parallel()
	var n int
	for _, r := range access.Roles { // lines of other roles answer nothing
		var lines []string
		for line := range strings.Lines(policies.Policy) {
			if strings.HasPrefix(line, "p, "+string(r)+",") {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		matrix := func(lines []string) string {
			p, err := access.New(policies.Model, strings.Join(lines, "\n"))
			if err != nil {
				return err.Error() // what cannot be read is noticed at start
			}
			return p.Matrix()
		}
		golden := matrix(lines)
		for i, line := range lines {
			if matrix(slices.Concat(lines[:i], lines[i+1:])) == golden {
				t.Errorf("nobody misses %s", line)
			}
			for _, s := range access.Standings {
				parts := strings.SplitN(line, ",", 6)
				if strings.TrimSpace(parts[4]) == string(s) {
					continue
				}
				parts[4] = " " + string(s)
				if matrix(append(slices.Clone(lines), strings.Join(parts, ","))) == golden {
					t.Errorf("nobody notices %s", strings.Join(parts, ","))
				}
				n++
			}
		}
	}
	if n < 500 {
		t.Errorf("%d mutants", n)
	}
}
