package e2e

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/survivor"
)

// counted are made-up people of a closed year in communes of former Kon Tum.
func counted(t *testing.T, s *apptest.Server, year, n int) {
	t.Helper()
	places := []string{"23377", "23293", "23500", "23284", "23365"}
	in := casefile.Legacy{Mapping: "thu" + strconv.Itoa(year), Scope: "51"}
	for i := range n {
		age := 10 + i%60
		in.Cases = append(in.Cases, casefile.LegacyCase{Key: []byte(strconv.Itoa(i)), ReceivedAt: time.Date(year, time.Month(1+i%12), 1+i%28, 3, 0, 0, 0, time.UTC),
			Person: survivor.Person{Sex: []string{"F", "F", "F", "M"}[i%4], Age: &age}, Commune: places[i%len(places)], Forms: [][]string{{"PHYSICAL"}, {"PHYSICAL"}, {"PSYCHOLOGICAL"}, {"SEXUAL"}}[i%4],
			Relationship: "HUSBAND", SexPerp: "M", Channel: "HOTLINE_OTHER"})
	}
	if taken, err := s.App.Cases.Import(t.Context(), s.Actor(t, "tuvan.kontum"), in); err != nil || taken != n {
		t.Fatal(taken, err)
	}
}

// given is a published release of a year.
func given(t *testing.T, s *apptest.Server, year int, public bool) (id string) {
	t.Helper()
	officer, leader := s.As(t, "thongke.sldtbxh"), s.As(t, "lanhdao.sldtbxh")
	made := officer.Must(http.StatusAccepted, "POST", "/api/v1/releases", map[string]any{"scope": "51", "period": map[string]any{"from": strconv.Itoa(year) + "-01-01", "to": strconv.Itoa(year) + "-12-31"}, "public": public})
	path := "/api/v1/releases/" + made.Text("id")
	for officer.Must(http.StatusOK, "GET", path, nil).Text("state") == "PREPARING" {
		runtime.Gosched()
	}
	leader.Must(http.StatusOK, "POST", path+"/publication", nil)
	return made.Text("id")
}

// TestStatisticianChoosesATableOpensAFigureAndEverybodyReadsTheOpenPage is the statistician's way in a real browser: the overview, a table of her own choice with its
// drawing, the definition of a figure, the files; then somebody without any account on the open page.
func TestStatisticianChoosesATableOpensAFigureAndEverybodyReadsTheOpenPage(t *testing.T) {
	s := apptest.New(t)
	counted(t, s, 2020, 150)
	given(t, s, 2020, false)
	counted(t, s, 2021, 420)
	id := given(t, s, 2021, true)

	p := sitDown(t, s, "thongke.sldtbxh", 1280)
	for _, width := range []int64{1280, 360} {
		p.size(t, width, 800)
		p.goTo("/tong-quan")
		p.says("năm 2021", "năm 2020", "tăng, từ", "Thay đổi", "chưa phân biệt được", "Bản đồ minh họa")
		p.look("tong-quan", width)

		p.goTo("/bang-so/xem")
		p.fill(map[string]string{"release": id, "rows": "area", "show": "share", "sort": "count"})
		p.press(`form[action="/bang-so/xem"] .primary`, `location.search.includes('rows=area') && document.querySelector('.bars svg') && document.querySelector('.places path')`)
		p.says("Thứ hạng", "Huyện Ngọc Hồi", "%")
		if read[string](t, p.tab, `document.querySelector('select[name=rows]').value + document.querySelector('select[name=show]').value`) != "areashare" {
			t.Error("the choice is forgotten")
		}
		p.look("lap-bang", width)
		p.fill(map[string]string{"columns": "form"})
		p.press(`form[action="/bang-so/xem"] .primary`, `location.search.includes('columns=form') && document.querySelectorAll('.multiples .chart').length >= 2`)
		p.look("lap-bang-cheo", width)

		// A figure that is withheld says why.
		p.press(`a.fig.few`, `location.pathname.endsWith('/o')`)
		p.says("Vì sao bị che?", "Lấy từ đâu", "Đếm gì", "Ô", "form=")
		p.look("con-so", width)
		p.goTo("/bang-so/" + id + "/month")
		p.look("thang", width)
		p.goTo("/bang-so/" + id + "/form_sex_age")
		p.look("ba-chieu", width)
		p.goTo("/bang-so/" + id)
		p.look("ky", width)
		p.goTo("/chat-luong/" + id)
		p.says("Gauss rời rạc", "SHA-256", "Lãnh đạo Sở")
		p.look("chat-luong", width)
		p.goTo("/bao-cao")
		p.look("bao-cao", width)
	}
	// Her files are those of the page that she stands on.
	p.goTo("/bang-so/" + id + "/sex")
	csv := read[string](t, p.tab, `fetch([...document.querySelectorAll('.head-actions a')].find(a => a.innerText.includes('CSV')).href).then(r => r.text())`)
	if !strings.HasPrefix(csv, "release_id,table_id,dims,count,lower,upper\n") || !strings.Contains(csv, id+",sex,sex=F,") {
		t.Errorf("%.200s", csv)
	}
	// By keyboard alone: the first figure is reached and opened.
	read[chromedp.Void](t, p.tab, `document.querySelector('a.fig').focus()`)
	if !read[bool](t, p.tab, `document.activeElement.matches('a.fig')`) {
		t.Error("a figure cannot be reached")
	}
	p.key(t, "Enter", "Enter", 0)
	p.arrive(`location.pathname.endsWith('/o')`)
	if said := p.said(); len(said) > 0 {
		t.Errorf("the console said %q", said)
	}

	// Somebody else, without an account, in a browser of her own.
	ctx, end := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	v := &person{tab: newTab(t, ctx, 5*minute), t: t, base: p.base, name: "khach"}
	for _, width := range []int64{1280, 360} {
		v.size(t, width, 800)
		v.goTo("/so-lieu")
		v.says("Số liệu mở", "năm 2021")
		v.hides("năm 2020") // published, and not public
		v.look("so-lieu", width)
		v.goTo("/so-lieu/" + id)
		v.look("so-lieu-ky", width)
		v.goTo("/so-lieu/" + id + "/area")
		v.says("Huyện Ngọc Hồi")
		v.look("so-lieu-bang", width)
		v.press("a.fig", `location.pathname.endsWith('/o') && location.pathname.startsWith('/so-lieu/')`)
		v.look("so-lieu-con-so", width)
	}
	if cookies := read[string](t, v.tab, "document.cookie"); cookies != "" {
		t.Errorf("cookies: %q", cookies)
	}
	open := read[string](t, v.tab, `fetch('/so-lieu/`+id+`/sex.csv').then(r => r.text())`)
	if open != csv {
		t.Error("the open file is another")
	}
	v.goTo("/bang-so/" + id)
	v.hides("Huyện Ngọc Hồi")
	if said := v.said(); len(said) > 1 { // the page that she may not see answers 401, which the browser notes
		t.Errorf("the console said %q", said)
	}
}
