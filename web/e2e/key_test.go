package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// TestASecurityKeyIsAddedSignsInAndProves in a real browser, with its own virtual authenticator, under the real content security policy.
func TestASecurityKeyIsAddedSignsInAndProves(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	db := s.DB.Open(t, pg.Superuser)
	p := sitDown(t, s, "tuvan.kontum", 1280)
	call(t, p.tab, webauthn.Enable, webauthn.EnableParams{})
	yes := true
	call(t, p.tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb, HasResidentKey: yes, HasUserVerification: yes, IsUserVerified: yes, AutomaticPresenceSimulation: yes}})

	// The proof of her sign-in has aged: the form asks who she is and keeps the name that she typed.
	db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
	p.goTo("/tai-khoan")
	p.look("tai-khoan", 1280)
	p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details.fold').forEach(d => d.open = true)`))
	p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/tai-khoan/khoa"] input[name=name]').value = 'Khóa thử'`))
	p.press(`form[action="/tai-khoan/khoa"] [data-key] button`, `document.querySelector('form[action="/tai-khoan/khoa"] input[name=_password]')`)
	if got := read[string](t, p.tab, `document.querySelector('form[action="/tai-khoan/khoa"] input[name=name]').value`); got != "Khóa thử" {
		t.Errorf("the name is lost: %q", got)
	}
	p.asked(t)
	p.look("tai-khoan-xac-nhan", 1280)
	p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/tai-khoan/khoa"] input[name=_password]').value = '`+world.Password+`'`))
	p.press(`form[action="/tai-khoan/khoa"] [data-create="1"] button`, `document.querySelector('main .notice.done')`)
	p.press(`form[action="/tai-khoan/khoa"] [data-create="1"] button`, `document.querySelectorAll('.once li').length === 10`)
	p.asked(t)
	p.look("ma-du-phong", 1280)

	// Signed out, the key opens the session, without a name.
	p.goTo("/hom-nay")
	p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/dang-xuat"]').requestSubmit()`))
	p.until(t, `location.pathname === '/dang-nhap'`)
	p.look("dang-nhap-khoa", 1280)
	p.press(`form[action="/dang-nhap"] [data-key] button`, `location.pathname === '/hom-nay'`)
	var strength string
	if err := db.Get(&strength, `select strength from auth.sessions order by created_at desc limit 1`); err != nil || strength != "passkey" {
		t.Errorf("%q %v", strength, err)
	}

	// And it proves: new recovery codes, an hour later.
	db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
	p.goTo("/tai-khoan")
	p.do(t, chromedp.Evaluate[chromedp.Void](`HTMLFormElement.prototype.submit.call(document.querySelector('form[action="/tai-khoan/ma-du-phong"]'))`))
	p.until(t, `document.querySelector('form[action="/tai-khoan/ma-du-phong"] [data-begin="/xac-nhan/khoa"]')`)
	p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/tai-khoan/ma-du-phong"] [data-begin="/xac-nhan/khoa"] button').click()`))
	p.until(t, `document.querySelector('#confirm[open]')`) // a step that cannot be taken back asks again
	p.press(`#confirm button[value=go]`, `document.querySelectorAll('.once li').length === 10`)
	p.asked(t)
}

// asked hears what the console said so far: that a proof was asked for (401) is as it should be, and nothing else is.
func (p *person) asked(t *testing.T) {
	t.Helper()
	for _, said := range p.said() {
		if !strings.Contains(said, "status of 401") {
			t.Errorf("the console said %q", said)
		}
	}
}

// TestThePagesOfAccountsAreSeen draws them for the eye, at a telephone's width and at a desk's.
func TestThePagesOfAccountsAreSeen(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("BINHAN_SHOTS")
	if dir == "" {
		t.Skip("for looking at: set BINHAN_SHOTS to a folder")
	}
	s := apptest.New(t)
	admin := s.As(t, "quantri")
	admin.Must(201, "POST", "/api/v1/people/proposals", map[string]any{"kind": "create", "username": "tuvan.moi", "name": "Người Thử Nghiệm Mới", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR"})
	admin.Must(201, "POST", "/api/v1/people/"+world.UserID("yte.kontum").String()+"/reset", nil)
	for _, width := range []int64{360, 1280} {
		for name, path := range map[string]string{"quantri": "/nhan-su", "giamsat.kontum": "/nhan-su", "tuvan.kontum": "/tai-khoan"} {
			p := sitDown(t, s, name, width)
			p.goTo(path)
			p.shot(t, filepath.Base(name)+"-"+filepath.Base(path), width)
			if name == "quantri" {
				p.goTo("/nhan-su/moi")
				p.shot(t, "nhan-su-moi", width)
				p.goTo("/nhan-su/" + world.UserID("tuvan.kontum").String())
				p.shot(t, "nhan-su-mot", width)
			}
			if name == "tuvan.kontum" {
				p.do(t, chromedp.Evaluate[chromedp.Void](`HTMLFormElement.prototype.submit.call(document.querySelector('form[action="/tai-khoan/ung-dung"]'))`))
				p.until(t, `document.querySelector('svg.qr')`)
				p.shot(t, "ung-dung", width)
			}
		}
	}
}
