package casefile_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/pg"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// TestWhoLookedAtOneCaseIsReadFromAnIndexHoweverLongTheRecord: a person's right to know who opened her case must not wait for the whole record to be read.
func TestWhoLookedAtOneCaseIsReadFromAnIndexHoweverLongTheRecord(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	super := h.DB.Open(t, pg.Superuser)
	super.SetMaxOpenConns(1)
	one := uuid.MustParse("c0000000-0000-4000-8000-000000000001")
	super.MustExec(`insert into audit.entries (actor, act, kind, subject, case_id, classes, decision, standing)
		select $1, 'case.read', 'case', c, c, '{record}', 'allowed', 'assigned' from (select case when i % 200 = 0 then $2::uuid else md5((i / 10)::text)::uuid end as c from generate_series(1, 60000) i) x`, world.UserID("tuvan.kontum"), one)
	super.MustExec(`analyze audit.entries`)
	var body string
	if err := super.Get(&body, `select prosrc from pg_proc where oid = 'audit.of_case(uuid, integer, bigint, boolean, uuid)'::regprocedure`); err != nil {
		t.Fatal(err)
	}
	for name, unusual := range map[string]string{"all of it": "false", "what is unusual": "true"} {
		q := body
		for p, v := range map[string]string{"p_case": "'" + one.String() + "'::uuid", "p_limit": "100", "p_before": "null::bigint", "p_unusual": unusual, "p_actor": "null::uuid"} {
			q = regexp.MustCompile(`\b`+p+`\b`).ReplaceAllString(q, v)
		}
		// The holder's own standing is asked once; here everybody holds it, so that the plan is the one that returns rows.
		q = regexp.MustCompile(`(?s)and exists \(select 1 from public\.case_standings.*?now\(\)\)\)`).ReplaceAllString(q, "")
		var lines []string
		if err := super.Select(&lines, `explain (analyze, costs off, timing off, summary off) `+q); err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		if strings.Contains(plan, "Seq Scan on entries_first") || !strings.Contains(plan, "entries_first_by_case") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}
