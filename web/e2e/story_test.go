package e2e

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/survivor"
	"binhan/internal/world"
)

// person is a member of the cast at the real application, in a browser of her own: nothing is shared with the others but the server.
type person struct {
	*tab
	t    *testing.T
	base string
	name string
	seen int
}

func sitDown(t *testing.T, s *apptest.Server, username string, width int64) *person {
	t.Helper()
	ctx, end := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil { // opens her own cookie jar; tabs opened from here share it
		t.Fatal(err)
	}
	p := &person{tab: newTab(t, ctx, 10*time.Minute), t: t, base: strings.Replace(s.URL, "127.0.0.1", "localhost", 1), name: username}
	p.size(t, width, 800)
	p.goTo("/dang-nhap")
	p.fill(map[string]string{"username": username, "password": world.Password})
	p.press(`form[action="/dang-nhap"] .primary`, `location.pathname === '/hom-nay'`)
	p.look("hom-nay", width)
	return p
}

func (p *person) goTo(path string) { p.t.Helper(); p.open(p.t, p.base+path) }

// fill writes answers as a keyboard would leave them; a choice is a value of its name.
func (p *person) fill(answers map[string]string) {
	p.t.Helper()
	raw, err := json.Marshal(answers)
	if err != nil {
		p.t.Fatal(err)
	}
	missing := read[string](p.t, p.tab, `(() => { const missing = [];
		for (const [name, value] of Object.entries(`+string(raw)+`)) {
			const all = [...document.getElementsByName(name)];
			const box = all.find(e => (e.type === 'radio' || e.type === 'checkbox') && e.value === value);
			if (box) { box.checked = true; box.dispatchEvent(new Event('change', {bubbles: true})); continue; }
			const field = all.find(e => e.type !== 'radio' && e.type !== 'checkbox' && e.type !== 'hidden');
			if (!field) { missing.push(name + '=' + value); continue; }
			field.value = value;
			field.dispatchEvent(new Event('input', {bubbles: true}));
			field.dispatchEvent(new Event('change', {bubbles: true}));
			if (field.tagName === 'SELECT' && field.value !== value) missing.push(name + '=' + value);
		}
		return missing.join(', '); })()`)
	if missing != "" {
		p.t.Fatalf("%s: %s: no such answer on the page: %s", p.name, read[string](p.t, p.tab, "location.pathname"), missing)
	}
}

// press clicks what a selector finds and waits until the page has changed as expected.
func (p *person) press(selector, until string) {
	p.t.Helper()
	found := read[bool](p.t, p.tab, `(() => { window.before = true; const e = document.querySelector(`+strconv.Quote(selector)+`); if (e) setTimeout(() => e.click()); return !!e; })()`)
	if !found {
		p.t.Fatalf("%s: nothing to press: %s on %s", p.name, selector, read[string](p.t, p.tab, "location.pathname + ' ' + document.body.innerText.slice(0, 600)"))
	}
	p.arrive(`!window.before && document.readyState === 'complete' && (` + until + `)`)
}

// insist presses a step that cannot be taken back, and confirms it in the words of that step.
func (p *person) insist(selector, until string) {
	p.t.Helper()
	read[bool](p.t, p.tab, `(() => { window.before = true; document.querySelector(`+strconv.Quote(selector)+`).click(); return true; })()`)
	p.arrive(`document.querySelector('#confirm[open]')`)
	p.press(`#confirm .primary, #confirm .danger`, until)
}

// arrive waits for an expression to hold and, when it never does, says what stands on the page instead.
func (p *person) arrive(expression string) {
	p.t.Helper()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for range 1500 {
		if ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && ok {
			return
		}
		<-tick.C
	}
	p.t.Fatalf("%s: never became true: %s\n%s", p.name, expression, read[string](p.t, p.tab, "location.pathname + ' ' + document.body.innerText.slice(0, 1500)"))
}

// look holds a page to what every page promises: no violation, nothing sticking out, a silent console, a title that is a kind and not a person.
func (p *person) look(name string, width int64) {
	p.t.Helper()
	p.seen++
	title := read[string](p.t, p.tab, "document.title")
	if strings.Contains(title, "Thử Nghiệm") || strings.Contains(read[string](p.t, p.tab, "location.href"), "Th%E1%BB%AD") {
		p.t.Errorf("%s: a name in title or address: %q", name, title)
	}
	if out := read[[]string](p.t, p.tab, overflow); len(out) > 0 {
		p.t.Errorf("%s at %d px sticks out: %v", name, width, out)
	}
	read[chromedp.Void](p.t, p.tab, axe)
	var found []violation
	if err := json.Unmarshal([]byte(read[string](p.t, p.tab, violations)), &found); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range found {
		p.t.Errorf("%s: %s: %s\n\t%s", name, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
	if said := p.said(); len(said) > 0 {
		p.t.Errorf("%s: the console said %q", name, said)
	}
	p.shot(p.t, fmt.Sprintf("story-%s-%02d-%s", p.name, p.seen, name), width)
	p.size(p.t, width, 800)
}

func (p *person) text() string {
	p.t.Helper()
	return read[string](p.t, p.tab, "document.body.innerText")
}

func (p *person) source() string {
	p.t.Helper()
	return read[string](p.t, p.tab, "document.documentElement.outerHTML")
}

func (p *person) says(words ...string) {
	p.t.Helper()
	text := p.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s does not read %q on %s", p.name, w, read[string](p.t, p.tab, "location.pathname"))
		}
	}
}

// hides looks at the whole source, not only at what is drawn.
func (p *person) hides(words ...string) {
	p.t.Helper()
	source := p.source()
	for _, w := range words {
		if strings.Contains(source, w) {
			p.t.Errorf("%s has %q on %s", p.name, w, read[string](p.t, p.tab, "location.pathname"))
		}
	}
}

// TestTheWholeStoryInARealBrowser follows one made-up woman's case from the counsellor's telephone to the police's laptop, and a year of cases to the
// statistician's screen, on the real application: its database, its policy, its pages, its script.
func TestTheWholeStoryInARealBrowser(t *testing.T) {
	s := apptest.New(t)
	quiet(t, s)
	t.Cleanup(func() {
		if t.Failed() {
			for l := range strings.Lines(s.Log.String()) {
				if strings.Contains(l, `"level":"ERROR"`) {
					t.Log(l)
				}
			}
		}
	})
	var year casefile.Legacy
	year.Mapping, year.Scope = "truyen", "51"
	for i := range 240 {
		age := 15 + i%60
		year.Cases = append(year.Cases, casefile.LegacyCase{Key: []byte(strconv.Itoa(i)), ReceivedAt: time.Date(2021, time.Month(1+i%12), 1+i%28, 3, 0, 0, 0, time.UTC), Commune: "23377",
			Person: survivor.Person{Sex: "F", Age: &age}, Forms: [][]string{{"PHYSICAL"}, {"PSYCHOLOGICAL"}, {"SEXUAL"}}[i%3], Relationship: "HUSBAND", SexPerp: "M", Channel: "HOTLINE_OTHER"})
	}
	if n, err := s.App.Cases.Import(t.Context(), s.Actor(t, "tuvan.ngochoi"), year); err != nil || n != len(year.Cases) {
		t.Fatal(n, err)
	}

	counsellor := sitDown(t, s, "tuvan.kontum", 360)
	counsellor.goTo("/tiep-nhan/moi")
	counsellor.look("tiep-nhan", 360)
	counsellor.fill(map[string]string{"_safe": "yes", "intake.channel": "IN_PERSON", "intake.reporter": "SELF", "safe_contact.channel": "PHONE", "safe_contact.value": "0900 000 002",
		"safe_contact.hours": "9 giờ đến 11 giờ", "safe_contact.code_word": "hoa dã quỳ", "survivor.name": "Người Thử Nghiệm Một", "survivor.sex": "F", "survivor.age": "34",
		"survivor.commune": "Xã Bờ Y (23377)", "survivor.address": "Thôn Thử, nhà số 0", "incident.description": "Chuyện thử nghiệm.", "incident.relationship": "HUSBAND",
		"narrative": "Lời kể thử nghiệm, một câu."})
	counsellor.press(`main form .primary`, `location.pathname.startsWith('/ho-so/')`)
	counsellor.says("Người Thử Nghiệm Một", "9 giờ đến 11 giờ", "hoa dã quỳ")
	counsellor.hides("Lời kể thử nghiệm")
	counsellor.look("ho-so", 360)
	casePath := read[string](t, counsellor.tab, "location.pathname")
	counsellor.size(t, 1280, 800)
	counsellor.goTo(casePath)
	counsellor.look("ho-so", 1280)

	counsellor.goTo(casePath + "/chuyen-gui/moi?service=SAFETY")
	counsellor.fill(map[string]string{"to": world.OrgID("congan-boy").String(), "priority": "P1", "reason": "Cần bảo vệ đêm nay (thử).", "opinion": "GIVEN", "consent_method": "WRITTEN", "_receiver_read": "yes"})
	counsellor.look("chuyen-gui", 1280)
	counsellor.press(`main form.refer .primary`, `location.pathname.startsWith('/phieu/')`)
	ticket := read[string](t, counsellor.tab, "location.pathname")
	counsellor.look("phieu", 360)

	police := sitDown(t, s, "congan.ngochoi", 1280)
	police.goTo("/chuyen-gui/den")
	police.look("hop-den", 1280)
	police.goTo(ticket)
	police.hides("Thử Nghiệm Một", "0900 000 002", "hoa dã quỳ", "Thôn Thử", "Lời kể", "Cần bảo vệ", strings.TrimPrefix(casePath, "/ho-so/"))
	police.look("phieu-phong-bi", 360)
	police.press(`form[action="`+ticket+`/tiep-nhan"] button`, `document.body.innerText.includes('Thử Nghiệm Một')`)
	police.says("Người Thử Nghiệm Một", "0900 000 002", "hoa dã quỳ", "Cần bảo vệ đêm nay (thử).")
	police.hides("Thôn Thử", "Lời kể thử", "Chuyện thử nghiệm", strings.TrimPrefix(casePath, "/ho-so/"))
	police.look("phieu-da-mo", 360)
	police.goTo(casePath)
	police.hides("Thử Nghiệm")
	police.said() // the browser notes the 404 that we want
	police.look("khong-thay", 1280)

	counsellor.goTo(ticket)
	counsellor.says("Công An Thử Một")
	counsellor.goTo("/chuyen-gui/di")
	counsellor.look("da-gui", 1280)
	counsellor.goTo("/ho-so")
	counsellor.hides("Thử Nghiệm")
	counsellor.look("danh-sach", 360)
	counsellor.fill(map[string]string{"name": "một nguoi thu nghiem"})
	counsellor.press(`form[action="/ho-so/tim"] button`, `location.pathname === '/ho-so/tim'`)
	counsellor.look("tim-thay", 360)

	officer := sitDown(t, s, "thongke.sldtbxh", 1280)
	officer.goTo("/bang-so")
	officer.look("bang-so", 1280)
	officer.fill(map[string]string{"period.from": "2021-01-01", "period.to": "2021-12-31"})
	officer.insist(`form[action="/bang-so"] .primary`, `location.pathname.startsWith('/bang-so/')`)
	release := read[string](t, officer.tab, "location.pathname")
	leader := sitDown(t, s, "lanhdao.sldtbxh", 1280)
	for {
		leader.goTo(release)
		if read[bool](t, leader.tab, `!!document.querySelector('form[action="`+release+`/cong-bo"]')`) {
			break
		}
	}
	leader.look("xem-lai", 1280)
	leader.insist(`form[action="`+release+`/cong-bo"] button`, `document.body.innerText.includes('Đã công bố')`)
	officer.goTo(release + "/area_form")
	officer.says("Huyện Ngọc Hồi")
	officer.look("mot-bang", 1280)
	officer.look("mot-bang", 360)
	for _, path := range []string{casePath, "/ho-so", ticket, "/tiep-nhan/moi"} {
		officer.goTo(path)
		officer.hides("Thử Nghiệm Một")
		if !strings.Contains(officer.text(), "Không") {
			t.Errorf("the statistician at %s reads %.200q", path, officer.text())
		}
	}

	// She leaves in a hurry: the page is covered, the session dead, and Back shows nothing.
	counsellor.goTo(casePath)
	counsellor.press(`#exit button`, `location.pathname !== '`+casePath+`'`)
	counsellor.hides("Thử Nghiệm")
	// Going back either asks the server, which knows no session, or is refused by the browser itself, which kept nothing.
	_ = chromedp.Do(counsellor.ctx, chromedp.NavigateBack())
	counsellor.arrive(`document.readyState === 'complete'`)
	counsellor.hides("Người Thử Nghiệm Một", "hoa dã quỳ")
	if log := s.Log.String(); strings.Contains(log, "Thử Nghiệm") || strings.Contains(log, "0900 000") || strings.Contains(log, "0900000") {
		t.Error("the log knows somebody")
	}
}
