package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

func TestSignInKeepsTheNameAndTellsNothingAboutAccounts(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := open(t, s)
	b.visit("/")
	b.on("/dang-nhap")
	wrong := func(name, password string) sheet {
		b.visit("/dang-nhap")
		return b.send("/dang-nhap", map[string]any{"username": name, "password": password})
	}
	known, unknown := wrong("tuvan.kontum", "sai-mat-khau-thu"), wrong("khong.co.ai", "sai-mat-khau-thu")
	if known.Status != http.StatusUnauthorized || strings.ReplaceAll(known.Source, "tuvan.kontum", "khong.co.ai") != strings.ReplaceAll(unknown.Source, "tuvan.kontum", "khong.co.ai") {
		t.Errorf("%d: a known name is answered otherwise than an unknown one", known.Status)
	}
	if v, _ := known.form("/dang-nhap"); v.Get("username") != "tuvan.kontum" || v.Get("password") != "" || strings.Contains(known.Source, "sai-mat-khau-thu") {
		t.Errorf("the form comes back with %v", v)
	}
	b.says("Tên đăng nhập hoặc mật khẩu chưa đúng.")
	b.send("/dang-nhap", map[string]any{"username": "tuvan.kontum", "password": world.Password})
	b.on("/hom-nay")
	b.visit("/dang-nhap")
	b.on("/hom-nay") // who is signed in is not asked again
	if log := s.Log.String(); strings.Contains(log, "tuvan.kontum") || strings.Contains(log, world.Password) {
		t.Error("the log knows who signs in")
	}
}

func TestLockedScreenOpensNoPageUntilThePasswordComes(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	b := as(t, s, "tuvan.kontum")
	b.visit("/ho-so/" + id)
	b.send("/khoa", nil)
	b.at.Path = strings.Split(b.at.Path, "?")[0]
	b.on("/khoa")
	b.says("Màn hình đã khóa", "Phiên làm việc của Tư Vấn Thử Một.")
	for _, path := range []string{"/", "/hom-nay", "/ho-so", "/ho-so/" + id, "/tiep-nhan/moi", "/chuyen-gui/den"} {
		if p := b.visit(path); p.Path != "/khoa" || strings.Contains(p.Source, "Người Thử Nghiệm Một") {
			t.Errorf("%s opens %s while the screen is locked", path, p.Path)
		}
	}
	b.visit("/tro-giup")
	b.hides("Tư Vấn Thử Một", "111")
	if p := b.ask(http.MethodPost, "/ho-so/tim", url.Values{"name": {"Một"}}); p.Status != http.StatusUnauthorized {
		t.Errorf("a search while locked: %d", p.Status)
	}
	b.visit("/khoa?back=%2Fho-so%2F" + id)
	b.send("/mo-khoa", map[string]any{"password": "sai-mat-khau-thu"})
	if b.at.Status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d", b.at.Status)
	}
	b.says("Mật khẩu chưa đúng.")
	b.send("/mo-khoa", map[string]any{"password": world.Password})
	b.on("/ho-so/" + id)
	b.says("Người Thử Nghiệm Một")
}

func TestQuickExitEndsTheSessionAndLeavesACalendar(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	b := as(t, s, "tuvan.kontum")
	b.visit("/ho-so/" + id)
	b.send("/thoat", nil)
	b.on("/thoat")
	b.hides("Sổ công việc", "Tư Vấn", "Thử Nghiệm", "bạo lực", "href=\"/h", "đăng nhập")
	b.visit("/ho-so/" + id)
	b.on("/dang-nhap")
	if p := b.ask(http.MethodPost, "/thoat", nil); p.Status != http.StatusSeeOther || p.Header.Get("Location") != "/thoat" {
		t.Errorf("once more: %d", p.Status) // whoever presses it twice is not shown an error
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	kept := b.http.Jar.Cookies(mustURL(t, s.URL))
	b.send("/dang-xuat", nil)
	b.on("/dang-nhap")
	b.http.Jar.SetCookies(mustURL(t, s.URL), kept) // a cookie that somebody kept opens nothing
	b.visit("/hom-nay")
	b.on("/dang-nhap")
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// asOwner lets time pass where a test cannot wait for it.
func asOwner(t *testing.T, s *apptest.Server, statement string) {
	t.Helper()
	db := s.DB.Open(t, pg.Migrator)
	db.SetMaxOpenConns(1)
	for _, x := range []string{`set role binhan_owner`, statement} {
		if _, err := db.Exec(x); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLongFormOutlivesItsSession(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	b.visit("/tiep-nhan/moi")
	page := b.at
	asOwner(t, s, `update auth.sessions set seen_at = seen_at - interval '20 minutes'`)
	b.send("/tiep-nhan/moi", told())
	if b.at.Status != http.StatusUnauthorized {
		t.Fatalf("status %d", b.at.Status)
	}
	b.says("Phiên làm việc đã hết nên chưa lưu được. Mọi điều đã nhập vẫn ở đây")
	got, _ := b.at.form("/tiep-nhan/moi")
	was, _ := page.form("/tiep-nhan/moi")
	if got.Get("narrative") != "Lời kể thử nghiệm, một câu." || got.Get("incident.perpetrators.1.name") != "Người Gây Việc Thử" || got.Get("idempotency_key") != was.Get("idempotency_key") {
		t.Errorf("typed words are lost: %v", got)
	}
	b.hides("Tư Vấn Thử Một")

	// She signs in again in another tab, and saves in this one.
	tab := &browser{t: t, s: s, http: b.http, name: b.name}
	tab.visit("/dang-nhap")
	tab.send("/dang-nhap", map[string]any{"username": "tuvan.kontum", "password": world.Password})
	tab.on("/hom-nay")
	b.send("/tiep-nhan/moi", nil)
	b.on("/ho-so/*")
	b.says("Đã lưu hồ sơ.", "Người Thử Nghiệm Một")
}

func TestCorrectionOutlivesItsSessionWhole(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	path := "/ho-so/" + recorded(t, s)
	b := as(t, s, "tuvan.kontum")
	b.visit(path + "/sua")
	b.send(path+"/sua", map[string]any{"risk": "EXTREME"})
	b.visit(path + "/sua")
	asOwner(t, s, `update auth.sessions set ended_at = now()`)
	b.send(path+"/sua", map[string]any{"survivor.occupation": "HOMEMAKER"})
	if b.at.Status != http.StatusUnauthorized {
		t.Fatalf("status %d", b.at.Status)
	}
	tab := &browser{t: t, s: s, http: b.http, name: b.name}
	tab.visit("/dang-nhap")
	tab.send("/dang-nhap", map[string]any{"username": "tuvan.kontum", "password": world.Password})
	b.send(path+"/sua", nil)
	b.on(path)
	b.says("Đã lưu phần sửa.", "Nội trợ", "Nguy cơ rất cao", "Người Thử Nghiệm Một", "051191000001", "Thôn Thử, nhà số 0", "9-11", "nhắn tin")
	b.unfold("Bảo vệ an toàn khẩn cấp")
}

func TestEndedSessionIsNoWrongPassword(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	asOwner(t, s, `update auth.sessions set ended_at = now()`)
	if p := b.ask(http.MethodPost, "/mo-khoa", url.Values{"password": {world.Password}}); p.Status != http.StatusGone {
		t.Errorf("status %d", p.Status)
	}
}

func TestAssetsMayBeKeptAndNothingElseIsServedThere(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := open(t, s)
	b.visit("/dang-nhap")
	found := 0
	for _, part := range strings.Split(b.at.Source, `"`) {
		if !strings.HasPrefix(part, "/assets/") {
			continue
		}
		found++
		if p := b.ask(http.MethodGet, part, nil); p.Status != http.StatusOK || p.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %s", part, p.Status, p.Header.Get("Cache-Control"))
		}
	}
	if found < 3 {
		t.Errorf("%d assets on the page", found)
	}
	for _, path := range []string{"/assets/", "/assets/manifest.json", "/assets/../go.mod", "/assets/app.css"} {
		if p := b.ask(http.MethodGet, path, nil); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}
