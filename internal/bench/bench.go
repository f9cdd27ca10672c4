// Package bench measures the house against its limits, as ratios in one run on one machine.
//
// The limit of an act is what the machine could do at best: the same statements by pgbench, in the same number of messages, plus an HTTP answer that does
// nothing. Limit and act run in turns, several times; the report gives the median of each with its least and greatest, the load of the machine, versions and
// date, and where each goal stands. Absolute figures are of one machine and one hour; the ratios are what is compared from release to release. All
// traffic stays on the loopback, all data in a folder of its own that is removed in the end.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/casefile"
	"binhan/internal/devstack"
	"binhan/internal/keyd"
	"binhan/internal/pg"
	"binhan/internal/release"
	"binhan/internal/signin"
	"binhan/internal/survivor"
	"binhan/internal/world"
)

// Options say how much is measured.
type Options struct {
	Dir   string        // where the bench may keep its data while it runs
	Out   string        // folder of the report
	Cases int           // cases in the world, 100,000 by default
	Runs  int           // turns, 5 by default
	For   time.Duration // length of a turn
	Only  []string      // the steps to take besides starting and importing; all when empty
	Log   io.Writer

	KeyProgram string // the program of the key process
}

type bench struct {
	o          Options
	cluster    *pg.Cluster
	dir        string
	app        *app.App
	ring       *keyd.Client
	keyProcess *devstack.KeyProcess
	who        access.Actor
	http       *caller
	postmaster int
	started    string // the machine's load at the start
	lines      []line
	notes      []string
	anyCase    []uuid.UUID
}

// line is one row of the report.
type line struct {
	Name   string  `json:"name"`
	C      int     `json:"connections"`
	Limit  float64 `json:"limit_per_s"`
	Ours   float64 `json:"ours_per_s"`
	Ratio  float64 `json:"ratio"`
	Low    float64 `json:"ratio_min"`
	High   float64 `json:"ratio_max"`
	CPU    float64 `json:"cpu_us_per_act"`
	CPULim float64 `json:"cpu_us_limit"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
}

// Run measures everything and writes the report.
func Run(ctx context.Context, o Options) error {
	if o.Cases == 0 {
		o.Cases = 100_000
	}
	if o.Runs == 0 {
		o.Runs = 5
	}
	if o.For == 0 {
		o.For = 2 * time.Second
	}
	b := &bench{o: o, started: load1()}
	defer b.down()
	for i, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"start", b.up}, {"import", func(ctx context.Context) error { return b.fill(ctx, 0, o.Cases) }}, {"round trips", b.trips}, {"keys", b.keyWork}, {"sign-in", b.signIn}, {"authorization", b.authorization}, {"acts", b.acts}, {"crowd", b.crowd}, {"release", b.release}, {"door", b.door}, {"growth", b.growth}, {"record", b.record}, {"size", b.size}} {
		if i > 1 && len(o.Only) > 0 && !slices.Contains(o.Only, step.name) {
			continue
		}
		fmt.Fprintf(o.Log, "bench: %s (load %s)\n", step.name, load1())
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("bench: %s: %w", step.name, err)
		}
	}
	return b.report()
}

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

func (b *bench) up(ctx context.Context) error {
	dir, _, err := pg.StateDir(filepath.Join(b.o.Dir, "bench"))
	if err != nil {
		return err
	}
	b.dir = dir
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if b.cluster, err = pg.Start(ctx, pg.ClusterOptions{Dir: dir}); err != nil {
		return err
	}
	if err := pg.Bootstrap(ctx, b.cluster.DSN(pg.Superuser, "postgres"), "binhan", b.cluster.Secrets()); err != nil {
		return err
	}
	if err := pg.Migrate(ctx, b.cluster.DSN(pg.Migrator, "binhan")); err != nil {
		return err
	}
	db, err := pg.Open(b.cluster.DSN(pg.Superuser, "binhan"))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `set role binhan_owner`); err != nil {
		return err
	}
	if err := world.Seed(ctx, conn, signin.Strong); err != nil {
		return err
	}
	if b.postmaster, err = postmasterOf(dir); err != nil {
		return err
	}
	if err := b.keys(ctx); err != nil {
		return err
	}
	start := time.Now()
	b.app, err = app.New(ctx, app.Options{DSN: func(r pg.Role) string { return b.cluster.DSN(r, "binhan") }, Ring: b.ring, Log: slog.New(slog.DiscardHandler), Size: 4 * runtime.NumCPU()})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: b.app.Site, ReadHeaderTimeout: time.Minute}
	go server.Serve(l)
	b.http = newCaller("http://"+l.Addr().String(), 64)
	in, err := b.http.do("POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": world.Password})
	if err != nil {
		return err
	}
	b.note("ready: wired, listening and first sign-in answered in %s (argon2id included; goal P12 says 0.4 s without it)", time.Since(start).Round(time.Millisecond))
	b.http.token = in["token"].(string)
	s, err := b.app.Gate.Whoami(ctx, signin.HandleOf(b.http.token))
	b.who = s.Actor
	return err
}

func postmasterOf(dir string) (int, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	return strconv.Atoi(first)
}

func (b *bench) down() {
	if b.app != nil {
		b.app.Close()
	}
	if b.keyProcess != nil {
		b.ring.Close()
		b.keyProcess.Stop()
	}
	if b.cluster != nil {
		b.cluster.Stop()
		os.RemoveAll(b.dir)
	}
}

// fill imports the world of cases: coded rows as a register has them, through the door, sealed and recorded.
func (b *bench) fill(ctx context.Context, from, to int) error {
	forms := [][]string{{"PHYSICAL"}, {"PSYCHOLOGICAL"}, {"PHYSICAL", "PSYCHOLOGICAL"}, {"SEXUAL"}, {"ECONOMIC", "PSYCHOLOGICAL"}}
	relations := []string{"HUSBAND", "EX_HUSBAND", "COHAB_PARTNER", "FATHER", "SIBLING", "NEIGHBOUR_FRIEND", "UNKNOWN"}
	areas := []string{"608", "610", "611", "612", "613", "614", "615", "616", "617", "618"}
	const batch = 500
	start := time.Now()
	for n := from; n < to; n += batch {
		in := casefile.Legacy{Mapping: "bench", Scope: "51"}
		for i := n; i < min(n+batch, to); i++ {
			age := 12 + (i*37)%70
			in.Cases = append(in.Cases, casefile.LegacyCase{Key: []byte(strconv.Itoa(i)), ReceivedAt: time.Date(2025, time.Month(1+i%12), 1+i%28, 5, 0, 0, 0, time.UTC),
				Area: areas[(i*7)%10], Person: survivor.Person{Sex: []string{"F", "F", "F", "F", "M"}[i%5], Age: &age}, Forms: forms[(i*13)%5],
				Relationship: relations[(i*11)%7], SexPerp: "M", Channel: "HOTLINE_OTHER"})
		}
		if taken, err := b.app.Cases.Import(ctx, b.who, in); err != nil || taken != len(in.Cases) {
			return errors.Join(err, fmt.Errorf("took %d of %d", taken, len(in.Cases)))
		}
	}
	wall := time.Since(start)
	b.note("import: %d cases through the door, sealed and recorded one by one, in %s: %.0f rows a second", to-from, wall.Round(time.Second), float64(to-from)/wall.Seconds())
	db, err := pg.Open(b.cluster.DSN(pg.Superuser, "binhan"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `vacuum analyze`); err != nil {
		return err
	}
	return db.SelectContext(ctx, &b.anyCase, `select id from cases where code like '%-51-%' order by random() limit 2000`)
}

// people counts the made-up people. Each has a name and a number of her own: were they all one person, every recording would look through all the cases of
// its organisation for one who is known already.
var people atomic.Int64

// nameOf writes a number as syllables, so that names differ as names do.
func nameOf(n int64) string {
	syllables := []string{"an", "bình", "chi", "dung", "hà", "lan", "mai", "nga"}
	var b strings.Builder
	for range 6 {
		b.WriteString(" " + syllables[n%8])
		n /= 8
	}
	return b.String()
}

func body() map[string]any {
	n := people.Add(1)
	return map[string]any{
		"survivor":     map[string]any{"name": "Thử" + nameOf(n), "sex": "F", "birth_year": 1991, "phone": fmt.Sprintf("09%08d", n), "commune": "23377", "address": "Thôn Thử"},
		"safe_contact": map[string]any{"channel": "PHONE", "value": "0900 000 002", "hours": "9-11"},
		"intake":       map[string]any{"channel": "IN_PERSON", "reporter": "SELF"},
		"incident":     map[string]any{"occurred_on": "2026-10", "acts": []string{"A", "B"}, "relationship": "HUSBAND", "description": strings.Repeat("chuyện thử ", 60), "perpetrators": []any{map[string]any{"name": "Kẻ Thử" + nameOf(n*7919), "sex": "M"}}},
		"narrative":    strings.Repeat("lời kể thử ", 80),
		"needs":        []string{"SAFETY"},
	}
}

// trips counts the messages of each act.
func (b *bench) trips(ctx context.Context) error {
	count := func(name string, do func() error) error {
		if err := do(); err != nil { // statements are prepared the first time
			return err
		}
		trips, said, keys := b.app.Gate.RoundTrips(), b.app.Gate.Statements(), b.ring.RoundTrips()
		if err := do(); err != nil {
			return err
		}
		b.note("%s: %d round trips, %d statements, the look at the session, begin and commit included; %d requests to the key process", name, b.app.Gate.RoundTrips()-trips, b.app.Gate.Statements()-said, b.ring.RoundTrips()-keys)
		return nil
	}
	get := func(path string) func() error {
		return func() error { _, err := b.http.do("GET", path, nil); return err }
	}
	one := "/api/v1/cases/" + b.anyCase[0].String()
	return errors.Join(
		count("recording a case", func() error { _, err := b.http.do("POST", "/api/v1/cases", body()); return err }),
		count("opening a case", get(one)),
		count("listing 20", get("/api/v1/cases")),
		count("correcting a case", func() error { return b.correct(ctx, b.anyCase[1]) }),
	)
}

func (b *bench) correct(ctx context.Context, id uuid.UUID) error {
	v, err := b.app.Cases.Read(ctx, b.who, id)
	if err != nil {
		return err
	}
	risk := map[string]string{"HIGH": "LOW"}[v.Risk]
	if risk == "" {
		risk = "HIGH"
	}
	_, err = b.app.Cases.Correct(ctx, b.who, id, v.Version, casefile.PatchOf([]byte(`{"risk":"`+risk+`"}`)))
	return err
}

// authorization measures the whole decision of a request.
func (b *bench) authorization(context.Context) error {
	p := b.app.Gate.Policy()
	held := access.StandingsOf(access.Assigned)
	const n = 2_000_000
	start := time.Now()
	var sum access.ClassSet
	for range n {
		sum ^= p.Opens(b.who.Role, access.ReadCase.Name, held)
	}
	ours := time.Since(start) / n
	const m = 200
	start = time.Now()
	for range m {
		if ok, err := p.Referee(b.who.Role, access.ReadCase.Name, access.Identity, access.Assigned); err != nil || !ok {
			return errors.Join(err, errors.New("the referee disagrees"))
		}
	}
	b.note("authorization: all classes of one request in %d ns from the compiled table; Casbin needs %s for a single question of one class over %d lines (goal P5: at most 5 µs, no database call)",
		ours.Nanoseconds(), (time.Since(start) / m).Round(time.Microsecond), len(p.Lines()))
	_ = sum
	return nil
}

// acts measures each act against its limit, in turns.
func (b *bench) acts(ctx context.Context) error {
	pick := func(w int) uuid.UUID { return b.anyCase[(w*7919+int(time.Now().UnixNano()/1000))%len(b.anyCase)] }
	hello, err := b.hello()
	if err != nil {
		return err
	}
	for _, a := range []struct {
		name, script string
		ours         func(w int) error
	}{
		{"record a case", scriptCreate, func(int) error { _, err := b.http.do("POST", "/api/v1/cases", body()); return err }},
		{"record a case, limit without tokens", strings.NewReplacer(scriptKnown, "", scriptTokens, "").Replace(scriptCreate), func(int) error { _, err := b.http.do("POST", "/api/v1/cases", body()); return err }},
		{"open a case", scriptRead, func(w int) error { _, err := b.http.do("GET", "/api/v1/cases/"+pick(w).String(), nil); return err }},
		{"list 20", scriptList, func(int) error { _, err := b.http.do("GET", "/api/v1/cases", nil); return err }},
	} {
		for _, c := range []int{1, 16} {
			l := line{Name: a.name, C: c}
			var limits, ours, ratios, cpus, cpuLimits, p50s, p99s []float64
			for range b.o.Runs {
				lim, limCPU, err := b.pgbench(ctx, a.script, c)
				if err != nil {
					return err
				}
				r := drive(ctx, c, b.o.For, b.postmaster, a.ours)
				if r.failed > 0 || r.count == 0 {
					return fmt.Errorf("%s: %d failed, %d done: %w", a.name, r.failed, r.count, r.first)
				}
				limits, ours, ratios = append(limits, lim), append(ours, r.perSecond()), append(ratios, r.perSecond()/lim)
				cpus, cpuLimits = append(cpus, us(r.cpu())), append(cpuLimits, us(limCPU)+us(hello))
				p50s, p99s = append(p50s, ms(r.p50)), append(p99s, ms(r.p99))
			}
			l.Limit, l.Ours, l.Ratio, l.Low, l.High = median(limits), median(ours), median(ratios), slices.Min(ratios), slices.Max(ratios)
			l.CPU, l.CPULim, l.P50, l.P99 = median(cpus), median(cpuLimits), median(p50s), median(p99s)
			b.lines = append(b.lines, l)
			fmt.Fprintf(b.o.Log, "  %-14s c=%-2d limit %7.0f/s ours %7.0f/s ratio %.2f cpu %.0f µs against %.0f\n", l.Name, c, l.Limit, l.Ours, l.Ratio, l.CPU, l.CPULim)
		}
	}
	return nil
}

// crowd measures what sixty-four people at once wait.
func (b *bench) crowd(ctx context.Context) error {
	for name, work := range b.plain() {
		r := drive(ctx, 64, 2*b.o.For, b.postmaster, work)
		if r.failed > 0 || r.count == 0 {
			return fmt.Errorf("%s at 64: %d failed, %d done: %w", name, r.failed, r.count, r.first)
		}
		b.note("%s by 64 at once: %.0f a second, p50 %.1f ms, p99 %.1f ms, p99 is %.1f times p50 (goal P4: at most 5)", name, r.perSecond(), ms(r.p50), ms(r.p99), ms(r.p99)/ms(r.p50))
	}
	return nil
}

// plain are the acts without their limits.
func (b *bench) plain() map[string]func(int) error {
	return map[string]func(int) error{
		"record a case": func(int) error { _, err := b.http.do("POST", "/api/v1/cases", body()); return err },
		"open a case": func(w int) error {
			_, err := b.http.do("GET", "/api/v1/cases/"+b.anyCase[(w*7919+int(time.Now().UnixNano()/1000))%len(b.anyCase)].String(), nil)
			return err
		},
		"list 20": func(int) error { _, err := b.http.do("GET", "/api/v1/cases", nil); return err },
	}
}

// growth doubles the world and measures what that changes, and whether a page deep in the list costs more than the first.
func (b *bench) growth(ctx context.Context) error {
	measure := func() (map[string]float64, error) {
		out := map[string]float64{}
		for name, work := range b.plain() {
			r := drive(ctx, 1, b.o.For, b.postmaster, work)
			if r.failed > 0 || r.count == 0 {
				return nil, fmt.Errorf("%s: %d failed: %w", name, r.failed, r.first)
			}
			out[name] = ms(r.p50)
		}
		return out, nil
	}
	before, err := measure()
	if err != nil {
		return err
	}
	if err := b.fill(ctx, b.o.Cases, 2*b.o.Cases); err != nil {
		return err
	}
	after, err := measure()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		b.note("%s, p50 at %d and at %d cases: %.2f and %.2f ms, ratio %.2f (goal P14: at most 1.10 from 1 M to 2 M)", name, b.o.Cases, 2*b.o.Cases, before[name], after[name], after[name]/before[name])
	}
	cursor, first := "", 0.0
	for page := range 41 {
		start := time.Now()
		p, err := b.http.do("GET", "/api/v1/cases?limit=100&cursor="+cursor, nil)
		if err != nil {
			return err
		}
		took := ms(time.Since(start))
		next, _ := p["next"].(string)
		switch {
		case page == 1: // the first with a cursor, as the others
			first = took
		case page == 40 || next == "":
			b.note("page %d of 100 took %.2f ms, page 2 took %.2f: ratio %.2f (goal P7: at most 1.3 at any depth)", page+1, took, first, took/first)
		}
		if cursor = next; next == "" {
			break
		}
	}
	return nil
}

// hello is the CPU of an HTTP answer that does nothing, server and client.
func (b *bench) hello() (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"hello":"world"}`) }), ReadHeaderTimeout: time.Minute}
	go server.Serve(l)
	defer server.Close()
	c := newCaller("http://"+l.Addr().String(), 16)
	r := drive(context.Background(), 4, b.o.For, 0, func(int) error { _, err := c.do("GET", "/", nil); return err })
	b.note("an HTTP answer that does nothing: %.0f a second, %.0f µs of CPU with its client", r.perSecond(), us(r.cpu()))
	return r.cpu(), nil
}

// pgbench runs the statements of an act as the app role, in as many messages as the act sends.
func (b *bench) pgbench(ctx context.Context, script string, c int) (perSecond float64, cpu time.Duration, err error) {
	handle := string(signin.NewHandle())
	admin, err := pg.Open(b.cluster.DSN(pg.Superuser, "binhan"))
	if err != nil {
		return 0, 0, err
	}
	defer admin.Close()
	if _, err := admin.ExecContext(ctx, `select auth.command_session('tuvan.kontum', $1, 1)`, handle); err != nil {
		return 0, 0, err
	}
	if _, err := admin.ExecContext(ctx, `create table if not exists public.bench_ids as select id, row_number() over () as n from (select id from cases order by random() limit 2000) x`); err != nil {
		return 0, 0, err
	}
	if _, err := admin.ExecContext(ctx, `create unique index if not exists bench_ids_n on public.bench_ids (n); grant select on public.bench_ids to binhan_app`); err != nil {
		return 0, 0, err
	}
	var ids int // as many as there are: a small run has fewer
	if err := admin.GetContext(ctx, &ids, `select count(*) from public.bench_ids`); err != nil {
		return 0, 0, err
	}
	file := filepath.Join(b.dir, "script.sql")
	text := strings.NewReplacer("{handle}", handle, "{user}", b.who.User.String(), "{org}", b.who.Organisation.String(), "{ids}", strconv.Itoa(ids)).Replace(script)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return 0, 0, err
	}
	a := b.cluster.Address(pg.App, "binhan")
	cmd := exec.CommandContext(ctx, pgbenchPath(), "-n", "-M", "simple", "-f", file, "-c", strconv.Itoa(c), "-j", strconv.Itoa(min(c, 2)), "-T", strconv.Itoa(max(1, int(b.o.For.Seconds()))), "-h", a.Host, "-p", fmt.Sprint(a.Port), "-U", a.User, a.Database)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+a.Password)
	before := treeCPU(b.postmaster)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	cpu = treeCPU(b.postmaster) - before
	var done float64
	for l := range strings.SplitSeq(string(out), "\n") {
		if rest, ok := strings.CutPrefix(l, "tps = "); ok {
			perSecond, _ = strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
		if rest, ok := strings.CutPrefix(l, "number of transactions actually processed: "); ok {
			done, _ = strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
	}
	if perSecond == 0 || done == 0 {
		return 0, 0, fmt.Errorf("pgbench said nothing: %s", out)
	}
	return perSecond, time.Duration(float64(cpu) / done), nil
}

func pgbenchPath() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) > 0 {
		return found[len(found)-1]
	}
	return "pgbench"
}

// release draws the cube of the whole world of cases.
func (b *bench) release(ctx context.Context) error {
	_, s, err := b.app.SignIn.In(ctx, "thongke.sldtbxh", world.Password, signin.Token, "bench")
	if err != nil {
		return err
	}
	db, err := pg.Open(b.cluster.DSN(pg.Superuser, "binhan"))
	if err != nil {
		return err
	}
	defer db.Close()
	start := time.Now()
	if _, err := db.ExecContext(ctx, `select area, form, sex, age, count(*) from stats.facts group by 1, 2, 3, 4`); err != nil {
		return err
	}
	raw := time.Since(start)
	start = time.Now()
	rel := release.New(b.app.Gate, func(string) []string { return nil })
	r, err := rel.Prepare(ctx, s.Actor, release.PrepareCommand{Scope: "51", Period: release.Period{From: "2025-01-01", To: "2025-12-31"}, Plan: "large"})
	if err != nil {
		return err
	}
	wall := time.Since(start)
	b.note("release of %d cases: budget reserved, facts frozen, drawn, fitted and stored in %s, %.1f times a raw GROUP BY of four dimensions (%s); state %s", b.o.Cases, wall.Round(time.Millisecond),
		wall.Seconds()/raw.Seconds(), raw.Round(time.Millisecond), r.State)
	return nil
}

func (b *bench) size(context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	info, err := os.Stat(self)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	rss := "?"
	for l := range strings.SplitSeq(string(raw), "\n") {
		if rest, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			rss = strings.TrimSpace(rest)
		}
	}
	b.note("binary %.1f MB (goal P12: 45, stripped by make release); resident memory after the run, load generator included: %s", float64(info.Size())/1e6, rss)
	return nil
}

func (b *bench) report() error {
	now := time.Now()
	var w strings.Builder
	commit := "?"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value[:12]
			}
		}
	}
	if out, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output(); err == nil && commit == "?" {
		commit = strings.TrimSpace(string(out)) // make builds without the stamp
	}
	version := "?"
	if out, err := exec.Command(pgbenchPath(), "--version").Output(); err == nil {
		version = strings.TrimSpace(string(out))
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	fmt.Fprintf(&w, "# Measured on %s\n\nMachine: %d cores, Linux %s, load %s at the start, %s at the end. %s, %s, commit %s. %d cases, %d turns of %s, limit and act in turn; medians, ratios with least and greatest.\nServer, load generator and database share the cores; CPU is server + generator + key process + PostgreSQL.\n\n",
		now.Format(time.DateOnly), runtime.NumCPU(), strings.TrimSpace(string(kernel)), b.started, load1(), runtime.Version(), version, commit, b.o.Cases, b.o.Runs, b.o.For)
	w.WriteString("| act | c | limit/s (pgbench, same statements) | ours/s (HTTP) | ratio | CPU µs | limit CPU µs | P0 (goal 1.3) | p50 ms | p99 ms | goal |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	goals := map[string]map[int]float64{"record a case": {1: 0.50, 16: 0.85}, "record a case, limit without tokens": {1: 0.50, 16: 0.85}, "open a case": {1: 0.30, 16: 0.30}, "list 20": {1: 0.25, 16: 0.25}}
	for _, l := range b.lines {
		goal := goals[l.Name][l.C]
		stand := "missed"
		if l.Ratio >= goal {
			stand = "met"
		}
		fmt.Fprintf(&w, "| %s | %d | %.0f | %.0f | %.2f (%.2f–%.2f) | %.0f | %.0f | %.2f | %.2f | %.2f | %.2f %s |\n", l.Name, l.C, l.Limit, l.Ours, l.Ratio, l.Low, l.High, l.CPU, l.CPULim, l.CPU/l.CPULim, l.P50, l.P99, goal, stand)
	}
	w.WriteString("\n")
	for _, n := range b.notes {
		w.WriteString("- " + n + "\n")
	}
	if err := os.MkdirAll(b.o.Out, 0o755); err != nil {
		return err
	}
	path := filepath.Join(b.o.Out, now.Format(time.DateOnly)+".md")
	for again := 'b'; exists(path) && again <= 'z'; again++ { // the second of a day stands beside the first
		path = filepath.Join(b.o.Out, now.Format(time.DateOnly)+string(again)+".md")
	}
	if err := os.WriteFile(path, []byte(w.String()), 0o644); err != nil {
		return err
	}
	var j strings.Builder
	for _, l := range b.lines {
		raw, err := json.Marshal(l)
		if err != nil {
			return err
		}
		j.Write(append(raw, '\n'))
	}
	if err := os.WriteFile(strings.TrimSuffix(path, ".md")+".jsonl", []byte(j.String()), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(b.o.Log, "bench: wrote", path)
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func median(xs []float64) float64 {
	s := slices.Clone(xs)
	slices.Sort(s)
	return s[len(s)/2]
}
