package desk_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
	"binhan/internal/world"
)

var born = strconv.Itoa(apptest.BornIn)

// told is a plainly made-up first contact, as it is typed.
func told() map[string]any {
	return map[string]any{
		"_safe": "yes", "intake.channel": "IN_PERSON", "intake.reporter": "SELF",
		"safe_contact.channel": "PHONE", "safe_contact.value": "0900 000 002", "safe_contact.hours": "9 giờ đến 11 giờ", "safe_contact.code_word": "hoa dã quỳ", "safe_contact.may_leave_message": "false",
		"safe_contact.must_not": []string{"SMS", "VISIT"},
		"survivor.name":         "Người Thử Nghiệm Một", "survivor.sex": "F", "survivor.birth_date.day": "1", "survivor.birth_date.month": "1", "survivor.birth_date.year": born,
		"survivor.commune": "bờ y", "survivor.address": "Thôn Thử, nhà số 0", "survivor.phone": "0900 000 001", "survivor.id_number": "051191000001", "survivor.ethnicity": "14",
		"needs":                      []string{"SAFETY", "COUNSELLING"},
		"incident.occurred_on.month": "10", "incident.occurred_on.year": "2026", "incident.commune": "Xã Bờ Y (23377)", "incident.place": "HOME", "incident.acts": []string{"A", "B"},
		"incident.relationship": "HUSBAND", "incident.description": "Chuyện thử nghiệm.", "incident.perpetrators.1.name": "Người Gây Việc Thử", "incident.perpetrators.1.age": "40",
		"narrative":           "Lời kể thử nghiệm, một câu.",
		"consents.0.decision": "GIVEN", "consents.2.decision": "REFUSED", "_consents_by": "SELF", "_consents_method": "WRITTEN",
	}
}

func TestTheMainJobIsDoneOnPagesFromRecordingToClosing(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor, police := as(t, s, "tuvan.kontum"), as(t, s, "congan.ngochoi")

	// She records what she hears.
	counsellor.visit("/tiep-nhan/moi")
	counsellor.send("/tiep-nhan/moi", told())
	id := counsellor.on("/ho-so/*")
	path := "/ho-so/" + id
	counsellor.says("Đã lưu hồ sơ.", "Người Thử Nghiệm Một", "0900 000 002", "9 giờ đến 11 giờ", "hoa dã quỳ", "Không nhắn tin", "01/01/"+born, "35 tuổi", "Xã Bờ Y", "10/2026", "Nữ", "Xơ Đăng", "Thôn Thử, nhà số 0", "Đồng ý", "Không đồng ý", "Chưa hỏi về chia sẻ với nơi khác")
	counsellor.hides("Lời kể thử nghiệm", "Chuyện thử nghiệm", "Tại nhà", "Người Gây Việc Thử", "Bạo lực thể chất", "Chuyển gửi: ")
	counsellor.visit(path)
	if strings.Contains(counsellor.at.text(), "Đã lưu hồ sơ.") {
		t.Error("the sentence of the last step is said twice")
	}

	// The story opens when she asks for it, and asking is on the record.
	counsellor.unfold("Lời kể thử nghiệm, một câu.", "Chuyện thử nghiệm.", "Tại nhà", "Người Gây Việc Thử", "40 tuổi", "Chồng", "Bạo lực thể chất", "Chuyển gửi: ", "Mở phần đang đóng")
	counsellor.visit(path)
	counsellor.hides("Lời kể thử nghiệm", "Chuyện thử nghiệm", "Người Gây Việc Thử")

	// She refers to the police, with the consent just given.
	counsellor.visit(path + "/chuyen-gui/moi?service=SAFETY")
	counsellor.says("Công an xã Bờ Y", "Công an xã Đăk Hà", "Nơi nhận sẽ thấy đúng những điều sau")
	if v, _ := counsellor.at.form(path + "/chuyen-gui/moi"); v.Get("to") != world.OrgID("congan-boy").String() {
		t.Errorf("the receiver of her commune is not chosen beforehand: %s", v.Get("to"))
	}
	counsellor.send(path+"/chuyen-gui/moi", map[string]any{"to": world.OrgID("congan-boy").String(), "priority": "P1", "reason": "Cần bảo vệ đêm nay (thử).",
		"fields": []string{"name", "phone", "safe_contact", "incident"}, "opinion": "PARTLY", "consent_method": "WRITTEN", "_receiver_read": "yes"})
	ticket := "/phieu/" + counsellor.on("/phieu/*")
	counsellor.says("Đã gửi phiếu.", "Công an xã Bờ Y", "Người Thử Nghiệm Một", "Cần bảo vệ đêm nay (thử).")
	counsellor.hides("051191000001", "Thôn Thử")

	// The police see an envelope, ask, and see what was shared once they accept: that and nothing else.
	secrets := []string{"Người Thử Nghiệm Một", "0900 000 001", "0900 000 002", "hoa dã quỳ", "051191000001", "Thôn Thử", "Lời kể", "Chuyện thử", "Người Gây Việc", "Cần bảo vệ", id, "/" + born}
	police.visit("/hom-nay")
	police.says("Trả lời phiếu mới đến", "Bảo vệ an toàn khẩn cấp", "Khẩn cấp")
	police.hides(secrets...)
	police.visit("/chuyen-gui/den")
	police.says("Bảo vệ an toàn khẩn cấp", "Trung tâm Công tác xã hội", "Xã Bờ Y", "Từ 25 đến 39 tuổi")
	police.hides(secrets...)
	police.visit(ticket)
	police.says("25", "Xã Bờ Y", "Tiếp nhận", "Chưa thể nhận")
	police.hides(secrets...)
	police.send(ticket+"/hoi", map[string]any{"text": "Gọi lúc nào (thử)?"})
	police.on(ticket)
	police.hides(secrets...)
	counsellor.visit("/hom-nay")
	counsellor.says("Trả lời câu hỏi của nơi nhận")
	counsellor.visit(ticket)
	counsellor.says("Gọi lúc nào (thử)?")
	counsellor.send(ticket+"/tra-loi", map[string]any{"text": "Buổi sáng (thử)."})
	police.visit(ticket)
	police.says("Buổi sáng (thử).")
	police.send(ticket+"/tiep-nhan", nil)
	police.on(ticket)
	police.says("Người Thử Nghiệm Một", "0900 000 001", "0900 000 002", "hoa dã quỳ", "Chuyện thử nghiệm.", "Cần bảo vệ đêm nay (thử).", "Không cần hỏi lại: việc đã xảy ra", "Không nhắn tin · Không đến nhà")
	police.hides("051191000001", "Thôn Thử", "Lời kể thử nghiệm", "Người Gây Việc Thử", id, "01/01/"+born, "Xơ Đăng")
	if p := police.visit(path); p.Status != http.StatusNotFound {
		t.Errorf("the receiver opens the case: %d", p.Status)
	}

	// They help and report; she reads it and closes; then nothing is open to them any more.
	police.visit(ticket)
	police.send(ticket+"/bat-dau", nil)
	police.send(ticket+"/ket-qua", map[string]any{"result": "DELIVERED", "delivered_at": "2026-11-24T08:00", "note": "Đã gặp (thử)."})
	police.says("Đã gửi kết quả cho nơi gửi.")
	counsellor.visit("/hom-nay")
	counsellor.says("Đọc kết quả và đóng phiếu")
	counsellor.visit(ticket)
	counsellor.says("Đã hỗ trợ", "Đã gặp (thử).")
	counsellor.send(ticket+"/dong", nil)
	counsellor.says("Đã đóng phiếu.", "Hoàn thành")
	police.visit(ticket)
	police.hides(secrets...)
	counsellor.visit(path)
	counsellor.says("Công An Thử Một", "Tiếp nhận phiếu", "nơi được gửi phiếu", "Chia sẻ với Công an", "Công an xã Bờ Y", "Văn bản, chữ ký hoặc điểm chỉ")

	if log := s.Log.String(); strings.Contains(log, "Thử Nghiệm") || strings.Contains(log, "0900 000") || strings.Contains(log, "0900000") || strings.Contains(log, id) {
		t.Error("the log knows somebody")
	}
}
