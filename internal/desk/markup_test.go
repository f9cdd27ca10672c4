package desk_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"binhan/internal/app/apptest"
	"binhan/internal/world"
)

// bones are a page's elements with the names of their attributes: everything that a browser acts on, and nothing of what people wrote.
func (p sheet) bones() (all []string) {
	walk(p.root, func(n *html.Node) {
		if n.Type == html.CommentNode {
			all = append(all, "<!---->")
		}
		if n.Type != html.ElementNode {
			return
		}
		names := make([]string, 0, len(n.Attr))
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
		slices.Sort(names)
		all = append(all, n.Data+" "+strings.Join(names, " "))
	})
	return all
}

// addresses are where a page leads and what it loads; none may be of anybody's making.
func (p sheet) addresses() (all []string) {
	walk(p.root, func(n *html.Node) {
		for _, a := range n.Attr {
			if slices.Contains([]string{"href", "src", "action", "formaction", "data", "poster", "srcset", "content", "style"}, a.Key) || strings.HasPrefix(a.Key, "on") {
				all = append(all, a.Val)
			}
		}
	})
	return all
}

func upTo(text string, n int) string {
	r := []rune(text)
	return string(r[:min(n, len(r))])
}

// TestWhatIsTypedNeverBecomesMarkup writes more than two hundred hostile texts through every text that a page shows, and compares the bones of each page with
// those of the same page about plain words: they must be the same, element by element, attribute by attribute.
func TestWhatIsTypedNeverBecomesMarkup(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	police := as(t, s, "congan.ngochoi")
	api, officer := s.As(t, "tuvan.kontum"), s.As(t, "congan.ngochoi")
	hostile := apptest.Hostile()
	if len(hostile) < 250 {
		t.Fatal(len(hostile))
	}
	// texts gives the n-th field of the i-th case its text: each text comes to each field.
	made := func(text func(n int) string) (id string, ok bool) {
		a := api.Do("POST", "/api/v1/cases", map[string]any{
			"survivor":     map[string]any{"name": upTo(text(0), 150), "sex": "F", "age": 30, "address": upTo(text(1), 200), "commune": "23377"},
			"safe_contact": map[string]any{"channel": "OTHER", "value": upTo(text(2), 150), "hours": upTo(text(3), 60), "code_word": upTo(text(4), 60), "must_not": []string{upTo(text(5), 100)}},
			"intake":       map[string]any{"channel": "IN_PERSON"}, "narrative": text(6),
			"incident": map[string]any{"description": text(7), "acts": []string{"A"}, "perpetrators": []any{map[string]any{"name": upTo(text(8), 150)}}},
			"consents": []any{map[string]any{"purpose": "SHARE_POLICE", "recipient": "POLICE_COMMUNE", "fields": []string{"name", "safe_contact", "incident", "narrative", "perpetrator", "address"}, "decision": "GIVEN", "witness": upTo(text(9), 100)}},
		})
		if a.Status == http.StatusUnprocessableEntity {
			return "", false
		}
		if a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return a.Text("id"), true
	}
	plain, _ := made(func(int) string { return "chữ thử" })
	look := func(who *browser, path string) sheet {
		p := who.ask(http.MethodGet, path, nil)
		if p.Status != http.StatusOK {
			t.Fatalf("%s: %d", path, p.Status)
		}
		return p
	}
	harmless := func(where string, p, like sheet) {
		t.Helper()
		if d := cmp.Diff(like.bones(), p.bones()); d != "" {
			t.Errorf("%s: the page has other bones:\n%.600s", where, d)
		}
		for _, to := range p.addresses() {
			if strings.Contains(to, "evil") || strings.Contains(to, "window.ran") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(to)), "javascript:") || strings.HasPrefix(to, "data:") {
				t.Errorf("%s: leads to %q", where, to)
			}
		}
	}
	refer := func(id string, text func(n int) string) (string, bool) {
		consent := api.Must(http.StatusOK, "GET", "/api/v1/cases/"+id+"/consents", nil).Text("items.0.id")
		a := api.Do("POST", "/api/v1/cases/"+id+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "consent": consent, "fields": []string{"name", "safe_contact", "incident", "narrative", "perpetrator", "address"}, "reason": text(10), "needs_note": text(11)})
		if a.Status != http.StatusCreated {
			return "", false
		}
		ref := "/api/v1/referrals/" + a.Text("id")
		ok := officer.Do("POST", ref+"/question", map[string]any{"text": text(12)}).Status == http.StatusOK &&
			api.Do("POST", ref+"/answer", map[string]any{"text": text(13)}).Status == http.StatusOK &&
			officer.Do("POST", ref+"/acceptance", nil).Status == http.StatusOK &&
			officer.Do("POST", ref+"/outcome", map[string]any{"result": "DELIVERED", "note": text(14)}).Status == http.StatusOK
		return a.Text("id"), ok
	}
	pages := []string{"", "/sua"}
	like := map[string]sheet{}
	for _, p := range pages {
		like[p] = look(b, "/ho-so/"+plain+p)
	}
	plainRef, ok := refer(plain, func(int) string { return "chữ thử" })
	if !ok {
		t.Fatal("a plain referral is refused")
	}
	like["phieu"], like["phieu den"] = look(b, "/phieu/"+plainRef), look(police, "/phieu/"+plainRef)
	// A case that was referred reads otherwise than one that was not.
	like["sent"] = look(b, "/ho-so/"+plain)
	stored, shown, refused := 0, 0, 0
	for i := range hostile {
		text := func(n int) string { return "x" + hostile[(i+n*17)%len(hostile)] }
		id, ok := made(text)
		if !ok {
			refused++
			continue
		}
		stored++
		for _, p := range pages[:1+(i%3)/2] {
			page := look(b, "/ho-so/"+id+p)
			harmless("/ho-so/*"+p+" of "+hostile[i], page, like[p])
			if strings.Contains(page.text()+page.Source, html.EscapeString(text(0))[:2]) {
				shown++
			}
		}
		if i%6 == 0 {
			if ref, ok := refer(id, text); ok {
				harmless("sender's ticket", look(b, "/phieu/"+ref), like["phieu"])
				harmless("receiver's ticket", look(police, "/phieu/"+ref), like["phieu den"])
			}
		}
	}
	if stored < 200 || shown < stored {
		t.Errorf("%d cases of %d were stored, shown %d times", stored, len(hostile), shown)
	}
	// Reflected: forms that come back, names that are unknown, addresses that are not there.
	reflected := 0
	out := open(t, s)
	for _, f := range []struct {
		who          *browser
		form, fields string
	}{
		{out, "/dang-nhap", "username password code back"}, {b, "/tiep-nhan/moi", "survivor.name survivor.address survivor.commune survivor.phone narrative incident.description safe_contact.value safe_contact.must_not intake.channel"}, {b, "/ho-so/tim", "name code phone id_number commune"},
	} {
		for _, field := range strings.Fields(f.fields) {
			same := f.who.ask(http.MethodPost, f.form, url.Values{field: {"chữ thử"}})
			for i := 0; i < len(hostile); i += 7 {
				v := url.Values{field: {hostile[(i+len(field))%len(hostile)]}}
				p := f.who.ask(http.MethodPost, f.form, v)
				if p.Status == http.StatusTooManyRequests || p.Status == http.StatusSeeOther {
					continue
				}
				reflected++
				if p.Status == same.Status && len(p.bones()) == len(same.bones()) || p.Status >= 500 {
					harmless(f.form+" "+field+" "+v.Get(field), p, same)
					continue
				}
				// Another sentence stands there (one word was taken, another was not): no element that runs or loads may have come with it.
				for _, bone := range p.bones() {
					if !slices.Contains(same.bones(), bone) && !slices.Contains(like["/sua"].bones(), bone) && !slices.Contains(like[""].bones(), bone) && strings.ContainsAny(strings.Fields(bone)[0], "<>") || strings.Contains(bone, " on") && strings.Contains(bone, "=") {
						t.Errorf("%s %s %q: a new bone %q", f.form, field, v.Get(field), bone)
					}
				}
				for _, bad := range []string{"<img src=x", "<script>", "<svg", "<iframe", "<math", "<object", "<embed", "<base", "<style"} {
					if strings.Contains(strings.ToLower(strings.ReplaceAll(p.Source, `<svg class="icon"`, "")), bad) {
						t.Errorf("%s %s %q: %s stands on the page", f.form, field, v.Get(field), bad)
					}
				}
			}
		}
	}
	for i := 0; i < len(hostile); i += 4 {
		for _, path := range []string{"/khong-co/" + url.PathEscape(hostile[i]), "/ho-so/" + url.PathEscape(hostile[i]), "/ho-so?status=" + url.QueryEscape(hostile[i]), "/dang-nhap?back=" + url.QueryEscape(hostile[i]), "/khoa?back=" + url.QueryEscape(hostile[i])} {
			p := b.ask(http.MethodGet, path, nil)
			reflected++
			if p.Status >= 500 || strings.Contains(p.Source, "window.ran") || strings.Contains(p.Source, "evil.example") {
				t.Errorf("%s: %d, what the address says stands on the page", path, p.Status)
			}
		}
	}
	t.Logf("%d texts through 15 fields: %d cases stored, %d refused; %d reflected", len(hostile), stored, refused, reflected)
	if reflected < 800 {
		t.Errorf("only %d reflected", reflected)
	}
}
