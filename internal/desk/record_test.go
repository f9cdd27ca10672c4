package desk_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

func TestTheHolderReadsInPlainWordsWhoLookedAndWhoWasRefused(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	path := "/ho-so/" + id + "/ai-da-xem"
	b := as(t, s, "tuvan.kontum")
	b.visit(path)
	b.says("Ngoài bạn, chưa có ai mở hồ sơ này.")
	s.As(t, "giamsat.kontum").Must(http.StatusOK, "POST", "/api/v1/cases/"+id+"/reveal", map[string]any{"classes": []string{"identity"}, "reason": "Duyệt kế hoạch (thử)"})
	police := s.As(t, "congan.ngochoi")
	police.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+id, nil)
	police.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+id, nil)
	b.visit("/ho-so/" + id)
	if !slices.Contains(b.at.links(), path) {
		t.Errorf("the case's page does not lead to %s: %v", path, b.at.links())
	}
	b.visit(path)
	// Who, of which organisation, what, which classes, by which standing, why: in words, the unusual before the rest, and what is the same twice on one line.
	b.says("1 người đã mở hồ sơ này", "Có 3 lần cần xem trước", "Giám Sát Thử", "Trung tâm Công tác xã hội", "Mở phần đang đóng", "Đã mở: Danh tính", "người giám sát", "Lời ghi: Duyệt kế hoạch (thử)",
		"Công An Thử Một", "Công an xã Bờ Y", "Bị từ chối", ", 2 lần")
	if text := b.at.text(); strings.Index(text, "Xem trước") > strings.Index(text, "Theo ngày") {
		t.Error("the unusual does not stand first")
	}
	b.hides("Người Thử Nghiệm Một", "0900", "Lời kể")
	b.visit(path + "?show=unusual&actor=" + world.UserID("congan.ngochoi").String())
	b.says("Công An Thử Một")
	if main := b.at.text(); strings.Contains(main[strings.Index(main, "Xem trước"):], "Giám Sát Thử") {
		t.Error("the filter lets others through")
	}
	// Her supervisor reads the same without the words, which are sealed with the story.
	boss := as(t, s, "giamsat.kontum")
	boss.visit(path)
	boss.says("Tư Vấn Thử Một", "Mở hồ sơ")
	boss.hides("Duyệt kế hoạch")
	// To everybody else the page does not exist.
	for _, name := range []string{"congan.ngochoi", "tuvan.ngochoi", "thanhtra", "quantri"} {
		if other := as(t, s, name); other.visit(path).Status != http.StatusNotFound {
			t.Errorf("%s reads who looked: %d", name, other.at.Status)
		}
	}
	for _, bad := range []string{"?show=x", "?actor=x", "?nothing=1", "?cursor=x", "?limit=9999"} {
		if got := b.visit(path + bad).Status; got != http.StatusUnprocessableEntity && got != http.StatusBadRequest && bad != "?limit=9999" {
			t.Errorf("%s is answered by %d", bad, got)
		}
	}
}

func TestAnInspectorReadsTheRecordFindsWhatIsUnusualAndSaysWhatCameOfIt(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := recorded(t, s)
	police := s.As(t, "congan.ngochoi")
	for range 5 {
		police.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+world.OrgID(time.Now().String()).String(), nil)
	}
	b := as(t, s, "thanhtra")
	if !slices.Contains(b.at.links(), "/nhat-ky") {
		t.Errorf("the menu does not lead to the record: %v", b.at.links())
	}
	b.visit("/nhat-ky")
	b.says("Trong ngày", "tuvan.kontum", "Mở hồ sơ", "Từ chối", "không gắn với hồ sơ", "Chỉ có mã và số ngẫu nhiên")
	b.hides("Người Thử Nghiệm Một", "0900", "Lời kể", id)
	b.visit("/nhat-ky?decision=refused&actor=congan.ngochoi&act=case.read&organisation=congan-boy")
	b.says("congan.ngochoi")
	if text := b.at.text(); strings.Contains(text[strings.Index(text, "Vì sao"):], "tuvan.kontum") {
		t.Error("the filter lets others through")
	}
	b.visit("/nhat-ky?actor=khong-co-ai")
	b.says("Không có mục nào khớp với bộ lọc.")
	for _, bad := range []string{"from=2026-02-30", "decision=maybe", "cursor=x", "case=x"} {
		if got := b.visit("/nhat-ky?" + bad).Status; got != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered by %d", bad, got)
		}
	}
	b.visit("/nhat-ky/bat-thuong")
	b.says("Bị từ chối nhiều lần", "congan.ngochoi", "Công an xã Bờ Y", "5 hồ sơ", "Đây là lý do để hỏi, chưa phải là sai phạm")
	var form string
	if found := regexp.MustCompile(`action="(/nhat-ky/bat-thuong/[0-9a-f]{32})"`).FindStringSubmatch(b.at.Source); found != nil {
		form = found[1]
	}
	b.send(form, map[string]any{"outcome": "explained", "code": ""})
	if b.at.Status != http.StatusUnprocessableEntity {
		t.Errorf("explained by nothing: %d", b.at.Status)
	}
	b.send(form, map[string]any{"outcome": "explained", "code": "TECHNICAL"})
	b.says("Đã lưu kết quả.")
	b.hides("Bị từ chối nhiều lần")
	b.visit("/nhat-ky/bat-thuong?state=all")
	b.says("Bị từ chối nhiều lần", "Đã giải thích", "Lỗi kỹ thuật · thanhtra")
	if got := b.visit("/nhat-ky/bat-thuong?from=2026-13-01").Status; got != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %d", got)
	}
	b.visit("/nhat-ky/con-dau")
	b.says("Con dấu của nhật ký", "Nhật ký chưa có con dấu nào.") // nobody seals in this house
	for _, name := range []string{"tuvan.kontum", "giamsat.kontum", "quantri", "congan.ngochoi"} {
		other := as(t, s, name)
		for _, path := range []string{"/nhat-ky", "/nhat-ky/bat-thuong", "/nhat-ky/con-dau"} {
			if other.visit(path).Status != http.StatusNotFound {
				t.Errorf("%s reads %s: %d", name, path, other.at.Status)
			}
		}
	}
	var kept int
	if err := s.DB.Open(t, pg.Superuser).Get(&kept, `select count(*) from audit.entries where act = 'audit.review' and decision = 'allowed' and reason = 'explained'`); err != nil || kept != 1 {
		t.Error("the answer is not on the record", kept, err)
	}
}
