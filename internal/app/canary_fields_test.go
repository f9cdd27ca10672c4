package app_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pquerna/otp/totp"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/s3test"
	"binhan/internal/world"
)

func digits(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	for range n {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(d.String())
	}
	return b.String()
}

// search looks for words in everything that read gives and names the hits; it returns how much it read.
func search(r io.Reader, words map[string][]byte, hit func(how string, around []byte)) (read int64) {
	const piece, overlap = 1 << 20, 512
	buf := make([]byte, overlap+piece)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		read += int64(n)
		for how, w := range words {
			if at := bytes.Index(buf[:kept+n], w); at >= 0 {
				hit(how, bytes.Clone(buf[max(0, at-8):min(kept+n, at+len(w)+40)]))
			}
		}
		if err != nil {
			return read
		}
		kept = copy(buf, buf[len(buf)-overlap:])
	}
}

// TestAMarkInEveryFieldLiesNowhere puts a mark into every free text that the contract has, into every password, code and token, into file names, forms and
// addresses, by everybody whose act it is; then it reads whatever lies outside the program's own memory: the database's files and write-ahead log, a dump of it, the
// memory of its processes, the object store, the key process's folder, the program's log at its most talkative, and the names under which requests are counted.
// An unprotected text with a mark of its own must be found in each place that could hold one, or the search is blind.
func TestAMarkInEveryFieldLiesNowhere(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	counted := map[string]bool{}
	s := &stage{Server: apptest.With(t, func(o *app.Options) {
		o.Seen = func(route string, _ int, _ time.Duration) { mu.Lock(); counted[route] = true; mu.Unlock() }
	})}
	s.furnish(t)
	mark, open := canary(), canary()
	super := s.DB.Open(t, pg.Superuser)
	super.MustExec(`update organisations set predecessor = $1 where code = 'noivu'`, open)
	secrets := map[string]string{} // single words, by what they are
	n, places, whose := 0, map[string]bool{}, map[int]string{}

	// Every body of the contract with a mark in each of its free texts, from everybody, until somebody's is taken.
	marked := func(schema *openapi3.Schema, v any, at string, marked func(*openapi3.Schema, any, string) any) any {
		switch x := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for name, p := range schema.Properties {
				switch y, there := x[name]; {
				case there:
					out[name] = marked(p.Value, y, at+"/"+name)
				case p.Value.Type.Includes("string") && free(p.Value) && name != "consent" && name != "code":
					out[name] = marked(p.Value, "x", at+"/"+name)
				}
			}
			return out
		case []any:
			out := []any{}
			for _, y := range x {
				out = append(out, marked(schema.Items.Value, y, at+"/"+strconv.Itoa(len(out))))
			}
			return out
		case string:
			if !free(schema) || slices.Contains([]string{"/number", "/second", "/case", "/username"}, at) || strings.HasPrefix(at, "/names/") {
				return v // of no person: the number of an agreement, a colleague's user name, the code of a case
			}
			n++
			whose[n] = at
			text := fmt.Sprintf("%s %d", mark, n)
			if schema.MaxLength != nil {
				text = text[:min(len(text), int(*schema.MaxLength))]
			}
			switch {
			case strings.HasSuffix(at, "/phone"):
				text = "09" + digits(t, 8)
				secrets["phone "+at+" "+strconv.Itoa(n)] = text
			case strings.HasSuffix(at, "/id_number"):
				text = "051191" + digits(t, 6)
				secrets["id number "+strconv.Itoa(n)] = text
			}
			return text
		}
		return v
	}
	taken, tried := 0, 0
	made := map[string]string{} // what was made on the way, by the part of the path before its id
	for _, b := range s.batteries(t) {
		if strings.HasPrefix(b.path, "/api/v1/account") || strings.HasPrefix(b.path, "/api/v1/people") || strings.HasPrefix(b.path, "/api/v1/sessions") || strings.HasSuffix(b.path, "/releases") || strings.HasPrefix(b.path, "/api/v1/campaigns") {
			continue // below, or without a text, or public by its purpose
		}
		parts := strings.Split(b.path, "/")
		for i := range parts {
			if i > 0 && made[parts[i-1]] != "" {
				parts[i] = made[parts[i-1]]
			}
		}
		path := strings.Join(parts, "/")
		for _, base := range b.bases {
			skipped := map[string]bool{}
			var marks func(schema *openapi3.Schema, v any, at string) any
			marks = func(schema *openapi3.Schema, v any, at string) any {
				if skipped[at] {
					return v
				}
				return marked(schema, v, at, marks)
			}
			for i, who := 0, append([]string{b.who}, s.people()...); i < len(who); i++ {
				if who[i] == "" {
					continue
				}
				var got apptest.Answer
				for range 4 { // what is no text after all keeps its good value
					tried++
					got = s.clients[who[i]].Do(b.method, path, marks(b.schema, base, ""), b.headers...)
					for e := range max(got.Len("errors"), 0) {
						skipped[got.Text(fmt.Sprintf("errors.%d.pointer", e))] = true
					}
					if got.Status != http.StatusUnprocessableEntity {
						break
					}
				}
				if got.Status < 300 {
					taken++
					places[b.method+" "+b.path] = true
					if id := got.Text("id"); id != "" && b.method == http.MethodPost && !strings.HasPrefix(b.path, "/api/v1/cases") {
						made[parts[len(parts)-1]] = id
					}
					break
				}
			}
		}
	}
	// A referral from its envelope to its end, in each of the ways that bring words.
	officer := s.clients["congan.ngochoi"]
	for i, end := range []string{"outcome", "decline", "forward", "withdrawal"} {
		c := s.clients["tuvan.kontum"]
		path := "/api/v1/cases/" + c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
		consent := c.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
		body := referTo("congan-boy", consent)
		body["reason"], body["needs_note"] = mark+" lý do", mark+" nhu cầu"
		ref := "/api/v1/referrals/" + c.Must(http.StatusCreated, "POST", path+"/referrals", body).Text("id")
		officer.Must(http.StatusOK, "POST", ref+"/question", map[string]any{"text": mark + " hỏi"})
		c.Must(http.StatusOK, "POST", ref+"/answer", map[string]any{"text": mark + " đáp"})
		switch end {
		case "outcome":
			officer.Must(http.StatusOK, "POST", ref+"/acceptance", nil)
			officer.Must(http.StatusOK, "POST", ref+"/outcome", map[string]any{"result": "DELIVERED", "note": mark + " kết quả"})
		case "decline":
			officer.Must(http.StatusOK, "POST", ref+"/decline", map[string]any{"code": "OTHER", "reason": mark + " không nhận"})
		case "withdrawal":
			c.Must(http.StatusOK, "POST", ref+"/withdrawal", map[string]any{"reason": mark + " rút"})
		}
		n += 5
		taken += 5 - i%2
	}
	// Evidence: name, description, content.
	counsellor := s.clients["tuvan.kontum"]
	attach(t, s.Server, counsellor, "/api/v1/cases/"+s.ours.Case, mark+" f.txt", mark+" d", bytes.Repeat([]byte(mark+" c\n"), 3000))
	// What nobody takes: addresses, filters, headers, bodies that are none.
	for _, path := range []string{"/api/v1/cases/" + mark, "/api/v1/cases?status=" + mark, "/api/v1/referrals?box=" + mark, "/api/v1/" + mark, "/" + mark, "/ho-so?x=" + mark, "/api/v1/codelists/" + mark, "/api/v1/audit?actor=" + mark} {
		counsellor.Get(path, "Referer", "https://"+mark+".example", "X-Forwarded-For", mark, "Accept-Language", mark, "If-None-Match", mark, "Range", mark)
	}
	for _, body := range []string{`{"` + mark, mark, `{"` + mark + `":"` + mark + `"}`, `{"survivor":{"sex":"` + mark + `","birth_date":"` + mark + `"}}`} {
		for _, path := range []string{"/api/v1/cases", "/api/v1/cases/search", "/api/v1/sessions", "/api/v1/data-requests"} {
			counsellor.Do("POST", path, []byte(body))
		}
	}
	counsellor.Do("POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", mark+" x", "Content-Type", mark)
	// Ways in: passwords, right and wrong, codes, tokens, cookies.
	s.As(t, "").Do("POST", "/api/v1/sessions", map[string]any{"username": mark, "password": mark, "code": mark})
	s.As(t, "").Do("POST", "/api/v1/sessions", map[string]any{"username": "phunu.ngochoi", "password": mark + " wrong"})
	s.As(t, "").Do("GET", "/api/v1/cases", nil, "Authorization", "Bearer "+mark, "Cookie", "so="+mark)
	s.As(t, "").Do("POST", "/api/v1/account/setup", map[string]any{"username": "phunu.ngochoi", "code": mark, "password": mark})
	her := s.As(t, "phunu.ngochoi")
	secrets["a token"] = her.Token
	if a := her.Do("POST", "/api/v1/account/password", map[string]any{"password": mark + " mật khẩu mới"}); a.Status >= 300 {
		t.Errorf("the new password: %d %s", a.Status, a.Body)
	}
	offer := her.Do("POST", "/api/v1/account/factors", map[string]any{"name": "Điện thoại"})
	if secret := offer.Text("secret"); secret != "" {
		secrets["a factor's secret"] = secret
		bare := strings.ReplaceAll(strings.ToUpper(secret), " ", "")
		secrets["a factor's secret as the app has it"] = bare
		code, err := totp.GenerateCode(bare, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if a := her.Do("POST", "/api/v1/account/factors/"+offer.Text("id")+"/confirmation", map[string]any{"code": code}); a.Status >= 300 {
			t.Errorf("the first code: %d %s", a.Status, a.Body)
		}
	} else {
		t.Errorf("no factor: %d %s", offer.Status, offer.Body)
	}
	codes := her.Do("POST", "/api/v1/account/recovery-codes", nil)
	for i := range max(codes.Len("recovery_codes"), 0) {
		secrets[fmt.Sprint("recovery code ", i)] = codes.Text(fmt.Sprint("recovery_codes.", i))
	}
	if codes.Len("recovery_codes") < 8 {
		t.Errorf("recovery codes: %d %s", codes.Status, codes.Body)
	}
	in := s.As(t, "").Must(http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": world.Password}, "Origin", s.URL)
	for _, line := range in.Header["Set-Cookie"] {
		if c, err := http.ParseSetCookie(line); err == nil {
			secrets["cookie "+c.Name] = c.Value
		}
	}
	// Pages: what is typed into forms stands in no title and no address.
	cookie := "so=" + secrets["cookie so"]
	title := regexp.MustCompile(`<title>[^<]*</title>`)
	form := func(path string, v url.Values) {
		a := s.As(t, "").Do("POST", path, []byte(v.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Origin", s.URL, "Cookie", cookie)
		if strings.Contains(a.Header.Get("Location"), mark) || bytes.Contains(title.Find(a.Body), []byte(mark)) || strings.Contains(fmt.Sprint(a.Header), mark) {
			t.Errorf("%s: the mark travels in %v", path, a.Header)
		}
	}
	// Not: a colleague's user name and the key against sending twice, which the page draws. The database is asked about both as they are.
	typed := url.Values{"password": {mark}, "code": {mark}, "back": {"/" + mark[:0] + "ho-so"}, "name": {mark}, "reason": {mark}, "text": {mark}, "note": {mark}, "survivor.name": {mark}, "narrative": {mark}, "description": {mark}, "phone": {mark}, "_password": {mark}, "_code": {mark}, "_key": {mark}}
	for _, r := range s.App.Site.Routes() {
		if r.Page() && r.Method == http.MethodPost && !slices.Contains([]string{"/thoat", "/dang-xuat", "/khoa"}, r.Path) {
			form(pathOf(r.Path, s.ours, s.ours.Case), typed)
		}
	}
	for _, path := range []string{"/ho-so/" + s.ours.Case, "/ho-so/" + s.ours.Case + "/sua", "/phieu/" + s.ours.Referral, "/hom-nay", "/ho-so"} {
		a := s.As(t, "").Get(path, "Cookie", cookie)
		if bytes.Contains(title.Find(a.Body), []byte(mark)) || regexp.MustCompile(`(href|action|src)="[^"]*`+mark).Match(a.Body) {
			t.Errorf("%s: the mark stands in a title or an address", path)
		}
	}
	if read := counsellor.Get("/api/v1/cases/" + s.ours.Case); !bytes.Contains(read.Body, []byte(mark)) {
		t.Fatalf("the marks do not travel at all: %s", read.Body)
	}
	if taken < 30 || len(places) < 15 || n < 100 {
		t.Errorf("only %d bodies with %d marks were taken", taken, n)
	}

	words := spellings(mark)
	for what, w := range secrets {
		if len(w) < 8 {
			t.Errorf("%s is %d letters", what, len(w))
			continue
		}
		words[what] = []byte(w)
		words[what+" in hex"] = []byte(hex.EncodeToString([]byte(w)))
		if bare := strings.NewReplacer("-", "", " ", "").Replace(w); bare != w {
			words[what+" written together"] = []byte(bare)
		}
	}
	for what, w := range secrets { // bytes of what is written as base64 or base32
		if raw, err := base64.RawURLEncoding.DecodeString(w); err == nil && len(raw) == 32 {
			words[what+" as bytes"] = raw
		}
	}
	report := func(where string) func(string, []byte) {
		return func(how string, around []byte) {
			place := ""
			if m := regexp.MustCompile(`(?i)canary[a-z0-9]{26} (\d+)`).FindSubmatch(around); m != nil {
				number, _ := strconv.Atoi(string(m[1]))
				place = whose[number]
			}
			t.Errorf("%s: a mark lies there (%s): %q %s", where, how, around, place)
		}
	}
	super.MustExec(`checkpoint`)
	var dir, oid string
	if err := super.Get(&dir, `show data_directory`); err != nil {
		t.Fatal(err)
	}
	if err := super.Get(&oid, `select oid::text from pg_database where datname = current_database()`); err != nil {
		t.Fatal(err)
	}
	store := s3test.Dir(t)
	total := map[string]int64{}
	control := map[string]bool{}
	for _, root := range []string{filepath.Join(dir, "base", oid), filepath.Join(dir, "pg_wal"), filepath.Join(dir, "global"), filepath.Join(dir, "pg_xact"), filepath.Dir(dir), store} {
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil {
				return nil // the servers tidy while we look
			}
			if e.IsDir() && root == filepath.Dir(dir) && path == dir {
				return filepath.SkipDir // looked at part by part; other tests' databases are theirs
			}
			if !e.Type().IsRegular() || strings.Contains(filepath.Base(path), "secret") || strings.Contains(filepath.Base(path), "password") {
				return nil
			}
			f, err := os.Open(path)
			if err != nil {
				return nil
			}
			defer f.Close()
			total[root] += search(f, words, report(path))
			if _, err := f.Seek(0, io.SeekStart); err == nil && root != store {
				search(f, spellings(open), func(string, []byte) { control[root] = true })
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !control[filepath.Join(dir, "base", oid)] || !control[filepath.Join(dir, "pg_wal")] {
		t.Errorf("what lies openly is not found: %v", control)
	}
	// The key process's folders: ring, ledger, log.
	keys, err := filepath.Glob(filepath.Join(os.TempDir(), "keyd-*"))
	if err != nil || len(keys) == 0 {
		t.Error("no folder of a key process", err)
	}
	for _, k := range keys {
		_ = filepath.WalkDir(k, func(path string, e os.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil
			}
			if raw, err := os.ReadFile(path); err == nil {
				total["keys"] += search(bytes.NewReader(raw), words, report(path))
			}
			return nil
		})
	}
	// A dump, as a backup would hold it.
	if tool, err := pg.Tool(pg.ClusterOptions{Dir: filepath.Dir(dir)}, "pg_dump"); err == nil {
		out, err := exec.CommandContext(t.Context(), tool, "--inserts", "-d", regexp.MustCompile(` ?binary_parameters='[^']*'`).ReplaceAllString(s.DB.DSN(pg.Superuser), "")).Output()
		if err != nil {
			var failed *exec.ExitError
			errors.As(err, &failed)
			t.Errorf("pg_dump: %v %s", err, failed.Stderr)
		}
		total["dump"] = search(bytes.NewReader(out), words, report("the dump"))
		if !bytes.Contains(out, []byte(open)) {
			t.Error("the dump does not hold what lies openly")
		}
	} else {
		t.Error(err)
	}
	// The memory of the database's processes, as a core dump would hold it.
	memory, seen := processes(t, dir, words, []byte(open), report)
	total["memory"] = memory
	if memory > 0 && !seen {
		t.Error("the memory of the database does not hold what it has just read: the search is blind")
	}
	if memory == 0 {
		t.Log("the memory of the database's processes could not be read by this user")
	}
	// The log at its most talkative, and what is counted.
	log := s.Log.String()
	total["log"] = search(strings.NewReader(log), words, report("the log"))
	if !strings.Contains(log, "POST /api/v1/cases") || !strings.Contains(log, "/api/v1/account/password") {
		t.Error("the log holds nothing at all")
	}
	mu.Lock()
	defer mu.Unlock()
	for route := range counted {
		if strings.Contains(route, mark) || strings.Contains(route, s.ours.Case) || len(route) > 100 {
			t.Errorf("counted under %q", route)
		}
	}
	for _, root := range []string{filepath.Join(dir, "base", oid), filepath.Join(dir, "pg_wal"), store, "keys", "dump", "log"} {
		if total[root] == 0 {
			t.Errorf("nothing to read in %s", root)
		}
	}
	// And the search finds a mark in each of its spellings.
	found := map[string]bool{}
	var all bytes.Buffer
	for how, w := range spellings(mark) {
		all.WriteString(strings.Repeat("x", 3000) + how)
		all.Write(w)
	}
	all.WriteString(base64.StdEncoding.EncodeToString([]byte("ab" + mark + "cd")))
	search(&all, words, func(how string, _ []byte) { found[how] = true })
	for how := range spellings(mark) {
		if !found[how] {
			t.Errorf("a mark in %s would not be found", how)
		}
	}
	t.Logf("%d bodies of %d tried were taken, %d marks at %d routes, %d secrets; read: %v", taken, tried, n, len(places), len(secrets), total)
}

// free tells whether a text of the contract is anybody's words rather than a code, a day or an id.
func free(s *openapi3.Schema) bool {
	_, coded := s.Extensions["x-codelist"]
	return s.Type.Includes("string") && !coded && len(s.Enum) == 0 && s.Format == "" && (s.Pattern == "" || strings.Contains(s.Pattern, "0-9]{9")) && (s.MaxLength == nil || *s.MaxLength >= 40)
}

// processes reads what the database's processes have in memory, without the program itself; zero when this user may not.
func processes(t *testing.T, dir string, words map[string][]byte, open []byte, report func(string) func(string, []byte)) (read int64, seen bool) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	shared := false
	for _, link := range all {
		if at, err := os.Readlink(link); err != nil || at != dir {
			continue
		}
		process := filepath.Dir(link)
		maps, err := os.ReadFile(process + "/maps")
		if err != nil {
			continue
		}
		mem, err := os.Open(process + "/mem")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(maps)) {
			f := strings.Fields(line)
			if len(f) < 2 || !strings.HasPrefix(f[1], "rw") || len(f) > 5 && strings.HasPrefix(f[5], "[v") {
				continue
			}
			if f[1] == "rw-s" { // buffers that all of them share: once is enough
				if shared {
					continue
				}
			}
			from, upto, _ := strings.Cut(f[0], "-")
			a, err1 := strconv.ParseInt(from, 16, 64)
			b, err2 := strconv.ParseInt(upto, 16, 64)
			if err1 != nil || err2 != nil {
				continue
			}
			section := io.NewSectionReader(mem, a, b-a)
			words["open"] = open
			read += search(section, words, func(how string, around []byte) {
				if how == "open" {
					seen = true
					return
				}
				report("memory of "+filepath.Base(process))(how, around)
			})
			delete(words, "open")
			shared = shared || f[1] == "rw-s" && b-a > 1<<20
		}
		mem.Close()
	}
	return read, seen
}
