// Package archtest holds the house to its plan: who may import whom, who alone may touch an outside library, and that nothing was forgotten when an
// act, a route or a column was added. Its tests fail when somebody forgets, which is what they are for.
package archtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/pgtest"
	"binhan/internal/signin"
	"binhan/policies"
)

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	GoFiles         []string
}

var packages = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "binhan/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []pkg
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

func each(t *testing.T, fn func(pkg)) {
	t.Helper()
	all, err := packages()
	if err != nil || len(all) < 20 {
		t.Fatal(len(all), err)
	}
	for _, p := range all {
		fn(p)
	}
}

// alone lists the outside libraries that only some packages may import, and why.
var alone = map[string]struct {
	who []string
	why string
}{
	"database/sql":                              {[]string{"gate", "pg", "pgtest", "world", "release/reltest", "audit/proof"}, "every look at a case goes through the door"},
	"github.com/jmoiron/sqlx":                   {[]string{"gate", "pg", "pgtest", "world/house", "app", "release/reltest", "audit/proof", "audit/watch"}, "every look at a case goes through the door"},
	"github.com/lib/pq":                         {[]string{"gate", "pg", "pgtest", "audit/proof"}, "every look at a case goes through the door"},
	"github.com/casbin/casbin/v2":               {[]string{"access"}, "the policy has one reader"},
	"github.com/gin-gonic/gin":                  {[]string{"site"}, "the surface has one maker"},
	"github.com/minio/minio-go/v7":              {[]string{"evidence"}, "bytes have one vault"},
	"golang.org/x/mod/sumdb/tlog":               {[]string{"audit/proof"}, "the record of acts has one tree"},
	"golang.org/x/mod/sumdb/note":               {[]string{"audit/proof", "seal/sealtest"}, "the record of acts has one tree"},
	"math/rand":                                 {nil, "chance that can be guessed protects nobody"},
	"github.com/pressly/goose/v3":               {[]string{"pg"}, "the schema has one mover"},
	"github.com/xuri/excelize/v2":               {[]string{"intake", "paper", "release", "campaign"}, "workbooks are read and written at their doors"},
	"codeberg.org/go-pdf/fpdf":                  {[]string{"paper"}, "documents are set in one place"},
	"github.com/go-webauthn/webauthn/webauthn":  {[]string{"signin"}, "who somebody is has one judge"},
	"github.com/go-webauthn/webauthn/protocol":  {[]string{"signin"}, "who somebody is has one judge"},
	"github.com/pquerna/otp":                    {[]string{"signin"}, "who somebody is has one judge"},
	"github.com/pquerna/otp/hotp":               {[]string{"signin"}, "who somebody is has one judge"},
	"github.com/coreos/go-oidc/v3/oidc":         {[]string{"signin"}, "who somebody is has one judge"},
	"golang.org/x/oauth2":                       {[]string{"signin"}, "who somebody is has one judge"},
	"github.com/zitadel/oidc/v3/pkg/op":         {[]string{"signin/idptest"}, "we are nobody's identity provider: tests alone run one"},
	"github.com/zitadel/oidc/v3/pkg/oidc":       {[]string{"signin/idptest"}, "we are nobody's identity provider: tests alone run one"},
	"golang.org/x/crypto/argon2":                {[]string{"signin"}, "passwords have one judge"},
	"crypto/cipher":                             {[]string{"seal"}, "keys stay in one place"},
	"github.com/cloudflare/circl/secretsharing": {[]string{"keyd"}, "the root key is parted in one place"},
	"github.com/openbao/openbao/api/v2":         {[]string{"keyd"}, "keys stay in one place"},
	"github.com/miekg/pkcs11":                   {[]string{"keyd"}, "keys stay in one place"},
	"filippo.io/age":                            {[]string{"evidence", "seal", "rights"}, "keys stay in one place"},
	"github.com/getkin/kin-openapi/openapi3":    {[]string{"app/apptest"}, "the contract is held by tests alone"},
}

func TestAnOutsideLibraryHasItsImportersOnly(t *testing.T) {
	t.Parallel()
	each(t, func(p pkg) {
		name := strings.TrimPrefix(p.ImportPath, "binhan/internal/")
		for _, imported := range p.Imports {
			rule, ruled := alone[imported]
			if imported == "math/rand/v2" {
				rule, ruled = alone["math/rand"], true
			}
			if ruled && !slices.Contains(rule.who, name) && !strings.HasPrefix(p.ImportPath, "binhan/cmd/") {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, rule.why)
			}
		}
	})
}

// order is the field, lowest first: a slice may import those before it, never those after it.
var order = []string{"codelist", "directory", "survivor", "consent", "casefile", "evidence", "referral", "rights", "intake", "release", "campaign"}

// ground may not know the field at all, but for the code lists.
var ground = []string{"access", "audit", "gate", "seal", "fault", "outbox", "i18n", "config", "pg", "signin", "keyd", "chain", "paper"}

func TestTheFieldIsOrdered(t *testing.T) {
	t.Parallel()
	each(t, func(p pkg) {
		name, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, "binhan/internal/"), "/")
		mine := slices.Index(order, name)
		for _, imported := range p.Imports {
			other, _, _ := strings.Cut(strings.TrimPrefix(imported, "binhan/internal/"), "/")
			theirs := slices.Index(order, other)
			if !strings.HasPrefix(imported, "binhan/") || theirs < 0 {
				continue
			}
			if mine >= 0 && theirs > mine {
				t.Errorf("%s imports %s, which stands after it", name, other)
			}
			if slices.Contains(ground, name) && other != "codelist" {
				t.Errorf("the ground (%s) imports the field (%s)", name, other)
			}
		}
	})
}

// TestTheCampaignKnowsNoCase: whoever counts leaflets must not be able to count women. Figures of cases come through release, which sees no case either.
func TestTheCampaignKnowsNoCase(t *testing.T) {
	t.Parallel()
	each(t, func(p pkg) {
		if name, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, "binhan/internal/"), "/"); name != "campaign" {
			return
		}
		for _, imported := range p.Imports {
			switch strings.TrimPrefix(imported, "binhan/internal/") {
			case "survivor", "consent", "casefile", "evidence", "referral", "rights", "intake", "seal":
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	})
}

func TestNothingOfTheProgramImportsTheTestGround(t *testing.T) {
	t.Parallel()
	each(t, func(p pkg) {
		switch strings.TrimPrefix(p.ImportPath, "binhan/internal/") {
		case "pgtest", "s3test", "testshare", "world/house", "app/apptest", "seal/sealtest", "keyd/keydtest", "release/reltest", "signin/idptest":
			return
		}
		for _, imported := range p.Imports {
			if imported == "testing" || strings.HasSuffix(imported, "/pgtest") || strings.HasSuffix(imported, "/house") || strings.HasSuffix(imported, "/apptest") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	})
}

// TestTheWayToAnIdentityProviderIsTheOnlyOneOut walks what a house with a provider has beyond the usual.
func TestTheWayToAnIdentityProviderIsTheOnlyOneOut(t *testing.T) {
	t.Parallel()
	usual := map[string]bool{}
	for _, r := range apptest.New(t).App.Site.Routes() {
		usual[r.Method+" "+r.Path] = true
		if r.Away {
			t.Errorf("%s %s may lead elsewhere, and there is no provider", r.Method, r.Path)
		}
	}
	s := apptest.With(t, func(o *app.Options) {
		o.SignIn.Provider = &signin.Provider{Issuer: "https://dangnhap.example.vn", ClientID: "binhan", Name: "Cổng thử"}
	})
	got := map[string]string{}
	for _, r := range s.App.Site.Routes() {
		line := r.Method + " " + r.Path
		if usual[line] {
			continue
		}
		switch {
		case r.Act.Name != "":
			got[line] = r.Act.Name
		case r.Bare:
			got[line] = "bare"
		case r.Public:
			got[line] = "public"
		case r.Anyone:
			got[line] = "anyone"
		}
		if r.Away {
			got[line] += ", away"
		}
	}
	want := map[string]string{
		"POST /oidc/di": "public, away", "GET /oidc/ve": "public", "GET /oidc/ma": "public", "POST /oidc/ma": "public", "GET /oidc/ra": "public", "POST /oidc/ra": "public, away",
		"GET /oidc/xac-nhan": "anyone", "POST /oidc/xac-nhan": "anyone, away", "GET /oidc/xong": "anyone", "POST /oidc/dang-xuat": "bare",
		"POST /tai-khoan/nha-cung-cap": "account.secure, away", "GET /tai-khoan/nha-cung-cap/noi": "account.read", "POST /tai-khoan/nha-cung-cap/noi": "account.secure",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryRouteDeclaresItsActOrIsOnTheShortList(t *testing.T) {
	t.Parallel()
	// What needs nobody's session, and what needs any session: short on purpose. The two boxes of referrals choose their act by a parameter.
	public := []string{
		"POST /api/v1/sessions", "POST /api/v1/account/setup", "POST /dang-nhap/khoa", "GET /thiet-lap", "POST /thiet-lap", "GET /api/v1/openapi.yaml", "GET /", "GET /dang-nhap", "POST /dang-nhap", "POST /ngon-ngu", "POST /co-chu", "POST /thoat", "GET /thoat", "POST /dang-xuat", "POST /mo-khoa", "GET /tro-giup", "POST /bao-loi", "GET /so-lieu", "GET /so-lieu/catalog.jsonld", "GET /so-lieu/:id", "GET /so-lieu/:id/:table", "GET /so-lieu/:id/:table/o",
	}
	anyone := []string{"GET /api/v1/sessions/current", "DELETE /api/v1/sessions/current", "GET /api/v1/referrals", "GET /khoa", "POST /khoa", "GET /hom-nay", "GET /nhip", "POST /api/v1/sessions/current/proof", "GET /xac-nhan", "POST /xac-nhan", "POST /xac-nhan/khoa"}
	s := apptest.New(t)
	seen := map[string]bool{}
	for _, r := range s.App.Site.Routes() {
		line := r.Method + " " + r.Path
		if seen[line] {
			t.Errorf("%s stands twice", line)
		}
		seen[line] = true
		asset := r.Method == "GET" && r.Public && (strings.HasPrefix(r.Path, "/tinh/") || strings.HasPrefix(r.Path, "/assets/") || strings.HasPrefix(r.Path, "/static/"))
		switch {
		case r.Act.Name != "" && !r.Public && !r.Anyone:
			if !slices.Contains(access.Acts, r.Act) {
				t.Errorf("%s: act %s is not in the list of acts", line, r.Act)
			}
		case r.Public && (slices.Contains(public, line) || asset):
		case r.Anyone && slices.Contains(anyone, line):
		default:
			t.Errorf("%s declares no act and is not on the short list", line)
		}
	}
	used := map[string]bool{}
	for _, r := range s.App.Site.Routes() {
		used[r.Act.Name] = true
	}
	unreachable := []string{"case.import", "case.look_up", "case.index", "referral.list_in", "referral.list_out", "release.check",
		"release.plan.propose", "release.plan.approve"} // plans are files: `binhan release plan`
	for _, a := range access.Acts {
		if !used[a.Name] && !slices.Contains(unreachable, a.Name) {
			t.Errorf("act %s has no route", a)
		}
	}
}

func TestEveryColumnHasAClass(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t).Open(t, pg.Superuser)
	var columns []struct {
		Table   string  `db:"tab"`
		Column  string  `db:"col"`
		Type    string  `db:"typ"`
		Comment *string `db:"comment"`
	}
	err := db.Select(&columns, `select c.relnamespace::regnamespace || '.' || c.relname as tab, a.attname as col, a.atttypid::regtype::text as typ, col_description(c.oid, a.attnum) as comment
		  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		 where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('public', 'auth', 'audit', 'stats', 'rights', 'keys', 'campaign') and c.relname not like 'goose%'
		   and not exists (select 1 from pg_inherits i where i.inhrelid = c.oid)
		 order by 1, a.attnum`)
	if err != nil || len(columns) < 100 {
		t.Fatal(len(columns), err)
	}
	class := regexp.MustCompile(`^(secret|personal|operational|public): .`)
	for _, c := range columns {
		if c.Comment == nil || !class.MatchString(*c.Comment) {
			t.Errorf("%s.%s has no class", c.Table, c.Column)
		} else if c.Type == "bytea" && !strings.HasPrefix(*c.Comment, "secret: ") && !slices.Contains([]string{"audit.entries.session", "public.idempotency.body", "public.import_rows.token", "stats.facts.fact_ref"}, c.Table+"."+c.Column) &&
			!strings.HasPrefix(c.Table, "stats.") {
			t.Errorf("%s.%s holds bytes and is not secret", c.Table, c.Column)
		}
	}
}

// TestEveryCaseTableStandsBehindBothWalls: row-level security that binds the owner too, and the trigger that refuses an unrecorded change.
func TestEveryCaseTableStandsBehindBothWalls(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t).Open(t, pg.Superuser)
	var tables []struct {
		Name      string `db:"name"`
		Secure    bool   `db:"relrowsecurity"`
		Forced    bool   `db:"relforcerowsecurity"`
		Triggered bool   `db:"triggered"`
	}
	err := db.Select(&tables, `select c.relname as name, c.relrowsecurity, c.relforcerowsecurity,
		       exists (select 1 from pg_trigger g where g.tgrelid = c.oid and g.tgfoid = 'audit.must_be_recorded'::regproc and g.tgdeferrable) as triggered
		  from pg_class c
		 where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
		   and (c.relname = 'cases' or exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'case_id' and not a.attisdropped))`)
	if err != nil || len(tables) < 12 {
		t.Fatal(len(tables), err)
	}
	for _, x := range tables {
		if !x.Secure || !x.Forced || !x.Triggered {
			t.Errorf("%s: secured %v, forced %v, triggered %v", x.Name, x.Secure, x.Forced, x.Triggered)
		}
	}
}

func TestEveryConstraintIsNamedForItsRuleOrItsTable(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t).Open(t, pg.Superuser)
	var loose []string
	err := db.Select(&loose, `select conrelid::regclass || ' ' || conname from pg_constraint
		 where contype in ('c', 'x') and conname ~ '(_check[0-9]*|_excl[0-9]*)$' and connamespace::regnamespace::text in ('public', 'auth', 'audit', 'stats', 'rights', 'keys', 'campaign')`)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range loose {
		t.Errorf("constraint without a rule in its name: %s", name)
	}
}

// TestTheStatisticiansRoleCannotSeeACase asks the catalogue, not a query that happens to fail.
func TestTheStatisticiansRoleCannotSeeACase(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t).Open(t, pg.Superuser)
	var visible []string
	err := db.Select(&visible, `select r.role || ' ' || c.oid::regclass
		  from pg_class c cross join (values ('binhan_statistics'), ('binhan_releaser'), ('binhan_auditor')) r(role)
		 where c.relkind in ('r', 'v', 'm', 'p') and c.relnamespace::regnamespace::text in ('public', 'auth', 'standing')
		   and (has_table_privilege(r.role, c.oid, 'select') or has_any_column_privilege(r.role, c.oid, 'select'))`)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range visible {
		t.Errorf("may select: %s", v)
	}
	var facts bool
	if err := db.Get(&facts, `select has_any_column_privilege('binhan_statistics', 'stats.facts', 'select') or has_any_column_privilege('binhan_app', 'stats.facts', 'select')`); err != nil || facts {
		t.Error("facts are readable by statistics or app", err)
	}
}

var golden = filepath.Join("..", "..", "policies", "matrix.golden.csv")

// TestTheMatrixIsTheOneThatWasRead compares the whole answer with the file that a lawyer has read. `make golden` writes it anew.
func TestTheMatrixIsTheOneThatWasRead(t *testing.T) {
	t.Parallel()
	p, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	matrix := p.Matrix()
	if os.Getenv("BINHAN_TEST_GOLDEN") == "write" {
		if err := os.WriteFile(golden, []byte(matrix), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != matrix {
		t.Error("the policy changed and nobody has read the new matrix: run make golden and read the difference")
	}
}

// TestNoFileNamesAMachineOrARegistry keeps the tree independent of where it was written.
func TestNoFileNamesAMachineOrARegistry(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("git", "-C", filepath.Join("..", ".."), "ls-files", "-z").Output()
	if err != nil {
		t.Fatal("this test reads the checkout through git: ", err)
	}
	bad := regexp.MustCompile(`(^|[^a-zA-Z0-9_./-])/(wo` + `rk|fa` + `rm)/[a-z]|proxy\.gol` + `ang\.org|registry\.np` + `mjs\.org|deb\.deb` + `ian\.org`)
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		f, err := os.Open(filepath.Join("..", "..", name))
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(make([]byte, 1<<20), 64<<20)
		for n := 1; lines.Scan(); n++ {
			if filepath.Base(name) != "go.sum" && bad.Match(lines.Bytes()) {
				t.Errorf("%s:%d names a machine or a registry", name, n)
			}
		}
		f.Close()
	}
}
