package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/signin/idptest"
	"binhan/internal/world/house"
)

// TestTheWayThroughTheProvinceIsWalked in a real browser, to a true provider and back: linking, signing in, quick exit, a proof, a second factor, leaving. Cookies, page
// policy and the pages that go on by themselves are the browser's own.
func TestTheWayThroughTheProvinceIsWalked(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 1280} {
		var idp *idptest.Real
		s := apptest.With(t, func(o *app.Options) {
			origin := o.SignIn.Origin
			idp = idptest.Start(t, origin+signin.PathReturn, origin+"/dang-nhap")
			o.SignIn = signin.Options{Origin: origin, Argon: house.Weak, Log: o.Log, Provider: &signin.Provider{Issuer: idp.URL, ClientID: idptest.ClientID, Secret: idptest.ClientSecret,
				Name: "Cổng công chức tỉnh", AMR: []string{"mfa"}, MaxAge: 10 * time.Hour, CA: idp.CA()}}
		})
		idp.TwoFactors(true)
		db := s.DB.Open(t, pg.Superuser)
		strength := func() (how string) {
			if err := db.Get(&how, `select coalesce((select strength from auth.sessions where ended_at is null order by created_at desc limit 1), '')`); err != nil {
				t.Fatal(err)
			}
			return how
		}
		p := sitDown(t, s, "tuvan.kontum", width)
		call(t, p.tab, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}) // the provider's certificate is of its own making
		there := `location.pathname === '/login' && document.querySelector('#in')`
		asSomebody := func(username, until string) {
			t.Helper()
			p.fill(map[string]string{"username": username, "password": idptest.Password})
			p.press("#in", until)
		}
		clean := func() {
			t.Helper()
			if read[string](t, p.tab, `location.search + location.hash`) != "" {
				t.Error("something of the way stays in the address")
			}
		}

		p.goTo("/tai-khoan")
		p.look("nha-cung-cap-tai-khoan", width)
		p.press(`form[action="/tai-khoan/nha-cung-cap"] button`, there)
		asSomebody("canbo.tinh", `location.pathname === '/tai-khoan/nha-cung-cap/noi'`)
		clean()
		p.look("nha-cung-cap-noi", width)
		p.press(`form[action="/tai-khoan/nha-cung-cap/noi"] .primary`, `location.pathname === '/tai-khoan' && document.querySelector('main .notice.done, .notice.done')`)
		p.look("nha-cung-cap-da-noi", width)
		p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/dang-xuat"]').requestSubmit()`))
		p.arrive(`location.pathname === '/dang-nhap'`)
		p.look("nha-cung-cap-dang-nhap", width)

		// Signed in there already, she is here by one button.
		p.press(`#provider`, `location.pathname === '/hom-nay'`)
		clean()
		if how := strength(); how != "oidc" {
			t.Errorf("a session of strength %q", how)
		}
		p.press(`form[data-exit] button`, `location.pathname === '/thoat'`)
		if how := strength(); how != "" {
			t.Errorf("quick exit leaves a session of strength %q", how)
		}
		p.goTo("/hom-nay")
		p.arrive(`location.pathname === '/dang-nhap'`)

		// A proof: the provider asks again although she is signed in there.
		p.press(`#provider`, `location.pathname === '/hom-nay'`)
		db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
		p.goTo("/tai-khoan")
		p.do(t, chromedp.Evaluate[chromedp.Void](`HTMLFormElement.prototype.submit.call(document.querySelector('form[action="/tai-khoan/ma-du-phong"]'))`))
		p.arrive(`document.querySelector('form[action="/tai-khoan/ma-du-phong"] a[href="/oidc/xac-nhan"][target=_blank]')`)
		p.asked(t)
		p.look("nha-cung-cap-hoi", width)
		p.goTo("/oidc/xac-nhan")
		p.look("nha-cung-cap-xac-nhan", width)
		p.press(`form[action="/oidc/xac-nhan"] .primary`, there)
		asSomebody("canbo.tinh", `location.pathname === '/oidc/xong'`)
		clean()
		p.look("nha-cung-cap-xong", width)
		p.goTo("/tai-khoan")
		p.do(t, chromedp.Evaluate[chromedp.Void](`HTMLFormElement.prototype.submit.call(document.querySelector('form[action="/tai-khoan/ma-du-phong"]'))`))
		p.arrive(`document.querySelectorAll('.once li').length === 10`)

		// She adds a key; from then on a provider that asks for one factor is not enough, and the key is.
		call(t, p.tab, webauthn.Enable, webauthn.EnableParams{})
		call(t, p.tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		p.goTo("/tai-khoan")
		p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details.fold').forEach(d => d.open = true)`))
		p.press(`form[action="/tai-khoan/khoa"] [data-key] button`, `document.querySelector('.notice.done')`)
		p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/dang-xuat"]').requestSubmit()`))
		p.arrive(`location.pathname === '/oidc/ra'`)
		p.look("nha-cung-cap-ra", width)
		p.press(`form[action="/oidc/ra"] .primary`, `location.pathname === '/dang-nhap'`)
		if idp.Left() != 1 {
			t.Errorf("she left the provider %d times", idp.Left())
		}
		idp.TwoFactors(false)
		p.press(`#provider`, there)
		asSomebody("canbo.tinh", `location.pathname === '/oidc/ma'`)
		clean()
		p.look("nha-cung-cap-ma", width)
		p.fill(map[string]string{"code": "000000"})
		p.press(`form[action="/oidc/ma"] .primary`, `document.querySelector('.summary')`)
		p.asked(t)
		p.look("nha-cung-cap-ma-sai", width)
		p.press(`form[action="/oidc/ma"] [data-key] button`, `location.pathname === '/hom-nay'`)
		if how := strength(); how != "passkey" {
			t.Errorf("a session of strength %q", how)
		}

		// Somebody whom nobody here knows, in words; and a provider that is silent.
		p.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/dang-xuat"]').requestSubmit()`))
		p.arrive(`location.pathname === '/oidc/ra'`)
		p.press(`form[action="/oidc/ra"] .primary`, `location.pathname === '/dang-nhap'`)
		p.press(`#provider`, there)
		asSomebody("nguoi.la", `location.pathname === '/dang-nhap' && document.querySelector('.summary')`)
		clean()
		p.asked(t)
		p.look("nha-cung-cap-chua-noi", width)
	}
}
