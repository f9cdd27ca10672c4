package desk_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/world"
)

func TestAnEmergencyIsOpenedMarkedAndReviewedOnPages(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	made := s.As(t, "tuvan.kontum").Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/ho-so/" + made.Text("id")
	nurse, boss, holder := as(t, s, "yte.kontum"), as(t, s, "giamsat.kontum"), as(t, s, "tuvan.kontum")
	nurse.visit("/hom-nay")
	nurse.says("Mở khẩn cấp")
	nurse.hides("Danh sách hồ sơ")
	nurse.visit("/mo-khan-cap")
	nurse.send("/mo-khan-cap", map[string]any{"case": nobodys(t), "code": "LIFE_THREAT", "reason": "Đang ở phòng cấp cứu (thử)."})
	nurse.says("Hãy đọc lại mã cùng người đã gọi", "Đang ở phòng cấp cứu (thử).")
	if v, _ := nurse.at.form("/mo-khan-cap"); nurse.at.Status != http.StatusNotFound || v.Get("case") != nobodys(t) {
		t.Errorf("%d %v", nurse.at.Status, v)
	}
	nurse.send("/mo-khan-cap", map[string]any{"case": made.Text("code"), "reason": ""})
	nurse.says("Còn 1 chỗ cần xem lại")
	nurse.send("/mo-khan-cap", map[string]any{"case": made.Text("code"), "code": "LIFE_THREAT", "reason": "Đang ở phòng cấp cứu (thử)."})
	nurse.on(path)
	nurse.says("theo diện mở khẩn cấp", "Người Thử Nghiệm Một")
	if !strings.Contains(nurse.at.Source, `data-mark="Y Tế Thử · `+made.Text("code")) {
		t.Error("no mark")
	}
	nurse.hides("Thôn Thử", "0900 000 002", "hoa dã quỳ", "Sửa hồ sơ", "Ai không được xem", "In hồ sơ")

	nurse.send(path+"/hien", nil)
	nurse.says("Lời kể thử nghiệm.")

	holder.visit("/hom-nay")
	holder.says("Y Tế Thử (Bệnh viện đa khoa khu vực Kon Tum) đã mở khẩn cấp hồ sơ "+made.Text("code"), "1 mới")
	holder.send("/hom-nay/da-doc", nil)
	holder.on("/hom-nay")
	holder.hides("1 mới")

	boss.visit("/mo-khan-cap")
	boss.says("Chờ bạn đánh giá", "Y Tế Thử")
	one := regexp.MustCompile(`href="(/mo-khan-cap/[^"]+)"`).FindStringSubmatch(boss.at.Source)[1]
	boss.visit(one)
	boss.says("Đang ở phòng cấp cứu (thử).", "vẫn đóng")
	nurse.visit(one)
	nurse.send(one+"/xin-noi-o", nil)
	nurse.says("đang chờ người thứ hai đồng ý")
	boss.visit(one)
	boss.send(one+"/mo-noi-o", nil)
	boss.says("đã mở, có người thứ hai đồng ý")
	nurse.visit(path)
	nurse.says("hoa dã quỳ")
	boss.visit(one)
	boss.send(one+"/danh-gia", map[string]any{"verdict": "JUSTIFIED", "note": "Đã gọi lại (thử)."})
	boss.on("/mo-khan-cap")
	boss.says("Đúng là khẩn cấp")
}

// nobodys is a code that is well formed and names no case.
func nobodys(t *testing.T) string {
	t.Helper()
	for _, c := range "23456789BCDFGHJKMNPQRTV" {
		if code, ok := casefile.CleanCode("2222-51-20-" + string(c)); ok {
			return code
		}
	}
	t.Fatal("no check letter fits")
	return ""
}

func TestWallsSealsAndGivingACaseOnPages(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	made := s.As(t, "tuvan.kontum").Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/ho-so/" + made.Text("id")
	holder, boss, next := as(t, s, "tuvan.kontum"), as(t, s, "giamsat.kontum"), as(t, s, "tuvan.thu")
	holder.visit(path)
	holder.says("Ai không được xem", "Niêm kín hồ sơ", "In hồ sơ")
	holder.visit(path + "/khong-xem?org=" + world.OrgID("congan-boy").String())
	holder.says("Công An Thử Một")
	holder.send(path+"/khong-xem", map[string]any{"username": "congan.ngochoi", "why": "KIN"})
	holder.says("Người này không còn thấy hồ sơ.", "Công An Thử Một", "Người nhà, họ hàng")

	// Given with what each carries; the next opens it with a reason.
	boss.visit(path + "/phan-cong")
	boss.says("Người Thử tuvan.thu – 0 hồ sơ đang mở, 0 nguy cơ cao", "Đang phụ trách: Tư Vấn Thử Một")
	boss.send(path+"/phan-cong", map[string]any{"to": world.UserID("tuvan.thu").String()})
	boss.says("Đã giao hồ sơ.")
	next.visit(path)
	next.says("Mở hồ sơ lần đầu")
	next.hides("Người Thử Nghiệm Một", "hoa dã quỳ", "Sửa hồ sơ", "Lời kể")
	next.send(path+"/hien", map[string]any{"code": "TAKE_OVER"})
	next.on(path)
	next.says("Người Thử Nghiệm Một", "hoa dã quỳ", "Sửa hồ sơ")
	boss.visit(path + "/phan-cong")
	boss.says("Tư Vấn Thử Một – 0 hồ sơ đang mở")

	// Sealed by two.
	next.visit(path + "/niem-kin")
	next.send(path+"/niem-kin", map[string]any{"why": "STAFF"})
	next.says("Hồ sơ được niêm kín khi người thứ hai đồng ý.")
	boss.visit("/niem-kin")
	boss.says(made.Text("code"), "Đồng ý niêm kín")
	boss.send(regexp.MustCompile(`action="(/niem-kin/[^"]+)"`).FindStringSubmatch(boss.at.Source)[1], nil)
	boss.says("Không có yêu cầu nào chờ bạn.")
	boss.visit("/ho-so")
	boss.hides(made.Text("code")[:4])
}

func TestACopyPrintsWithItsMarkAndTheOtherPagesDoNot(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	made := s.As(t, "tuvan.kontum").Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/ho-so/" + made.Text("id")
	holder := as(t, s, "tuvan.kontum")
	holder.visit(path)
	holder.send(path+"/in", map[string]any{"reason": "x"})
	holder.says("Người Thử Nghiệm Một", "In hồ sơ") // the case comes back with the form
	holder.send(path+"/in", map[string]any{"reason": "Nộp kèm hồ sơ (thử)."})
	holder.says("Bí mật – không sao chụp", "Lời kể thử nghiệm.", "Tư Vấn Thử Một, Trung tâm Công tác xã hội", "Bản in không có nơi ở")
	holder.hides("Thôn Thử", "0900 000 002", "hoa dã quỳ")
	if !strings.Contains(holder.at.Source, `class="paper"`) {
		t.Error("the copy is no paper")
	}
}

func TestKnownElsewhereIsAskedOnAPage(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.As(t, "tuvan.kontum").Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	asker := as(t, s, "tuvan.ngochoi")
	asker.visit("/hoi-trung")
	asker.send("/hoi-trung", map[string]any{"phone": "0900 000 001"})
	asker.says("cần xem lại")
	asker.send("/hoi-trung", map[string]any{"phone": "0900 000 001", "code": "NEW_CONTACT"})
	asker.says("Có thể đã có hồ sơ.")
	asker.hides("Tư Vấn Thử Một", "Trung tâm Công tác xã hội", "0900 000 001")
	asker.send("/hoi-trung", map[string]any{"phone": "0900 000 009", "code": "NEW_CONTACT"})
	asker.says("Không thấy hồ sơ nào")
}

func TestTheRecorderIsToldOfAnotherCaseAndKeepsColleaguesAwayAtIntake(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	holder := as(t, s, "tuvan.kontum")
	for i, want := range []string{"Đã lưu", "Có thể người này đã có hồ sơ khác"} {
		holder.visit("/tiep-nhan/moi")
		holder.send("/tiep-nhan/moi", map[string]any{"intake.channel": "IN_PERSON", "survivor.name": "Người Thử Nghiệm Một", "survivor.phone": "0900 000 001", "conflicts.0.username": "tuvan.thu", "conflicts.0.why": "NEIGHBOUR"})
		holder.says(want)
		if i == 0 {
			holder.hides("Có thể người này đã có hồ sơ khác")
		}
	}
	walls := holder.on("/ho-so/*")
	holder.visit("/ho-so/" + walls + "/khong-xem")
	holder.says("Người Thử tuvan.thu")
}

func TestARefugeIsToldOnItsOwnPage(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	path := "/noi-tam-lanh/" + world.OrgID("tamlanh-kontum").String()
	keeper := as(t, s, "tamlanh.kontum")
	keeper.visit("/hom-nay")
	keeper.says("Xem nơi tạm lánh ở đâu")
	keeper.visit(path)
	keeper.says("Chưa hiện địa chỉ.")
	keeper.send(path, map[string]any{"address": ""})
	keeper.says("Còn 1 chỗ cần xem lại")
	keeper.send(path, map[string]any{"address": "Ngõ Bí Mật Thử số 9"})
	keeper.says("Đã lưu địa chỉ.", "Ngõ Bí Mật Thử số 9")
	stranger := as(t, s, "tuvan.kontum")
	if got := stranger.visit(path); got.Status != http.StatusNotFound {
		t.Errorf("%d", got.Status)
	}
	stranger.hides("Ngõ Bí Mật")
}
