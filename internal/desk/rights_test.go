package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
)

// TestRightsAreAskedActedOnAndErasedOnPages follows one woman's requests from the office's desk to the certificate.
func TestRightsAreAskedActedOnAndErasedOnPages(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, dpo, boss := as(t, s, "tuvan.kontum"), as(t, s, "dpo"), as(t, s, "giamsat.kontum")
	id := recorded(t, s)
	code := s.As(t, "tuvan.kontum").Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil).Text("code")

	// The office registers; the form that was wrong comes back whole.
	dpo.visit("/yeu-cau")
	dpo.says("Chưa có yêu cầu nào.", "ngày theo lịch")
	dpo.send("/yeu-cau", map[string]any{"case": "SAI-MA", "kind": "RESTRICT", "asked_by": "SELF", "identity_check": "CODE_WORD", "words": "Xin đừng chia sẻ (thử)."})
	if dpo.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", dpo.at.Status)
	}
	dpo.says("Không có hồ sơ nào mang mã này.")
	if v, _ := dpo.at.form("/yeu-cau"); v.Get("words") != "Xin đừng chia sẻ (thử)." || v.Get("kind") != "RESTRICT" {
		t.Errorf("typed words are lost: %v", v)
	}
	dpo.send("/yeu-cau", map[string]any{"case": strings.ToLower(code)})
	request := "/yeu-cau/" + dpo.on("/yeu-cau/*")
	dpo.says("Đã ghi yêu cầu", code, "Mới nhận", "Xin đừng chia sẻ (thử).")
	dpo.send(request+"/tra-loi", map[string]any{"text": "Đã nhận (thử)."})
	dpo.says("Đã trả lời")
	dpo.send(request+"/gia-han", map[string]any{"code": "SAFETY"})
	if dpo.at.Status != http.StatusUnprocessableEntity {
		t.Errorf("extended without telling her: %d", dpo.at.Status)
	}

	// The holder finds it on her day and on the page of the case, and does it.
	holder.visit("/hom-nay")
	holder.says("Thực hiện yêu cầu", "Hạn chế xử lý")
	holder.visit("/ho-so/" + id)
	if !strings.Contains(strings.Join(holder.at.links(), " "), "/ho-so/"+id+"/quyen") {
		t.Error("the case does not lead to her rights")
	}
	holder.visit("/ho-so/" + id + "/quyen")
	holder.says("Quyền của người ấy", "Hạn chế xử lý")
	holder.send("/ho-so/"+id+"/han-che", map[string]any{"ground": "REQUEST"})
	holder.on("/ho-so/" + id + "/quyen")
	holder.says("Hồ sơ đang bị hạn chế")
	holder.visit(request)
	holder.send(request+"/xong", map[string]any{"text": "Đã hạn chế (thử)."})
	holder.says("Đã xong")
	holder.visit("/ho-so/" + id + "/quyen")
	holder.send("/ho-so/"+id+"/ket-thuc", map[string]any{"reason": "SAFE", "safety_checked": "true"})
	if holder.at.Status != http.StatusConflict {
		t.Errorf("a restricted case was closed: %d", holder.at.Status)
	}
	holder.says("đang bị hạn chế")
	holder.send("/ho-so/"+id+"/han-che/bo", map[string]any{"ground": "SHE_AGREES"})

	// Her copy comes as a file; a short passphrase is said beside its field and not kept.
	holder.send("/ho-so/"+id+"/ban-sao", map[string]any{"passphrase": "ngắn"})
	holder.says("Cụm mật khẩu cần ít nhất 12 ký tự")
	v, _ := holder.at.form("/ho-so/" + id + "/ban-sao")
	if v.Get("passphrase") != "" {
		t.Error("a passphrase came back")
	}
	v.Del("passphrase")
	file := holder.ask(http.MethodPost, "/ho-so/"+id+"/ban-sao", v)
	if file.Status != http.StatusOK || !strings.HasPrefix(file.Source, "PK") || !strings.Contains(file.Header.Get("Content-Disposition"), ".zip") {
		t.Errorf("copy: %d %s", file.Status, file.Header.Get("Content-Disposition"))
	}

	// She asks to be erased: proposed by the holder, decided by two others, and the certificate is readable and names nobody of hers.
	holder.visit("/ho-so/" + id + "/quyen")
	holder.send("/yeu-cau", map[string]any{"kind": "ERASE", "asked_by": "SELF", "identity_check": "KNOWN"})
	erase := "/yeu-cau/" + holder.on("/yeu-cau/*")
	holder.send(erase+"/tra-loi", map[string]any{"text": "Đã nhận (thử)."})
	holder.visit("/ho-so/" + id + "/quyen")
	holder.send("/xoa", map[string]any{"ground": "REQUEST"})
	holder.on("/ho-so/" + id + "/quyen")
	holder.says("hai người khác sẽ quyết định")
	boss.visit("/hom-nay")
	boss.says("Duyệt xóa hồ sơ", code)
	path := ""
	for _, l := range boss.at.links() {
		if strings.HasPrefix(l, "/xoa/") {
			path = l
		}
	}
	boss.visit(path)
	boss.send(path+"/duyet", nil)
	boss.says("Một người đã duyệt")
	dpo.visit("/thoi-han")
	dpo.says("Một người đã duyệt", code)
	dpo.visit(path)
	dpo.send(path+"/duyet", nil)
	dpo.says("Giấy xác nhận xóa hồ sơ", code, "Đã xóa", "Bảo Vệ Dữ Liệu Thử", "Giám Sát Thử")
	if strings.Contains(dpo.at.Source, "Nghiệm Một") {
		t.Error("the certificate names her")
	}
	if p := holder.visit("/ho-so/" + id); p.Status != http.StatusNotFound {
		t.Errorf("the erased case opens: %d", p.Status)
	}
}

func TestABreachAndTheProcessingRecordStandOnPages(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	dpo, auditor := as(t, s, "dpo"), as(t, s, "thanhtra")
	dpo.visit("/su-co")
	dpo.says("Chưa có sự cố nào.")
	dpo.send("/su-co", map[string]any{"kind": "CONFIDENTIALITY", "people": "hai"})
	if dpo.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", dpo.at.Status)
	}
	dpo.send("/su-co", map[string]any{"people": "2", "serious": "true", "classes": []string{"identity"}, "words.what": "Gửi nhầm (thử)."})
	path := "/su-co/" + dpo.on("/su-co/*")
	dpo.says("Đã ghi sự cố", "Mẫu số 08", "Gửi nhầm (thử).", "Báo ban đầu (24 giờ)")
	dpo.send(path, map[string]any{"move": "first_notice", "text": "Đã báo (thử)."})
	dpo.says("Đã gửi báo ban đầu")
	dpo.visit("/hom-nay")
	dpo.says("Báo sự cố dữ liệu")
	auditor.visit(path)
	if strings.Contains(auditor.at.Source, "Gửi nhầm") || auditor.at.Status != http.StatusOK {
		t.Errorf("the auditor: %d", auditor.at.Status)
	}
	for _, b := range []*browser{dpo, auditor} {
		b.visit("/ho-so-xu-ly")
		b.says("Hồ sơ xử lý dữ liệu", "public.survivors", "Nguồn gốc dân tộc", "AES-256-GCM")
	}
	dpo.send("/ho-so-xu-ly", map[string]any{"number": "01/QCPH-THU", "signed_on": "2026-03-01", "purposes": []string{"SHARE_POLICE"}})
	dpo.says("Cần điền mục này")
}
