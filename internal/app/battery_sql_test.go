package app_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"binhan/internal/app/apptest"
)

// injections are more than two hundred texts that become part of a statement wherever somebody puts one together by hand: each way out of a literal with each thing to do
// outside of it. What a payload would do, it does to the tripwire: count, or sleep after counting.
func injections() (all []string) {
	const hit = `nextval('wire.injected')`
	bare := strings.ReplaceAll(hit, `'`, `$$`) // where quotes are doubled or taken away
	outs := []string{`'`, `''`, `"`, `')`, `'))`, `\'`, `'::text`, `$$`, `1`, `1)`, ``}
	acts := []string{
		`; select ` + hit + `; --`, `; select ` + bare + `; --`, ` or ` + hit + ` > 0 --`, ` and ` + bare + ` > 0 --`, ` union select ` + bare + ` --`, ` union all select null, ` + bare + `, null --`, `||(select ` + bare + `)||'`, `||` + bare + `||'`,
		` and 1 = cast((select ` + bare + `) as int) --`, `; select pg_sleep(9 + 0 * ` + bare + `); --`, ` or (select pg_sleep(9 + 0 * ` + bare + `)) is null --`, ` order by ` + bare + ` --`, ` limit ` + bare + ` --`, `/**/or/**/` + bare + `>0/**/--`, `; do $x$ begin perform ` + hit + `; end $x$; --`,
		`; copy (select ` + bare + `) to program 'id'; --`, ` returning ` + bare + ` --`, "\n; select " + bare + ";\n--", `; commit; select ` + bare + `; begin; --`, `; set role binhan_migrator; select ` + bare + `; --`,
	}
	for _, out := range outs {
		for _, act := range acts {
			all = append(all, out+act)
		}
	}
	return append(all, `' or '1'='1`, `' or 1=1 limit 1 offset 1 --`, `admin'--`, `%' or 1=1 --`, `_%`, `%25`, `\`, `\\'`, `'||'`, `''''`, `$1`, `$1; --`, `:id`, `?`, `{"$gt": ""}`, `[$ne]`, `*`, `1e309`, `1/0`, `-1 or 1=1`, `0x27`, `%2527`, `＇ or ＇1＇=＇1`, "\u02bc; select "+bare+"; --", "\u2019; select "+bare+"; --", `E'\x27'`, `U&'\0027'`,
		`'; notify x; --`, `'; listen x; --`, `'; lock cases; --`, `'; truncate cases cascade; --`, `'; drop table cases cascade; --`, `'; alter role binhan_app superuser; --`, `'; select lo_import('/etc/passwd'); --`, `'; select pg_read_file('/etc/passwd'); --`, `' and (select count(*) from auth.users) > 0 --`, `' union select verifier from auth.users --`,
		`updated;select `+bare, `updated desc nulls first, `+bare, `(select `+bare+`)`, `case when `+bare+`>0 then 1 end`, bare, hit, strings.Repeat(`'`, 999), strings.Repeat(`(`, 999), `/*`, `*/`, `--`, `#`, `;`, `\0`, `\u0027`, `&#39;`, `"; select `+bare+`; --`, "` or 1=1 #", `' and extractvalue(1,1) --`, `'; exec xp_cmdshell('id') --`, `' waitfor delay '0:0:9' --`, `benchmark(9,md5(1))`)
}

// TestNoTextBecomesPartOfAStatement sends each injection to each place: the answer is of the class that a harmless odd word gets or a refusal, never a failure of ours;
// a list is as long as for that word; no table has changed; and the tripwire was never touched, so that nothing slept either.
func TestNoTextBecomesPartOfAStatement(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	wire := strung(t, s.Server)
	all := injections()
	if len(all) < 200 {
		t.Fatal(len(all))
	}
	places := s.readingPlaces(t)
	type shot struct {
		place
		text  string
		plain [2]apptest.Answer // what a harmless odd word gets, and an odd number
	}
	var shots []shot
	for i, p := range sampled(places, 400) {
		plain := [2]apptest.Answer{p.send("khongco"), p.send("12")}
		if plain[0].Status >= 500 || plain[1].Status >= 500 {
			t.Errorf("%s: %s, %s", p.name, describe(plain[0]), describe(plain[1]))
		}
		for j, text := range all {
			if fullBattery || (i*7+j)%110 == 0 {
				shots = append(shots, shot{p, text, plain})
			}
		}
	}
	before := s.Contents(t)
	var seen tally
	together(shots, func(x shot) {
		got := x.send(x.text)
		seen.add(got.Status)
		like := slices.IndexFunc(x.plain[:], func(p apptest.Answer) bool { return p.Status == got.Status && p.Len("items") == got.Len("items") })
		if refused := got.Status >= 400 && got.Status < 500; !refused && like < 0 {
			t.Errorf("%s, %.80q: %s; harmless ones get %d and %d", x.name, x.text, describe(got), x.plain[0].Status, x.plain[1].Status)
		}
	})
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something was written:\n%s", d)
	}
	if n := wire.touched(t); n != 0 {
		t.Errorf("%d payloads ran", n)
	}
	t.Logf("%d texts, %d places: %v", len(all), len(places), seen.got)
	counted(t, "SQL in queries, paths, headers, cookies, forms", len(shots), 900, 250_000)

	// What writes: every text of every body, the name, the kind and the description of a file. What is taken is a text and nothing more.
	var written tally
	var writes []shot
	for i, b := range s.batteries(t) {
		if b.who == "" || strings.HasSuffix(b.path, "/proof") || strings.HasSuffix(b.path, "/releases") {
			continue
		}
		c, n := s.clients[b.who], 0
		seen := map[string]bool{}
		for _, base := range b.bases {
			fields(b.schema, base, func(f field) {
				if seen[f.pointer] || !f.schema.Type.Includes("string") {
					return
				}
				seen[f.pointer] = true
				n++
				for j, text := range all {
					if fullBattery || (i*11+n*5+j)%280 == 0 {
						writes = append(writes, shot{place: place{b.method + " " + b.path + f.pointer, func(text string) apptest.Answer { return c.Do(b.method, b.path, f.put(text), b.headers...) }}, text: text})
					}
				}
			}, func(string, *openapi3.Schema, func(string, any) any) {})
		}
	}
	for j, text := range all {
		for k, where := range []string{"name", "kind", "description", "field"} {
			if fullBattery || (j+k)%16 == 0 {
				writes = append(writes, shot{place: place{"file's " + where, func(text string) apptest.Answer { return s.attach(t, where, text) }}, text: text})
			}
		}
	}
	rows := maps.Clone(s.counts(t))
	together(writes, func(x shot) {
		got := x.send(x.text)
		written.add(got.Status)
		if got.Status >= 500 {
			t.Errorf("%s, %.80q: %s", x.name, x.text, describe(got))
		}
	})
	if n := wire.touched(t); n != 0 {
		t.Errorf("%d payloads ran", n)
	}
	for table, n := range s.counts(t) {
		if n < rows[table] && table != "auth.sessions" && !strings.HasPrefix(table, "gate.") {
			t.Errorf("%s lost rows: %d, were %d", table, n, rows[table])
		}
	}
	t.Logf("%v", written.got)
	counted(t, "SQL in bodies and files", len(writes), 200, 30_000)
	if strings.Contains(s.Log.String(), "wire.injected") || strings.Contains(s.Log.String(), "syntax error") {
		t.Error("the log quotes a payload")
	}
}

// attach sends a file with a text in one of the places that a sender chooses.
func (s *stage) attach(t *testing.T, where, text string) apptest.Answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	name, kind, description, field := "thu.txt", "text/plain", "thử", "description"
	switch where {
	case "name":
		name = text
	case "kind":
		kind = headerSafe(text)
	case "description":
		description = text
	case "field":
		field = text
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", "%0A", "\r", "%0D").Replace
	h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, quote(field))}}
	part, err := w.CreatePart(h)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, description)
	h = textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, quote(name))}, "Content-Type": {kind}}
	if part, err = w.CreatePart(h); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, "Nội dung thử nghiệm.")
	w.Close()
	return s.clients["tuvan.kontum"].Do("POST", "/api/v1/cases/"+s.ours.Case+"/evidence", b.Bytes(), "Content-Type", w.FormDataContentType())
}

// counts are the rows of every table.
func (s *stage) counts(t *testing.T) map[string]int {
	t.Helper()
	m := map[string]int{}
	for table, digest := range s.Contents(t) {
		n := 0
		fmt.Sscan(digest, &n)
		m[table] = n
	}
	return m
}
