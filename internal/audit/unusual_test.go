package audit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"binhan/internal/audit"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/seal"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// office is where a made-up record is written as the gate writes it.
type office struct{ super *sqlx.DB }

type deed struct {
	at             time.Time
	actor          uuid.UUID
	org            uuid.UUID
	role, act      string
	caseID         uuid.UUID
	classes        string
	refused        bool
	standing, cond string
	device         byte
}

func (o *office) write(t *testing.T, d deed) int64 {
	t.Helper()
	decision, subject := "allowed", any(nil)
	if d.refused {
		decision = "refused"
	}
	if d.caseID != uuid.Nil {
		subject = d.caseID
	}
	var id int64
	err := o.super.Get(&id, `insert into audit.entries (at, actor, organisation, role, act, kind, subject, case_id, classes, decision, standing, condition, device)
		values ($1, $2, $3, $4, $5, 'case', $6, $6, $7, $8, nullif($9, ''), nullif($10, ''), $11) returning id`,
		d.at, d.actor, d.org, d.role, d.act, subject, "{"+d.classes+"}", decision, d.standing, d.cond, []byte{d.device})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) staff(t *testing.T, name, org, role string) (uuid.UUID, uuid.UUID) {
	t.Helper()
	id, orgID := world.UserID(name), world.OrgID(org)
	o.super.MustExec(`insert into auth.users (id, username, name, salt, verifier, argon) values ($1, $2, $3, '\x00', '\x00', 'm=8,t=1,p=1')`, id, name, "Người Thử "+name)
	o.super.MustExec(`insert into auth.memberships (id, user_id, organisation_id, role) values (gen_random_uuid(), $1, $2, $3)`, id, orgID, role)
	return id, orgID
}

const sensitive = "record,identity,narrative"

// TestFiftySnoopingEventsAmongTenThousandAreFoundOnTwentyFourSeeds is threat 7 of the model: on every one of twenty-four made-up provinces at least nine in ten are found,
// with at most twenty alarms on any day. The rules' numbers are not told who snoops, nor which kinds each seed draws: kinds and people differ from seed to seed. They were fixed
// before these seeds were drawn: on seeds 0 to 23 the rule for searches missed two provinces (36 and 37 of 50) and was changed, and nothing was changed after seeds 100 to 123. Names, homes and telephones are drawn as they are spread here (31 in 100 are called Nguyễn), and kin is told by what the ring compares with.
func TestFiftySnoopingEventsAmongTenThousandAreFoundOnTwentyFourSeeds(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	super := h.DB.Open(t, pg.Superuser)
	super.SetMaxOpenConns(1)
	super.MustExec(`set synchronous_commit = off`)
	auditor := h.Actor(t, "thanhtra")
	var recalls, alarms []float64
	found, snooped := map[string]int{}, map[string]int{}
	for i := range uint64(24) {
		seed := 100 + i
		p := drawProvince(t, super, seed)
		got, err := audit.New(h.Gate).Findings(t.Context(), auditor, audit.FindingFilter{From: p.first.Format(time.DateOnly), To: p.first.AddDate(0, 0, days-1).Format(time.DateOnly)})
		if err != nil {
			t.Fatal(err)
		}
		perDay, told := map[string]int{}, map[string]bool{}
		for _, f := range got.Items {
			perDay[f.Day]++
			told[f.Actor.String()+f.Day] = true
		}
		n, most := 0, 0
		for _, d := range p.snooped {
			snooped[d.kind]++
			if told[d.actor.String()+d.at.In(p.first.Location()).Format(time.DateOnly)] {
				n++
				found[d.kind]++
			}
		}
		for _, n := range perDay {
			most = max(most, n)
		}
		t.Logf("seed %2d: %d of %d found, %d normal, %d findings over %d days, at most %d a day", seed, n, len(p.snooped), p.normal, len(got.Items), days, most)
		if len(p.snooped) != 50 || p.normal < 10_000 {
			t.Fatalf("seed %d: %d among %d", seed, len(p.snooped), p.normal)
		}
		if n < 45 {
			t.Errorf("seed %d: only %d of 50 were found", seed, n)
		}
		if most > 20 {
			t.Errorf("seed %d: %d alarms on one day", seed, most)
		}
		recalls, alarms = append(recalls, float64(n)/50), append(alarms, float64(most))
	}
	slices.Sort(recalls)
	slices.Sort(alarms)
	t.Logf("recall: least %.2f, median %.2f, most %.2f; alarms on the worst day: median %.0f, most %.0f", recalls[0], recalls[len(recalls)/2], recalls[len(recalls)-1], alarms[len(alarms)/2], alarms[len(alarms)-1])
	for _, kind := range slices.Sorted(maps.Keys(snooped)) {
		t.Logf("%-28s %3d of %3d", kind, found[kind], snooped[kind])
	}
}

const days = 25

// worker is somebody on the staff.
type worker struct {
	id, org uuid.UUID
	role    string
	device  byte
	card    seal.Card
	cases   []uuid.UUID
}

// snooping is a look that was not work.
type snooping struct {
	deed
	kind string
}

// province is a made-up province at work in twenty-five days of its own.
type province struct {
	first   time.Time
	rng     *rand.Rand
	normal  int
	snooped []snooping
	deeds   []deed
	about   map[uuid.UUID]seal.About
}

// families as they are spread among Kinh people, in a hundred; the rest are others.
var families = []struct {
	name string
	of   int
}{{"Nguyễn", 31}, {"Trần", 11}, {"Lê", 10}, {"Phạm", 7}, {"Hoàng", 5}, {"Phan", 5}, {"Vũ", 4}, {"Đặng", 2}, {"Bùi", 2}, {"Đỗ", 2}, {"Hồ", 1}, {"Ngô", 1}, {"Dương", 1}, {"Đinh", 1}, {"Y", 9}, {"A", 8}}

func (p *province) family() string {
	n := p.rng.IntN(100)
	for _, f := range families {
		if n -= f.of; n < 0 {
			return f.name
		}
	}
	return "Thử"
}

var middles, givens = []string{"Thị", "Thị", "Văn", "Văn", "Hữu", "Đức", "Minh", "Thanh", "Ngọc", "Quang"}, []string{"Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười"}

func pick[T any](p *province, xs []T) T { return xs[p.rng.IntN(len(xs))] }

func (p *province) name() string {
	f := p.family()
	if f == "Y" || f == "A" {
		return f + " " + pick(p, givens) + pick(p, givens)
	}
	return f + " " + pick(p, middles) + " " + pick(p, givens) + pick(p, givens)
}

func (p *province) phone() string { return fmt.Sprintf("09%08d", p.rng.IntN(100_000_000)) }

func (p *province) home() string {
	return fmt.Sprintf("thôn %d, nhà %d", 1+p.rng.IntN(12), 1+p.rng.IntN(200))
}

// open makes a case of a commune, with its people.
func (p *province) open(commune string) uuid.UUID {
	id := uuid.Must(uuid.NewV7())
	p.about[id] = seal.About{Names: []string{p.name(), p.name()}, Phones: []string{p.phone()}, Addresses: []string{p.home()}, Communes: []string{commune}}
	return id
}

func (p *province) at(day, from, to int) time.Time {
	return p.first.AddDate(0, 0, day).Add(time.Duration(from)*time.Hour + time.Duration(p.rng.IntN((to-from)*3600))*time.Second)
}

func (p *province) work(d deed) { p.deeds, p.normal = append(p.deeds, d), p.normal+1 }

func (p *province) snoop(kind string, d deed) {
	p.deeds, p.snooped = append(p.deeds, d), append(p.snooped, snooping{d, kind})
}

// by is a deed of somebody.
func (w worker) by(at time.Time, act string, c uuid.UUID, classes, standing string) deed {
	return deed{at: at, actor: w.id, org: w.org, role: w.role, act: act, caseID: c, classes: classes, standing: standing, device: w.device}
}

func (w worker) refused(at time.Time, act string, c uuid.UUID, condition string) deed {
	d := w.by(at, act, c, "", "")
	d.refused, d.cond = true, condition
	return d
}

// drawProvince writes the record of one province and what the ring says of the pairs in it.
func drawProvince(t *testing.T, super *sqlx.DB, seed uint64) *province {
	t.Helper()
	o := &office{super: super}
	p := &province{first: time.Date(2020, 1, 6, 0, 0, 0, 0, time.FixedZone("", 7*3600)).AddDate(0, 0, 70*int(seed%100)), rng: rand.New(rand.NewPCG(seed, 0x5eed)), about: map[uuid.UUID]seal.About{}}
	const commune = "23377"
	elsewhere := []string{"23293", "23296", "23500", "23302"}
	var counsellors, officers []*worker
	hire := func(i int, kind, org, role, commune string) *worker {
		id, orgID := o.staff(t, fmt.Sprintf("%s%02d.tinh%02d", kind, i, seed), org, role)
		return &worker{id: id, org: orgID, role: role, device: byte(1 + len(counsellors) + len(officers)), card: seal.Card{Name: p.name(), Commune: commune, Address: p.home(), Phone: p.phone()}}
	}
	for i := range 24 {
		w := hire(i, "tv", "ctxh-kontum", "COUNSELLOR", pick(p, elsewhere))
		for range 30 {
			w.cases = append(w.cases, p.open(pick(p, append(elsewhere, commune))))
		}
		counsellors = append(counsellors, w)
	}
	for i := range 16 { // officers live where they serve, half of them
		home := commune
		if i%2 == 0 {
			home = pick(p, elsewhere)
		}
		officers = append(officers, hire(i, "ca", "congan-boy", "POLICE_FOCAL", home))
	}
	boss := hire(0, "gs", "ctxh-kontum", "SUPERVISOR", pick(p, elsewhere))
	boss.device = 99
	for day := range days {
		for _, w := range counsellors {
			for range 6 + p.rng.IntN(6) {
				c, when := pick(p, w.cases), p.at(day, 7, 18)
				if p.rng.IntN(60) == 0 {
					when = p.at(day, 22, 24)
				}
				p.work(w.by(when, "case.read", c, sensitive+",safety", "assigned"))
				if p.rng.IntN(3) > 0 {
					p.work(w.by(when.Add(time.Duration(1+p.rng.IntN(40))*time.Minute), "case.correct", c, sensitive, "assigned"))
				}
			}
			if p.rng.IntN(4) == 0 { // a search that leads to a case
				when := p.at(day, 8, 17)
				p.work(w.by(when, "case.search", uuid.Nil, "identity", "none"))
				p.work(w.by(when.Add(time.Minute), "case.read", w.cases[0], sensitive, "assigned"))
			}
			if p.rng.IntN(30) == 0 { // a mistyped address, a case that went to somebody else
				p.work(w.refused(p.at(day, 8, 17), "case.read", p.open(pick(p, elsewhere)), "no_standing"))
			}
		}
		for _, w := range officers {
			for range 1 + p.rng.IntN(3) { // what was sent: read, taken, read; one in twelve is put off for days
				c, when := p.open(commune), p.at(day, 7, 17)
				if p.rng.IntN(8) == 0 { // on duty at night
					when = p.at(day, 22, 24)
				}
				p.work(w.by(when, "referral.read", c, "envelope", "addressee"))
				if p.rng.IntN(12) > 0 {
					p.work(w.by(when.Add(5*time.Minute), "referral.accept", c, "disclosure", "addressee"))
				}
				p.work(w.by(when.Add(9*time.Minute), "referral.read", c, "disclosure", "referred"))
			}
		}
		for range 6 { // the supervisor reads the plain record of her staff's cases; one day in three she opens one with a reason
			p.work(boss.by(p.at(day, 8, 17), "case.read", pick(p, pick(p, counsellors).cases), "record", "supervisor"))
		}
		if p.rng.IntN(3) == 0 {
			p.work(boss.by(p.at(day, 8, 17), "case.reveal", pick(p, counsellors).cases[0], "identity", "supervisor"))
		}
	}

	// Fifty times somebody looks at what is not her work. What she is to the people of the case is set by hand here; the ring finds it out.
	near := func(w *worker, how string) uuid.UUID {
		c := p.open(w.card.Commune)
		a := p.about[c]
		switch how {
		case "family":
			a.Names[1] = strings.Join(strings.Fields(w.card.Name)[:min(2, len(strings.Fields(w.card.Name))-1)], " ") + " Thân"
		case "home":
			a.Addresses[0] = strings.ToUpper(w.card.Address) + ", xã Thử"
		case "phone":
			a.Phones[0] = "+84 " + strings.TrimPrefix(w.card.Phone, "0")
		}
		p.about[c] = a
		return c
	}
	kinds := []func(n int){
		func(n int) { // one look by day at a case of her kin, her neighbours, her household
			for range n {
				w, how := pick(p, officers), []string{"family", "home", "phone"}[p.rng.IntN(3)]
				p.snoop("kin by "+how, w.by(p.at(p.rng.IntN(days-1), 9, 16), "referral.read", near(w, how), "disclosure", "referred"))
			}
		},
		func(n int) { // tries one door, and is refused: behind it are her people
			for range n {
				w, how := pick(p, counsellors), []string{"home", "phone"}[p.rng.IntN(2)]
				p.snoop("kin, refused", w.refused(p.at(p.rng.IntN(days-1), 9, 16), "case.read", near(w, how), "no_standing"))
			}
		},
		func(n int) { // somebody of the house is in it
			for range n {
				w, c := pick(p, officers), p.open(commune)
				other := pick(p, officers)
				if other == w {
					other = officers[(p.rng.IntN(15)+1+slices.Index(officers, w))%16]
				}
				a := p.about[c]
				a.Phones[0] = other.card.Phone
				p.about[c] = a
				p.snoop("a colleague is in it", w.by(p.at(p.rng.IntN(days-1), 9, 16), "referral.read", c, "disclosure", "referred"))
			}
		},
		func(n int) { // some a day, out of curiosity
			w, day := pick(p, officers), 5+p.rng.IntN(10)
			for i := range n {
				p.snoop("several by day", w.by(p.at(day+i/4, 9, 16), "referral.read", p.open(commune), "disclosure", "referred"))
			}
		},
		func(n int) { // at night
			w := pick(p, officers)
			for i := range n {
				p.snoop("at night", w.by(p.at((3+2*i)%(days-1), 22, 24), "referral.read", p.open(commune), "disclosure", "referred"))
			}
		},
		func(n int) { // many doors
			w, day := pick(p, counsellors), p.rng.IntN(days-1)
			for range n {
				p.snoop("many doors", w.refused(p.at(day, 10, 12), "case.read", p.open(pick(p, elsewhere)), "no_standing"))
			}
		},
		func(n int) { // before a wall
			for range n {
				w, other := pick(p, counsellors), pick(p, counsellors)
				p.snoop("before a wall", w.refused(p.at(p.rng.IntN(days-1), 10, 12), "case.read", other.cases[1], "wall"))
			}
		},
		func(n int) { // a name again and again
			w, day := pick(p, counsellors), p.rng.IntN(days-1)
			for range n {
				p.snoop("a name again and again", w.by(p.at(day, 9, 16), "case.search", uuid.Nil, "identity", "none"))
			}
		},
		func(n int) { // the supervisor opens what she has no reason to, and her people are in it
			for range n {
				p.snoop("supervisor's kin", boss.by(p.at(p.rng.IntN(days-1), 9, 16), "case.reveal", near(boss, "phone"), "identity", "supervisor"))
			}
		},
	}
	// Every seed has every kind, in shares of its own; and two single looks by day that no rule can tell from work that was put off.
	parts := []int{4, 2, 3, 4, 3, 5, 2, 12, 2}
	left := 48
	for _, n := range parts {
		left -= n
	}
	for left > 0 {
		if i := p.rng.IntN(len(parts)); i != 7 {
			parts[i]++
			left--
		}
	}
	for i, n := range parts {
		kinds[i](n)
	}
	for range 2 {
		p.snoop("one look by day, no tie", pick(p, officers).by(p.at(p.rng.IntN(days-1), 9, 16), "referral.read", p.open(commune), "disclosure", "referred"))
	}
	p.write(t, super)

	// What the watch would keep: for whoever looked at what is not hers to hold or was refused there.
	staff := slices.Concat(counsellors, officers, []*worker{boss})
	byID := map[uuid.UUID]*worker{}
	for _, w := range staff {
		byID[w.id] = w
	}
	asked := map[[2]uuid.UUID]bool{}
	for _, d := range p.deeds {
		pair := [2]uuid.UUID{d.actor, d.caseID}
		if d.caseID == uuid.Nil || asked[pair] || !d.refused && (strings.Contains(d.standing, "assigned") || d.act == "referral.accept" || d.classes == "record" || d.classes == "envelope") {
			continue
		}
		asked[pair] = true
		about, w := p.about[d.caseID], byID[d.actor]
		if about.Near(w.card) {
			super.MustExec(`insert into audit.ties (user_id, case_id, code) values ($1, $2, 'tie')`, d.actor, d.caseID)
		}
		if slices.ContainsFunc(staff, func(x *worker) bool { return x.org == w.org && x != w && about.Is(x.card) }) {
			super.MustExec(`insert into audit.ties (user_id, case_id, code) values ($1, $2, 'house')`, d.actor, d.caseID)
		}
	}
	return p
}

// write puts the whole record down in the order of time.
func (p *province) write(t *testing.T, super *sqlx.DB) {
	t.Helper()
	slices.SortStableFunc(p.deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	type line struct {
		At       time.Time  `json:"at"`
		Actor    uuid.UUID  `json:"actor"`
		Org      uuid.UUID  `json:"organisation"`
		Role     string     `json:"role"`
		Act      string     `json:"act"`
		Case     *uuid.UUID `json:"case_id"`
		Classes  []string   `json:"classes"`
		Decision string     `json:"decision"`
		Standing string     `json:"standing"`
		Cond     string     `json:"condition"`
		Device   int        `json:"device"`
	}
	for part := range slices.Chunk(p.deeds, 2000) {
		var lines []line
		for _, d := range part {
			l := line{At: d.at, Actor: d.actor, Org: d.org, Role: d.role, Act: d.act, Classes: []string{}, Decision: "allowed", Standing: d.standing, Cond: d.cond, Device: int(d.device)}
			if d.caseID != uuid.Nil {
				l.Case = &d.caseID
			}
			if d.classes != "" {
				l.Classes = strings.Split(d.classes, ",")
			}
			if d.refused {
				l.Decision = "refused"
			}
			lines = append(lines, l)
		}
		raw, err := json.Marshal(lines)
		if err != nil {
			t.Fatal(err)
		}
		super.MustExec(`insert into audit.entries (at, actor, organisation, role, act, kind, subject, case_id, classes, decision, standing, condition, device)
			select x.at, x.actor, x.organisation, x.role, x.act, 'case', x.case_id, x.case_id, x.classes, x.decision, nullif(x.standing, ''), nullif(x.condition, ''), decode(lpad(to_hex(x.device), 2, '0'), 'hex')
			  from json_to_recordset($1) as x(at timestamptz, actor uuid, organisation uuid, role text, act text, case_id uuid, classes text[], decision text, standing text, condition text, device integer)`, string(raw))
	}
}

// TestEachRuleFindsItsOwnAndNothingOfItsNeighbour gives each rule one deed that it is for and one that is just not.
func TestEachRuleFindsItsOwnAndNothingOfItsNeighbour(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	o := &office{super: h.DB.Open(t, pg.Superuser)}
	o.super.SetMaxOpenConns(1)
	police, org := world.UserID("congan.ngochoi"), world.OrgID("congan-boy")
	other := world.UserID("congan.dakha")
	holder, holderOrg := world.UserID("tuvan.kontum"), world.OrgID("ctxh-kontum")
	zone := time.FixedZone("", 7*3600)
	on := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	new := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	read := func(at time.Time, who uuid.UUID, c uuid.UUID) deed {
		return deed{at, who, org, "POLICE_FOCAL", "referral.read", c, "disclosure", false, "referred", "", 1}
	}
	refused := func(at time.Time, c uuid.UUID, cond string) deed {
		return deed{at, police, org, "POLICE_FOCAL", "case.read", c, "", true, "", cond, 1}
	}
	write := func(ds ...deed) {
		for _, d := range ds {
			o.write(t, d)
		}
	}
	// night: day 1 finds; day 2 does not, for she worked on it; day 3 at five in the morning does not.
	worked := new()
	write(read(on(1, 23, 0), police, new()))
	write(read(on(2, 23, 0), police, worked), deed{on(2, 23, 30), police, org, "POLICE_FOCAL", "referral.report", worked, "", false, "referred", "", 1})
	write(read(on(3, 5, 0), police, new()))
	// no task: two by day find, one does not (day 3 above).
	write(read(on(4, 10, 0), police, new()), read(on(4, 11, 0), police, new()))
	// bulk: fifteen of her own in a day find; for one who does so every day they do not.
	for i := range 15 {
		write(deed{on(5, 9, i), holder, holderOrg, "COUNSELLOR", "case.read", new(), sensitive, false, "assigned", "", 2})
	}
	for i := range 14 {
		write(deed{on(6, 9, i), holder, holderOrg, "COUNSELLOR", "case.read", new(), sensitive, false, "assigned", "", 2})
	}
	// refused: four doors find, three do not.
	for i := range 4 {
		write(refused(on(7, 9, i), new(), "no_standing"))
	}
	for i := range 3 {
		write(refused(on(8, 9, i), new(), "no_standing"))
	}
	// wall: once finds. Budget: once finds. A proof that is too old does not.
	write(refused(on(9, 9, 0), new(), "wall"), refused(on(10, 9, 0), new(), "budget_cases"), refused(on(11, 9, 0), new(), "step_up_required"))
	// search: ten that lead nowhere find; ten that lead somewhere do not.
	for i := range 10 {
		write(deed{on(12, 9, i), holder, holderOrg, "COUNSELLOR", "case.search", uuid.Nil, "identity", false, "none", "", 2})
	}
	for i := range 10 {
		write(deed{on(13, 9, 2*i), holder, holderOrg, "COUNSELLOR", "case.search", uuid.Nil, "identity", false, "none", "", 2},
			deed{on(13, 9, 2*i+1), holder, holderOrg, "COUNSELLOR", "case.read", worked, sensitive, false, "assigned", "", 2})
	}
	// new device: at night on one never used finds; the first device of all does not.
	write(read(on(14, 23, 30), other, worked), deed{on(14, 23, 40), other, org, "POLICE_FOCAL", "referral.report", worked, "", false, "referred", "", 1})
	late := read(on(15, 23, 0), other, worked)
	late.device = 9
	write(late)
	s := audit.New(h.Gate)
	auditor := h.Actor(t, "thanhtra")
	got, err := s.Findings(t.Context(), auditor, audit.FindingFilter{From: "2026-11-01", To: "2026-11-20"})
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range got.Items {
		have = append(have, f.Day[8:]+" "+f.Rule)
	}
	slices.Sort(have)
	want := []string{"01 night", "04 no_task", "05 bulk", "07 refused", "09 wall", "10 budget", "12 search", "15 new_device"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}

	// What came of one is kept, and the newest word counts; nothing of it can be changed.
	var one audit.Finding
	for _, f := range got.Items {
		if f.Rule == "night" {
			one = f
		}
	}
	for _, cmd := range []audit.ReviewCommand{{one.Day, "seen", ""}, {one.Day, "explained", "DUTY"}} {
		if err := s.Review(t.Context(), auditor, one.Key, cmd); err != nil {
			t.Fatal(err)
		}
	}
	after, err := s.Findings(t.Context(), auditor, audit.FindingFilter{From: "2026-11-01", To: "2026-11-20"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range after.Items {
		if f.Key == one.Key && (f.State != "explained" || f.Code != "DUTY" || f.Reviewer != "thanhtra" || f.ReviewedAt == nil) {
			t.Errorf("%+v", f)
		}
	}
	open, err := s.Findings(t.Context(), auditor, audit.FindingFilter{From: "2026-11-01", To: "2026-11-20", State: "open"})
	if err != nil || len(open.Items) != len(after.Items)-1 {
		t.Error(len(open.Items), len(after.Items), err)
	}
	if _, err := o.super.Exec(`update audit.reviews set outcome = 'seen'`); err == nil {
		t.Error("a review was changed")
	}
	for name, c := range map[string]struct {
		key string
		cmd audit.ReviewCommand
		err error
	}{
		"no such finding":      {"00000000000000000000000000000000", audit.ReviewCommand{Day: one.Day, Outcome: "seen"}, fault.NotFound},
		"a finding of no day":  {one.Key, audit.ReviewCommand{Day: "2026-11-02", Outcome: "seen"}, fault.NotFound},
		"no key":               {"x", audit.ReviewCommand{Day: one.Day, Outcome: "seen"}, fault.NotFound},
		"explained by nothing": {one.Key, audit.ReviewCommand{Day: one.Day, Outcome: "explained"}, fault.Invalid},
		"an unknown word":      {one.Key, audit.ReviewCommand{Day: one.Day, Outcome: "forgiven", Code: "X"}, fault.Invalid},
		"no day":               {one.Key, audit.ReviewCommand{Outcome: "seen"}, fault.Invalid},
	} {
		if err := s.Review(t.Context(), auditor, c.key, c.cmd); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Findings(t.Context(), h.Actor(t, "tuvan.kontum"), audit.FindingFilter{}); !errors.Is(err, fault.NotFound) {
		t.Error("a counsellor sees findings:", err)
	}
	if err := s.Review(t.Context(), h.Actor(t, "quantri"), one.Key, audit.ReviewCommand{Day: one.Day, Outcome: "seen"}); !errors.Is(err, fault.NotFound) {
		t.Error("an administrator reviews:", err)
	}
	// Nobody judges her own deeds.
	own := deed{on(16, 23, 0), auditor.User, auditor.Organisation, "AUDITOR", "case.read", new(), sensitive, false, "none", "", 3}
	write(own)
	mine, err := s.Findings(t.Context(), auditor, audit.FindingFilter{From: "2026-11-16", To: "2026-11-16"})
	if err != nil || len(mine.Items) != 1 {
		t.Fatal(mine, err)
	}
	if err := s.Review(t.Context(), auditor, mine.Items[0].Key, audit.ReviewCommand{Day: "2026-11-16", Outcome: "seen"}); !errors.Is(err, fault.NotFound) {
		t.Error("she reviewed herself:", err)
	}
	if err := s.Review(t.Context(), h.Actor(t, "dpo"), mine.Items[0].Key, audit.ReviewCommand{Day: "2026-11-16", Outcome: "seen"}); err != nil {
		t.Error(err)
	}
}
