package desk_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"binhan/internal/app/apptest"
	"binhan/internal/world"
)

var unitBoY = "/chien-dich/2026/don-vi/" + world.CampaignUnitID(2026, "xa-bo-y").String()

// row is the number of a row of the table on a unit's page, by its code.
func row(t *testing.T, v url.Values, code string) string {
	t.Helper()
	for name, values := range v {
		if strings.HasPrefix(name, "indicators.") && strings.HasSuffix(name, ".code") && values[0] == code {
			return strings.TrimSuffix(name, "code")
		}
	}
	t.Fatal("no row ", code)
	return ""
}

func TestAReporterFillsHerReportAndHandsItIn(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "baocao.ngochoi")
	b.visit("/hom-nay")
	b.says("Nộp báo cáo Tháng hành động 2026", "ngày làm việc")
	if !slices.Contains(b.at.links(), "/chien-dich") || slices.Contains(b.at.links(), "/ho-so") {
		t.Errorf("the reporter's menu: %v", b.at.links())
	}
	b.visit("/chien-dich")
	b.says("Tháng hành động năm 2026", "Ủy ban nhân dân xã Bờ Y", "Đang soạn")
	if strings.Contains(b.at.text(), "năm 2022") {
		t.Error("her unit had no part in 2022")
	}
	b.visit(unitBoY)
	v, _ := b.at.form(unitBoY + "/nop")
	if v == nil {
		t.Fatal(b.at.text())
	}
	talk := row(t, v, "TALK")
	// What cannot be is kept as a draft, said beside the field, and not handed in.
	b.send(unitBoY+"/nop", map[string]any{talk + "quantity.COMMUNE": "3", talk + "participants": "1.200", talk + "women": "1.300"})
	if b.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d: %s", b.at.Status, b.at.text())
	}
	b.says("Số nữ (1300) lớn hơn số người tham gia (1200)")
	v, _ = b.at.form(unitBoY + "/nop")
	if v.Get(talk+"participants") == "" {
		t.Error("what was typed is lost")
	}
	b.send(unitBoY+"/nop", map[string]any{talk + "women": "700", "budget.0.thousand_dong": "12,5"})
	b.on("/chien-dich/2026/don-vi/*")
	b.says("Đã nộp báo cáo.", "12,5")
	if v, _ := b.at.form(unitBoY + "/bo-sung"); v == nil {
		t.Fatal("no supplement is offered")
	} else { // a form that is sent twice does its work once, and leads where its page is
		first := b.ask(http.MethodPost, unitBoY+"/bo-sung", v)
		again := b.ask(http.MethodPost, unitBoY+"/bo-sung", v)
		if first.Status != http.StatusSeeOther || again.Status != http.StatusSeeOther || again.Header.Get("Location") != "/chien-dich/2026" {
			t.Errorf("%d, %d to %s", first.Status, again.Status, again.Header.Get("Location"))
		}
	}
	b.visit(unitBoY)
	b.says("Đang bổ sung", "Báo cáo lần 1", "12,5")
}

func TestTheScriptSavesWhileSomebodyTypesAndASecondEditorIsTold(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "baocao.ngochoi")
	b.visit(unitBoY)
	v, _ := b.at.form(unitBoY + "/nop")
	v.Del("idempotency_key")
	talk := row(t, v, "TALK")
	v.Set(talk+"quantity.COMMUNE", "9")
	p := b.ask(http.MethodPost, unitBoY+"/luu", v)
	if p.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", p.Status, p.text())
	}
	if p = b.ask(http.MethodPost, unitBoY+"/luu", v); p.Status != http.StatusPreconditionFailed || !strings.Contains(p.text(), "Người khác vừa lưu ở đây.") {
		t.Errorf("%d: %s", p.Status, p.text())
	}
}

func TestTheDepartmentReturnsRemindsAndHasTwoReaders(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	officer, leader, unit := as(t, s, "thongke.sldtbxh"), as(t, s, "lanhdao.sldtbxh"), as(t, s, "baocao.ngochoi")
	officer.visit("/chien-dich/2026")
	officer.says("4/12 đơn vị đã nộp báo cáo", "Nhắc đơn vị", "Chưa có tài khoản: nhập từ bản giấy")
	officer.send(unitBoY+"/nhac", nil)
	officer.says("Đã nhắc.")
	unit.visit("/hom-nay")
	unit.says("Sở Nội vụ nhắc: báo cáo Tháng hành động của đơn vị chưa nộp.")
	other := "/chien-dich/2026/don-vi/" + world.CampaignUnitID(2026, "xa-dak-ha").String()
	if p := unit.ask(http.MethodGet, other, nil); p.Status != http.StatusNotFound {
		t.Errorf("another unit's report: %d", p.Status)
	}
	officer.visit(other)
	officer.send(other+"/tra-lai", map[string]any{"reason": ""})
	if officer.at.Status != http.StatusUnprocessableEntity {
		t.Errorf("returned without a reason: %d", officer.at.Status)
	}
	officer.send(other+"/tra-lai", map[string]any{"reason": "Thiếu số tờ rơi."})
	officer.says("Đã trả lại.", "Thiếu số tờ rơi.")

	officer.visit("/chien-dich/2022/bao-cao")
	officer.says("Số liệu minh hoạ", "Công tác chỉ đạo, triển khai thực hiện", "Cộng lại khớp", "Chưa có bản số liệu được công bố", "Chốt bản để duyệt")
	if !slices.Contains(officer.at.links(), "#so-TALK") {
		t.Error("a figure does not open its definition")
	}
	officer.send("/chien-dich/2022/bao-cao/chot", nil)
	officer.on("/chien-dich/2022/bao-cao/*")
	officer.says("Bản 1", "Chờ duyệt")
	if p := officer.ask(http.MethodPost, "/chien-dich/2022/bao-cao/1/duyet", url.Values{}); p.Status != http.StatusNotFound {
		t.Errorf("the preparer approves: %d", p.Status)
	}
	leader.visit("/hom-nay")
	leader.says("Đọc và duyệt báo cáo Tháng hành động 2022")
	leader.visit("/chien-dich/2022/bao-cao/1")
	leader.send("/chien-dich/2022/bao-cao/1/duyet", nil)
	leader.says("Đã duyệt.")
	leader.send("/chien-dich/2022/bao-cao/1/ban-hanh", nil)
	leader.says("Đã ban hành.")
	unit.visit("/chien-dich/2022/bao-cao/1")
	unit.says("Đã ban hành", "Kinh phí thực hiện")
}

func TestSettingsAreKeptByTheDepartmentWithTheirHistory(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "thongke.sldtbxh")
	const path = "/chien-dich/2026/thong-tin"
	b.visit(path)
	b.send(path, map[string]any{"units_due_on": "2026-11-01", "recipients": "Bộ Nội vụ (b/c)\nUBND tỉnh (đ/c)"})
	if b.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", b.at.Status)
	}
	b.says("Hạn nộp phải sau ngày đầu.")
	b.send(path, map[string]any{"units_due_on": "2026-12-10"})
	b.says("Đã lưu thông tin.", "Lần sửa 2")
	v, _ := b.at.form(path)
	if v.Get("recipients") != "Bộ Nội vụ (b/c)\nUBND tỉnh (đ/c)" || v.Get("units_due_on") != "2026-12-10" {
		t.Errorf("%q %q", v.Get("recipients"), v.Get("units_due_on"))
	}
	b.visit("/chien-dich/2022")
	b.says("Sở Lao động - Thương binh và Xã hội (nay: Sở Nội vụ tỉnh Quảng Ngãi)")
}

func TestASheetIsSeenBeforeItIsTaken(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := as(t, s, "baocao.ngochoi")
	b.visit(unitBoY)
	raw := b.ask(http.MethodGet, unitBoY+"/bang-tinh", nil)
	send := func(change func(f *excelize.File)) {
		t.Helper()
		f, err := excelize.OpenReader(strings.NewReader(raw.Source))
		if err != nil {
			t.Fatal(err)
		}
		change(f)
		var file, body bytes.Buffer
		if err := f.Write(&file); err != nil {
			t.Fatal(err)
		}
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", "bao-cao.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(file.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+unitBoY+"/bang-tinh", &body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", w.FormDataContentType())
		req.Header.Set("Origin", s.URL)
		res, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		source, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		b.at = sheet{Path: unitBoY + "/bang-tinh", Status: res.StatusCode, Header: res.Header, Source: string(source)}
		if b.at.root, err = html.Parse(bytes.NewReader(source)); err != nil {
			t.Fatal(err)
		}
	}
	send(func(f *excelize.File) {
		_ = f.SetCellStr("Bảng 1", "F16", "năm trăm")
		_ = f.SetCellFormula("Bảng 1", "D8", "SUM(E8:F8)")
	})
	if b.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d: %s", b.at.Status, b.at.text())
	}
	b.says("Không nhận ô nào của tệp.", "Bảng 1!F16", "Bảng 1!D8", "Ô này là chữ", "Ô này là công thức")
	send(func(f *excelize.File) { _ = f.SetCellInt("Bảng 1", "F16", 777) })
	b.says("Xem trước bảng tính", "Tờ rơi, tờ gấp", "777")
	b.send(unitBoY+"/luu", nil)
	b.says("Đã lưu báo cáo.")
	v, _ := b.at.form(unitBoY + "/nop")
	if got := v.Get(row(t, v, "LEAFLET") + "quantity.COMMUNE"); got != "777" {
		t.Errorf("LEAFLET is %q", got)
	}
}
