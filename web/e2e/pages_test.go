package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"binhan/internal/i18n"
	"binhan/web/gallery"
)

// violations runs axe on the page as it stands.
const violations = `axe.run(document, {runOnly: {type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}, resultTypes: ['violations']})
  .then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.target.join(' ') + ' ' + (n.any[0] ? n.any[0].message : ''))}))))`

type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

func TestPagesHaveNoAccessibilityViolation(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 15*time.Minute)
	runs := 0
	for _, lang := range i18n.Languages {
		for _, colours := range []string{"light", "dark"} {
			for _, p := range gallery.Pages(lang) {
				name := fmt.Sprintf("%s %s %s", lang, colours, p.Name)
				width := int64(1280)
				if (len(p.Name)+len(lang))%2 == 0 == (colours == "dark") { // each page small in one scheme and large in the other
					width = 360
				}
				b.scheme(t, colours)
				b.size(t, width, 800)
				b.open(t, s.URL+"/gallery/"+string(lang)+"/"+p.Name)
				read[chromedp.Void](t, b, axe)
				raw := read[string](t, b, violations)
				var found []violation
				if err := json.Unmarshal([]byte(raw), &found); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, v := range found {
					t.Errorf("%s: %s: %s\n\t%s", name, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
				}
				if said := b.said(); len(said) > 0 {
					t.Errorf("%s: the console said %q", name, said)
				}
				runs++
			}
		}
	}
	t.Logf("%d pages", runs)
}

// overflow names what sticks out of the page to the right.
const overflow = `(() => {
  const w = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= w) return [];
  return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 1 && !e.closest('.scroll, dialog, .skips, .nav, .top'))
    .slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).concat('page ' + document.documentElement.scrollWidth);
})()`

func TestPagesNeverScrollSideways(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 15*time.Minute)
	for _, lang := range i18n.Languages {
		for _, p := range gallery.Pages(lang) {
			b.scheme(t, "light")
			b.size(t, 320, 640)
			b.open(t, s.URL+"/gallery/"+string(lang)+"/"+p.Name)
			for _, at := range []struct {
				width int64
				text  string
			}{{320, "100"}, {360, "100"}, {640, "100"}, {1024, "100"}, {1280, "100"}, {320, "130"}} {
				b.size(t, at.width, 800)
				out := read[[]string](t, b, `document.documentElement.dataset.size = "`+at.text+`"; `+overflow)
				if len(out) > 0 {
					t.Errorf("%s %s at %d px, text %s %%: %v", lang, p.Name, at.width, at.text, out)
				}
				if lang == i18n.Vietnamese && at.text == "100" && (at.width == 360 || at.width == 1280) {
					b.shot(t, p.Name, at.width)
				}
			}
			if said := b.said(); len(said) > 0 {
				t.Errorf("%s %s: the console said %q", lang, p.Name, said)
			}
		}
	}
}

// TestOtherStatesAreSeen keeps pictures of what only a press or a setting brings up; it checks that they come up.
func TestOtherStatesAreSeen(t *testing.T) {
	s := serve(t)
	b := newTab(t, browser(t), 3*minute)
	at := func(name string) string { return s.URL + "/gallery/vi/" + name }
	b.scheme(t, "dark")
	for _, name := range []string{"casefile/case", "referral/new-given", "release/table-cross", "intake/refused"} {
		b.size(t, 1280, 800)
		b.open(t, at(name))
		b.shot(t, "dark/"+name, 1280)
	}
	b.scheme(t, "light")
	b.size(t, 360, 740)
	b.open(t, at("today/list"))
	read[chromedp.Void](t, b, `document.querySelector('.menu summary').click()`)
	b.until(t, `document.querySelector('.menu-in').checkVisibility()`)
	b.shot(t, "state/menu", 360)
	b.key(t, "Escape", "Escape", 0)
	b.until(t, `!document.querySelector('.menu').open && document.activeElement.matches('.menu summary')`)
	read[chromedp.Void](t, b, `document.querySelector('[data-locknow]').requestSubmit()`)
	b.until(t, `document.querySelector('#lock').open`)
	b.shot(t, "state/locked", 360)
	b.open(t, at("casefile/case"))
	read[chromedp.Void](t, b, `document.querySelector('.contact a').click()`)
	b.until(t, `document.querySelector('#confirm').open && document.querySelector('#confirm-text').textContent.includes('8 giờ')`)
	b.shot(t, "state/confirm", 360)
	b.size(t, 320, 256) // 1280 by 1024 at 400 %
	b.open(t, at("intake/new"))
	if got := read[string](t, b, `getComputedStyle(document.querySelector('.nav')).position + getComputedStyle(document.querySelector('.top')).position`); got != "staticstatic" {
		t.Errorf("at 400 %% the bars take the screen: %s", got)
	}
	if said := b.said(); len(said) > 0 {
		t.Errorf("the console said %q", said)
	}
}
