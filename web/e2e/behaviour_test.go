package e2e

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/web"
)

const minute = time.Minute

func TestAxeSeesAFieldWithoutLabel(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/session/sign-in")
	read[chromedp.Void](t, b, `document.querySelector('label').remove()`)
	read[chromedp.Void](t, b, axe)
	var found []violation
	if err := json.Unmarshal([]byte(read[string](t, b, violations)), &found); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(found, func(v violation) bool { return v.ID == "label" }) {
		t.Errorf("axe found %v", found)
	}
}

// key presses and releases one key.
func (b *tab) key(t *testing.T, name, code string, modifiers int64) {
	t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		m := modifiers
		if kind == input.DispatchKeyEventTypeKeyUp {
			m &^= 8
		}
		call(t, b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Code: code, Modifiers: m})
	}
}

func (b *tab) shift(t *testing.T) { t.Helper(); b.key(t, "Shift", "ShiftLeft", 8) }

func TestQuickExitButtonLeavesNothingToGoBackTo(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/today/list")
	b.open(t, s.URL+"/gallery/vi/casefile/case")
	before := read[int](t, b, "history.length")
	b.do(t, chromedp.Click(chromedp.CSS("#exit button")))
	b.until(t, `location.pathname.endsWith('/session/neutral') && document.title === 'Lịch'`)
	if after := read[int](t, b, "history.length"); after != before {
		t.Errorf("history grew from %d to %d: the page was not replaced", before, after)
	}
	if got := s.posted(); !slices.Contains(got, "/thoat") {
		t.Errorf("the session was not ended: posted %q", got)
	}
	if text := read[string](t, b, "document.documentElement.outerHTML"); strings.Contains(text, "Sổ công việc") {
		t.Error("the neutral page names the system")
	}
}

func TestQuickExitCoversBeforeItAsksTheServer(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/casefile/case")
	// The cover must stand in the same turn as the press, whatever the network does.
	got := read[[]string](t, b, `(() => { document.querySelector('#exit button').click();
	  return [getComputedStyle(document.querySelector('main')).visibility, getComputedStyle(document.querySelector('.veil')).display, document.title]; })()`)
	if want := []string{"hidden", "block", "Lịch"}; !slices.Equal(got, want) {
		t.Errorf("covered as %q, want %q", got, want)
	}
}

func TestShiftThreeTimesExitsAndInputMethodTogglesDoNot(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/intake/new")
	// Ctrl+Shift toggles Vietnamese input; Shift with a letter writes a capital.
	for range 4 {
		call(t, b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Control", Code: "ControlLeft", Modifiers: 2})
		b.key(t, "Shift", "ShiftLeft", 2|8)
		call(t, b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: "Control", Code: "ControlLeft"})
	}
	for range 4 {
		call(t, b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Shift", Code: "ShiftLeft", Modifiers: 8})
		b.key(t, "A", "KeyA", 8)
		call(t, b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: "Shift", Code: "ShiftLeft"})
	}
	if read[bool](t, b, `document.documentElement.classList.contains('veiled')`) {
		t.Fatal("an input method's keys or capitals made the page exit")
	}
	b.shift(t)
	b.shift(t)
	if read[bool](t, b, `document.documentElement.classList.contains('veiled')`) {
		t.Fatal("two presses were enough")
	}
	b.shift(t)
	b.until(t, `location.pathname.endsWith('/session/neutral')`)
}

func TestLockCoversKeepsWhatWasTypedAndOpensAgain(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	// The clock of the page is ours: three minutes pass without waiting for them.
	call(t, b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `(() => { const now = Date.now; window.ahead = 0; Date.now = () => now() + window.ahead; })()`,
	})
	b.open(t, s.URL+"/gallery/vi/intake/new")
	const typed = "Người Thử Nghiệm Một, chữ chưa gửi"
	b.do(t, chromedp.SendKeys(chromedp.CSS(`[name="survivor.name"]`), typed))
	read[chromedp.Void](t, b, `window.ahead = 125e3`)
	b.until(t, `document.querySelector('[data-lock-warning]').textContent.includes('một phút')`)
	read[chromedp.Void](t, b, `window.ahead = 185e3`)
	b.until(t, `document.querySelector('#lock').open && document.activeElement.id === 'lock-password'`)
	if got := s.posted(); !slices.Contains(got, "/khoa") {
		t.Errorf("the server was not told: %q", got)
	}
	b.key(t, "Escape", "Escape", 0)
	b.key(t, "Escape", "Escape", 0)
	if !read[bool](t, b, `document.querySelector('#lock').open`) {
		t.Fatal("Escape opened the lock")
	}
	b.do(t, chromedp.SendKeys(chromedp.CSS("#lock-password"), "khong-phai"), chromedp.Click(chromedp.CSS("#lock .primary")))
	b.until(t, `document.querySelector('#lock-problem').textContent.includes('chưa đúng') && document.querySelector('#lock').open`)
	b.do(t, chromedp.SendKeys(chromedp.CSS("#lock-password"), password), chromedp.Click(chromedp.CSS("#lock .primary")))
	b.until(t, `!document.querySelector('#lock').open && document.activeElement.name === 'survivor.name'`)
	if got := read[string](t, b, `document.querySelector('[name="survivor.name"]').value`); got != typed {
		t.Errorf("after the lock the field holds %q", got)
	}
}

func TestCoverOfLockHidesTheWholePage(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/casefile/case-reading")
	read[chromedp.Void](t, b, `document.querySelector('[data-locknow]').requestSubmit()`)
	b.until(t, `document.querySelector('#lock').open`)
	if got := read[string](t, b, `getComputedStyle(document.querySelector('main')).visibility`); got != "hidden" {
		t.Errorf("behind the lock the page is %s", got)
	}
}

func TestRefusedFormTakesTheFocusAndLeadsToTheField(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.size(t, 360, 740)
	b.open(t, s.URL+"/gallery/vi/intake/refused")
	b.until(t, `document.activeElement.classList.contains('summary')`)
	read[chromedp.Void](t, b, `document.querySelector('#g-incident').open = false; document.querySelector('.summary a[href*="occurred_on"]').click()`)
	if got := read[string](t, b, `document.activeElement.name`); got != "incident.occurred_on.day" {
		t.Errorf("the summary's link leads to %q", got)
	}
	if got := read[string](t, b, `document.title`); !strings.HasPrefix(got, "Cần xem lại – ") {
		t.Errorf("the title says %q", got)
	}
}

func TestUnsafeContactFoldsTheQuestionsAwayWithoutScript(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.scripts(t, false)
	b.open(t, s.URL+"/gallery/vi/intake/not-safe")
	if read[bool](t, b, `document.querySelector('.when-safe').checkVisibility()`) || !read[bool](t, b, `document.querySelector('.stop').checkVisibility()`) {
		t.Error("“not safe” does not stop the questions")
	}
}

func TestPreviewShowsExactlyWhatIsTicked(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/referral/new-given")
	shown := `[...document.querySelectorAll('.live > div')].filter(e => e.checkVisibility()).map(e => e.className).join()`
	if got, want := read[string](t, b, shown), "see-name,see-safe_contact,see-needs,see-incident"; got != want {
		t.Errorf("shows %s, want %s", got, want)
	}
	read[chromedp.Void](t, b, `document.querySelector('.share-incident').click(); document.querySelector('.share-narrative').click()`)
	if got, want := read[string](t, b, shown), "see-name,see-safe_contact,see-needs,see-narrative"; got != want {
		t.Errorf("after a change shows %s, want %s", got, want)
	}
}

func TestRefusalTakesTheSendButtonAway(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	for name, want := range map[string]string{"new-given": "true,false", "new-danger": "true,false", "new-refused-by-her": "false,true"} {
		b.open(t, s.URL+"/gallery/vi/referral/"+name)
		if got := read[string](t, b, `['.send-button', '.note-button'].map(q => document.querySelector(q).checkVisibility()).join()`); got != want {
			t.Errorf("%s: send and note are visible: %s, want %s", name, got, want)
		}
	}
}

func TestDestructiveStepAsksOnceMoreAndKeepingKeeps(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/casefile/case")
	ask := `document.querySelector('form[action$="/rut"]').closest('details').open = true; document.querySelector('form[action$="/rut"] button').click()`
	read[chromedp.Void](t, b, ask)
	b.until(t, `document.querySelector('#confirm').open && document.activeElement.value === 'keep'`)
	b.do(t, chromedp.Click(chromedp.CSS("#confirm button[value=keep]")))
	b.until(t, `!document.querySelector('#confirm').open`)
	if got := s.posted(); len(got) != 0 {
		t.Fatalf("keeping sent %q", got)
	}
	read[chromedp.Void](t, b, ask)
	b.until(t, `document.querySelector('#confirm').open`)
	b.do(t, chromedp.Click(chromedp.CSS("#confirm button[value=go]")))
	b.until(t, `location.pathname.endsWith('/today/list')`)
	if got := s.posted(); !slices.Equal(got, []string{"/dong-y/1/rut"}) {
		t.Errorf("sent %q", got)
	}
}

func TestCommuneIsFoundWithoutMarksAndByItsOldName(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/intake/new")
	for typed, want := range map[string]string{"dak ha": "Xã Đăk Hà (23500)", "plei kan": "Xã Bờ Y (23377)", "khong co xa nay": "khong co xa nay"} {
		read[chromedp.Void](t, b, `document.querySelector('[name="survivor.commune"]').value = ''`)
		b.do(t, chromedp.SendKeys(chromedp.CSS(`[name="survivor.commune"]`), typed))
		read[chromedp.Void](t, b, `document.querySelector('[name="survivor.commune"]').dispatchEvent(new Event('change'))`)
		if got := read[string](t, b, `document.querySelector('[name="survivor.commune"]').value`); got != want {
			t.Errorf("%q became %q, want %q", typed, got, want)
		}
	}
}

func TestFormsAreSentWithoutScript(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.scripts(t, false)
	b.open(t, s.URL+"/gallery/vi/session/sign-in")
	b.do(t, chromedp.Click(chromedp.CSS("main .primary")))
	b.until(t, `location.pathname.endsWith('/today/list')`)
	b.open(t, s.URL+"/gallery/vi/referral/ticket-envelope")
	b.do(t, chromedp.Click(chromedp.CSS(".moves .primary")))
	b.until(t, `location.pathname.endsWith('/today/list')`)
	b.do(t, chromedp.Click(chromedp.CSS("#exit button")))
	b.until(t, `location.pathname.endsWith('/session/neutral')`)
	if got, want := s.posted(), []string{"/dang-nhap", "/phieu/1/tiep-nhan", "/thoat"}; !slices.Equal(got, want) {
		t.Errorf("posted %q, want %q", got, want)
	}
}

func TestCaseIsNotPrintedFromTheBrowser(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/casefile/case-reading")
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if got := read[int](t, b, `[...document.querySelectorAll('main *')].filter(e => e.checkVisibility()).length`); got != 0 {
		t.Errorf("%d elements of the case would be printed", got)
	}
	if got := read[string](t, b, `getComputedStyle(document.querySelector('main'), '::before').content`); !strings.Contains(got, "không in") {
		t.Errorf("the notice reads %s", got)
	}
}

func TestChosenServiceLeavesOnlyThoseWhoOfferIt(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 2*minute)
	b.open(t, s.URL+"/gallery/vi/referral/new")
	state := `[...document.querySelectorAll('[name=to]')].map(i => i.checkVisibility() + '/' + i.checked).join(' ')`
	press := func(service string) {
		read[chromedp.Void](t, b, `document.querySelector('[name=service][value=`+service+`]').click()`)
	}
	press("SAFETY")
	if got, want := read[string](t, b, state), "true/true false/false"; got != want {
		t.Errorf("after SAFETY: %s, want %s", got, want)
	}
	press("LEGAL_AID")
	if got, want := read[string](t, b, state), "false/false true/true"; got != want {
		t.Errorf("after LEGAL_AID: %s, want %s", got, want)
	}
	for _, e := range codelist.MustGet(codelist.ServiceType).Entries() {
		if !strings.Contains(string(styles(t)), "offers-"+e.Code+")") {
			t.Errorf("the style sheet does not know the service %s", e.Code)
		}
	}
	for _, f := range consent.Fields {
		if !strings.Contains(string(styles(t)), "see-"+f) {
			t.Errorf("the preview does not know the field %s", f)
		}
	}
}

func styles(t *testing.T) []byte {
	t.Helper()
	r := httptest.NewRecorder()
	web.Handler().ServeHTTP(r, httptest.NewRequest("GET", web.Assets().Style, nil))
	return r.Body.Bytes()
}

// TestFocusIsNeverHidden walks the longest pages by keyboard on a small screen: what has the focus must be seen, not lie under a bar.
func TestFocusIsNeverHidden(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 5*minute)
	b.size(t, 360, 640)
	for _, name := range []string{"intake/new", "referral/new-given", "casefile/case"} {
		b.open(t, s.URL+"/gallery/vi/"+name)
		seen := 0
		for range 45 {
			b.key(t, "Tab", "Tab", 0)
			got := read[string](t, b, `(() => {
			  const e = document.activeElement;
			  if (!e || e === document.body) return 'end';
			  const r = e.getBoundingClientRect();
			  const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .15], [.5, .85]].map(([x, y]) => document.elementFromPoint(r.left + r.width * x, r.top + r.height * y));
			  return points.some(p => p && (e.contains(p) || p.contains(e) || p.closest('label')?.control === e)) ? 'seen' : 'hidden: ' + e.tagName + ' ' + (e.name || e.textContent.trim()) + ' at ' + Math.round(r.top);
			})()`)
			if got == "end" {
				break
			}
			if got != "seen" {
				t.Errorf("%s: %s", name, got)
			}
			seen++
		}
		if seen < 20 {
			t.Errorf("%s: only %d stops of the Tab key", name, seen)
		}
	}
}
