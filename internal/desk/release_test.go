package desk_test

import (
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/survivor"
)

// counted are made-up cases of a closed year.
func counted(t testing.TB, s *apptest.Server, scope string, n int) {
	t.Helper()
	in := casefile.Legacy{Mapping: "thu", Scope: scope}
	for i := range n {
		age := 15 + i%60
		c := casefile.LegacyCase{Key: []byte(strconv.Itoa(i)), ReceivedAt: time.Date(2021, time.Month(1+i%12), 1+i%28, 3, 0, 0, 0, time.UTC), Person: survivor.Person{Sex: "F", Age: &age},
			Forms: [][]string{{"PHYSICAL"}, {"PSYCHOLOGICAL"}, {"SEXUAL"}}[i%3], Relationship: "HUSBAND", SexPerp: "M", Channel: "HOTLINE_OTHER"}
		if c.Commune = "23377"; scope != "51" {
			c.Commune, c.Area = "", "AR-B"
		}
		in.Cases = append(in.Cases, c)
	}
	if taken, err := s.App.Cases.Import(t.Context(), s.Actor(t, "tuvan.kontum"), in); err != nil || taken != n {
		t.Fatal(taken, err)
	}
}

func TestNumbersArePreparedCheckedAndPublishedOnPagesByTwoPeople(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 90)
	officer, leader := as(t, s, "thongke.sldtbxh"), as(t, s, "lanhdao.sldtbxh")
	if !slices.Contains(officer.at.links(), "/bang-so") || slices.Contains(officer.at.links(), "/ho-so") {
		t.Errorf("the officer's menu: %v", officer.at.links())
	}
	officer.visit("/bang-so")
	officer.says("Chưa có kỳ nào được công bố.")
	officer.send("/bang-so", map[string]any{"period.from": "2021-01-01"})
	if officer.at.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", officer.at.Status)
	}
	officer.says("Đến ngày:")
	if v, _ := officer.at.form("/bang-so"); v.Get("period.from") != "2021-01-01" || v.Get("scope") != "51" {
		t.Errorf("typed words are lost: %v", v)
	}
	officer.send("/bang-so", map[string]any{"period.to": "2021-12-31"})
	id := officer.on("/bang-so/*")
	path := "/bang-so/" + id
	for !strings.Contains(officer.visit(path).text(), "Đã chuẩn bị, chờ công bố") {
		if officer.at.Status != http.StatusOK {
			t.Fatalf("%d: %s", officer.at.Status, officer.at.text())
		}
		runtime.Gosched() // the draw goes on behind the answer
	}
	officer.says("năm 2021", "Người chuẩn bị không tự công bố", "Tổng các dòng và các bảng khớp nhau", "26%")
	officer.visit(path + "/area")
	officer.says("Chưa công bố", "Huyện Ngọc Hồi", "Tất cả")
	if p := officer.ask(http.MethodPost, path+"/cong-bo", url.Values{}); p.Status != http.StatusNotFound {
		t.Errorf("the officer publishes: %d", p.Status)
	}

	leader.visit("/hom-nay")
	leader.says("Xem lại và công bố", "năm 2021")
	leader.visit(path)
	leader.send(path+"/cong-bo", nil)
	leader.on(path)
	leader.says("Đã công bố số liệu.", "Đã công bố", "Lãnh đạo Sở", "Chuyên viên bình đẳng giới (Sở)")
	if again := leader.ask(http.MethodPost, path+"/cong-bo", url.Values{}); again.Status != http.StatusConflict || !strings.Contains(again.text(), "Kỳ này đã được công bố.") {
		t.Errorf("published twice: %d %s", again.Status, again.text())
	}
	officer.visit(path + "/sex_age")
	officer.says("Giới tính và nhóm tuổi", "Nữ", "Số ca được tiếp nhận, không phải số ca xảy ra.")
	files := 0
	for _, link := range officer.at.links() {
		if !strings.HasPrefix(link, "/api/v1/releases/") {
			continue
		}
		files++
		if p := officer.ask(http.MethodGet, link, nil); p.Status != http.StatusOK || len(p.Source) < 100 {
			t.Errorf("%s: %d", link, p.Status)
		}
	}
	if files != 2 {
		t.Errorf("%d files on the page of a table", files)
	}
	officer.visit("/bang-so")
	officer.says("năm 2021", "01/01/2021 – 31/12/2021")
	for _, missing := range []string{path + "/khong-co", "/bang-so/" + uuid.NewString(), "/bang-so/khong-phai"} {
		if p := officer.visit(missing); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", missing, p.Status)
		}
	}
	if p := as(t, s, "tuvan.kontum").visit(path); p.Status != http.StatusNotFound {
		t.Errorf("a counsellor reads statistics: %d", p.Status)
	}
}

func TestTablesNameARegistersOwnAreasAndDrawTheirMonths(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "linea144", 300)
	officer, leader := as(t, s, "thongke.sldtbxh"), as(t, s, "lanhdao.sldtbxh")
	officer.visit("/bang-so")
	officer.send("/bang-so", map[string]any{"scope": "linea144", "period.from": "2021-01-01", "period.to": "2021-12-31", "plan": "medium"})
	path := "/bang-so/" + officer.on("/bang-so/*")
	for strings.Contains(officer.visit(path).text(), "Đang chuẩn bị") {
		runtime.Gosched()
	}
	leader.visit(path)
	leader.send(path+"/cong-bo", nil)
	leader.visit(path + "/area_form")
	leader.says("Buenos Aires", "Bạo lực thể chất", "dưới 10", "Bị che: ")
	leader.visit(path + "/month")
	leader.says("01/2021", "12/2021")
	if !strings.Contains(leader.at.Source, "<svg") {
		t.Error("no drawing")
	}
}
