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
		"ended": `ended_at = now()`, "locked": `locked_at = now()`, "idle": `seen_at = now() - interval '20 minutes'`, "over": `expires_at = now() - interval '1 second'`,
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
	for range 3 {
		g.fileCase(t, w, 0, receivers)
	}
	stand := func(c uuid.UUID, st access.Standing, who uuid.UUID, until string) {
		g.god.MustExec(`insert into case_standings (case_id, standing, holder, why, granted_by, until) values ($1, $2, $3, 'thử', $4, `+until+`) on conflict do nothing`, c, st, who, holder.id)
	}
	onReferral := func(r uuid.UUID, st access.Standing, who uuid.UUID, until string) {
		g.god.MustExec(`insert into case_standings (case_id, referral_id, standing, holder, why, granted_by, until) select case_id, id, $2, $3, 'thử', $4, `+until+` from referrals where id = $1`, r, st, who, holder.id)
	}
	wall := func(c uuid.UUID, who uuid.UUID, lifted string) {
		g.god.MustExec(`insert into case_walls (id, case_id, user_id, why, set_by, lifted_at) values (gen_random_uuid(), $1, $2, 'thử', $3, `+lifted+`)`, c, who, holder.id)
	}
	a, b, c := w.cases[0], w.cases[1], w.cases[2]
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
	accept := func(r uuid.UUID, who person) {
		g.god.MustExec(`update referrals set status = 'ACCEPTED', taken_by = $2, accepted_at = now() where id = $1`, r, who.id)
		onReferral(r, access.Referred, who.org, "null")
	}
	refs := w.referrals // three a case: congan-boy, congan-dakha, benhvien-kontum
	for i, r := range refs {
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
	}
	if err := g.god.Select(&policies, `select tablename, policyname, cmd, qual, with_check from pg_policies where schemaname = 'public' and 'binhan_app' = any (roles) order by 1, 2`); err != nil {
		t.Fatal(err)
	}
	for _, p := range policies {
		if _, ok := rules[p.Table]; !ok {
			continue
		}
		for clause, text := range map[string]*string{"using": p.Using, "with check": p.Check} {
			if text == nil || p.Cmd == "UPDATE" && clause == "with check" {
				continue
			}
			put := `alter policy %s on %s ` + clause + ` (%[3]s)`
			if p.Cmd == "UPDATE" { // condition and check say the same, and each stands in for the other
				if *p.Using != *p.Check {
					t.Fatalf("%s on %s: condition and check differ", p.Name, p.Table)
				}
				put = `alter policy %s on %s using (%[3]s) with check (%[3]s)`
			}
			for name, v := range variants(*text) {
				all = append(all, mutant{name: p.Table + "/" + p.Name + " " + clause + " " + name, policyOf: p.Table, writes: p.Cmd != "SELECT" && (p.Cmd != "ALL" || clause == "with check"),
					apply: fmt.Sprintf(put, p.Name, p.Table, v), restore: fmt.Sprintf(put, p.Name, p.Table, *text)})
			}
		}
	}
	return all
}

// judges are the functions that policies and the door believe.
var judges = []string{"auth.user_id()", "auth.org_id()", "auth.principals()", "gate.walls()", "gate.enter(text, text, text, uuid)", "standing.shared(uuid)"}

var conjunct = regexp.MustCompile(`(?s)\b(and|or)\s+`)

// functionMutants leave out one condition of a function each.
func (g *ground) functionMutants(t testing.TB) (all []mutant) {
	t.Helper()
	for _, name := range judges {
		var text string
		if err := g.god.Get(&text, `select pg_get_functiondef($1::regprocedure)`, name); err != nil {
			t.Fatal(name, err)
		}
		body := strings.Index(text, "AS $")
		for _, at := range conjunct.FindAllStringIndex(text[body:], -1) {
			from, start := body+at[0], body+at[1]
			end := operandEnd(text, start)
			all = append(all, mutant{name: name + " without " + strings.Join(strings.Fields(text[from:end]), " "), apply: text[:from] + text[end:], restore: text})
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

// alike are the changes that change nothing, and why: the comparison must find no difference, or this list is out of date.
var alike = map[string]string{}

// onlyOfCases: whoever is assigned is assigned to a case (constraint standing_of_a_referral_names_it), so that policies which ask for this standing say twice
// that it is not limited to a referral.
func onlyOfCases(m mutant) bool {
	return m.writes && strings.HasSuffix(m.name, "(s.referral_id IS NULL): true") && strings.Contains(m.restore, "s.standing = 'assigned'::text")
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
			return g.compareRows(t, p, f, rows, m.policyOf)
		}
		if err := g.compareHeld(p, w, f); err != nil {
			return err
		}
		// Each function is believed by one of these at least; every policy believes what case_standings shows.
		if err := g.compareRows(t, p, f, rows, "case_standings", "my_cases", "referral_snapshots", "idempotency"); err != nil {
			return err
		}
		return g.compareWrites(t, f, writes, "cases", "evidence", "referral_moves")
	}
	if err := errors.Join(g.compareRows(t, p, f, rows), g.compareHeld(p, w, f), g.compareWrites(t, f, writes)); err != nil {
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
	golden := compiled(t).Matrix()
	lines := strings.Split(policies.Policy, "\n")
	var n int
	for i, line := range lines {
		if !strings.HasPrefix(line, "p,") {
			continue
		}
		dropped := strings.Join(slices.Concat(lines[:i], lines[i+1:]), "\n")
		if p, err := access.New(policies.Model, dropped); err == nil && p.Matrix() == golden {
			t.Errorf("nobody misses %s", line)
		}
		for _, s := range access.Standings {
			parts := strings.SplitN(line, ",", 6)
			if strings.TrimSpace(parts[4]) == string(s) {
				continue
			}
			parts[4] = " " + string(s)
			widened := strings.Join(append(slices.Clone(lines), strings.Join(parts, ",")), "\n")
			if p, err := access.New(policies.Model, widened); err == nil && p.Matrix() == golden {
				t.Errorf("nobody notices %s", strings.Join(parts, ","))
			}
			n++
		}
	}
	if n < 500 {
		t.Errorf("%d mutants", n)
	}
}
