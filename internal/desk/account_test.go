package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// TestAPageThatNeedsAProofAsksAndLosesNothing: the form comes back with what was typed, a wrong proof changes nothing, a right one does the step at once.
func TestAPageThatNeedsAProofAsksAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	db := s.DB.Open(t, pg.Superuser)
	b := as(t, s, "quantri")
	b.visit("/nhan-su/moi")
	db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
	const form = "/nhan-su/de-nghi"
	b.send(form, map[string]any{"name": "Người Thử Nghiệm Mới", "username": "tuvan.moi", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR"})
	if b.at.Status != http.StatusUnauthorized {
		t.Fatalf("%d %s", b.at.Status, b.at.text())
	}
	b.says("Xác nhận đó là bạn", "Những gì đã nhập vẫn còn nguyên.")
	if v, _ := b.at.form(form); v.Get("name") != "Người Thử Nghiệm Mới" || v.Get("username") != "tuvan.moi" || v.Get("role") != "COUNSELLOR" {
		t.Errorf("typed words are lost: %v", v)
	}
	b.send(form, map[string]any{"_password": "khong-phai-mat-khau"})
	b.says("Chưa xác nhận được.")
	if strings.Contains(b.at.Source, "khong-phai-mat-khau") {
		t.Error("the page holds a password")
	}
	var n int
	if err := db.Get(&n, `select count(*) from auth.proposals`); err != nil || n != 0 {
		t.Fatalf("%d proposals %v", n, err)
	}
	b.send(form, map[string]any{"_password": world.Password})
	b.on("/nhan-su")
	b.says("Người Thử Nghiệm Mới", "Đã gửi đề nghị")

	// A button without a form of its own: the page in its place carries the answers along to the same address.
	db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
	reset := "/nhan-su/" + world.UserID("yte.kontum").String() + "/dat-lai"
	b.visit("/nhan-su/" + world.UserID("yte.kontum").String())
	b.send(reset, nil)
	b.says("Xác nhận đó là bạn")
	b.send(reset, map[string]any{"_password": world.Password})
	b.says("Mã đặt mật khẩu", "Chỉ hiện một lần")
}

func TestWhoseRightsRestIsLedToHerAccount(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "tuvan.kontum")
	s.DB.Open(t, pg.Superuser).MustExec(`update auth.users set frozen_at = now() where username = 'tuvan.kontum'`)
	for _, path := range []string{"/hom-nay", "/ho-so", "/tiep-nhan/moi", "/chuyen-gui/den"} {
		if a := b.ask(http.MethodGet, path, nil); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/tai-khoan" {
			t.Errorf("%s: %d %s", path, a.Status, a.Header.Get("Location"))
		}
	}
	b.visit("/tai-khoan")
	b.says("Quyền của bạn tạm nghỉ")
}
