package desk_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"binhan/internal/app/apptest"
	"binhan/internal/codelist"
	"binhan/internal/release"
)

// published makes a release of the year 2021 through the JSON surface and publishes it by another person.
func published(t testing.TB, s *apptest.Server, scope, plan string, open bool) (id string) {
	t.Helper()
	officer, leader := s.As(t, "thongke.sldtbxh"), s.As(t, "lanhdao.sldtbxh")
	made := officer.Must(http.StatusAccepted, "POST", "/api/v1/releases", map[string]any{"scope": scope, "period": map[string]any{"from": "2021-01-01", "to": "2021-12-31"}, "plan": plan, "public": open})
	path := "/api/v1/releases/" + made.Text("id")
	for officer.Must(http.StatusOK, "GET", path, nil).Text("state") == "PREPARING" {
		runtime.Gosched() // the draw goes on behind the answer
	}
	leader.Must(http.StatusOK, "POST", path+"/publication", nil)
	return made.Text("id")
}

// figures are the cells as some form of a release tells it: "45 35–55", or "<10" with its interval where the form has one.
type figures map[string]string

func cellText(count *int64, lower, upper int64) string {
	span := " " + strconv.FormatInt(lower, 10) + "–" + strconv.FormatInt(upper, 10)
	if count == nil {
		return "<10" + span
	}
	return strconv.FormatInt(*count, 10) + span
}

func ofJSON(t *testing.T, raw []byte) figures {
	t.Helper()
	var v release.TableView
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %.200s", err, raw)
	}
	m := figures{}
	for _, c := range v.Cells {
		m[c.Dims] = cellText(c.Count, c.Lower, c.Upper)
	}
	return m
}

func ofCSV(t *testing.T, raw []byte) figures {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	m := figures{}
	for _, r := range rows[1:] {
		m[r[2]] = ofTexts(t, r[3], r[4], r[5])
	}
	return m
}

func ofTexts(t *testing.T, count, lower, upper string) string {
	t.Helper()
	var n *int64
	if count != "" {
		x, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		n = &x
	}
	l, err1 := strconv.ParseInt(lower, 10, 64)
	u, err2 := strconv.ParseInt(upper, 10, 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("%q %q", lower, upper)
	}
	return cellText(n, l, u)
}

// ofXLSX reads the sheet of a workbook that has a row a cell, with no library: as XML in a zip file.
func ofXLSX(t *testing.T, raw []byte) figures {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string) []byte {
		f, err := z.Open(name)
		if err != nil {
			return nil
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var shared struct {
		SI []struct {
			T string `xml:"t"`
			R []struct {
				T string `xml:"t"`
			} `xml:"r"`
		} `xml:"si"`
	}
	if b := part("xl/sharedStrings.xml"); b != nil {
		if err := xml.Unmarshal(b, &shared); err != nil {
			t.Fatal(err)
		}
	}
	letters := regexp.MustCompile(`^[A-Z]+`)
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			continue
		}
		b := part(f.Name)
		var sheet struct {
			Rows []struct {
				Cells []struct {
					At   string `xml:"r,attr"`
					Kind string `xml:"t,attr"`
					V    string `xml:"v"`
					F    string `xml:"f"`
					IS   string `xml:"is>t"`
				} `xml:"c"`
			} `xml:"sheetData>row"`
		}
		if err := xml.Unmarshal(b, &sheet); err != nil {
			t.Fatal(err)
		}
		var heads map[string]string
		m := figures{}
		for _, r := range sheet.Rows {
			row := map[string]string{}
			for _, c := range r.Cells {
				if c.F != "" {
					t.Fatalf("a formula in %s", c.At)
				}
				v := c.V
				switch c.Kind {
				case "s":
					i, err := strconv.Atoi(c.V)
					if err != nil || i >= len(shared.SI) {
						t.Fatal(c.V)
					}
					v = shared.SI[i].T
					for _, run := range shared.SI[i].R {
						v += run.T
					}
				case "inlineStr":
					v = c.IS
				}
				row[letters.FindString(c.At)] = v
			}
			if heads == nil {
				if slices.Contains(slices.Collect(maps.Values(row)), "Mã ô") {
					heads = row
				}
				continue
			}
			var cell, count, lower, upper string
			for at, head := range heads {
				switch head {
				case "Số người":
					count = row[at]
				case "Từ":
					lower = row[at]
				case "Đến":
					upper = row[at]
				case "Mã ô":
					cell = row[at]
				}
			}
			m[cell] = ofTexts(t, count, lower, upper)
		}
		if heads != nil {
			return m
		}
	}
	t.Fatal("no sheet has a row a cell")
	return nil
}

// ofPage reads the figures of a page, each by the address of its definition.
func ofPage(t *testing.T, p sheet) figures {
	t.Helper()
	digits := strings.NewReplacer(".", "", ",", "")
	m := figures{}
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "td" {
			continue
		}
		cell, count, span := "", "", ""
		for d := range n.Descendants() {
			if d.Type != html.ElementNode {
				continue
			}
			switch class := attrOf(d, "class"); {
			case d.Data == "a" && strings.HasPrefix(class, "fig"):
				u, err := url.Parse(attrOf(d, "href"))
				if err != nil {
					t.Fatal(err)
				}
				cell, count = "="+u.Query().Get("cell"), digits.Replace(strings.TrimSpace(textOf(d)))
			case class == "range":
				span = " " + digits.Replace(strings.TrimSpace(textOf(d)))
			}
		}
		if cell == "" {
			continue
		}
		if count == "dưới 10" {
			count = "<10"
		}
		m[strings.TrimPrefix(cell, "=")] = count + span
	}
	return m
}

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// TestEveryCellIsTheSameNumberInEveryForm walks every cell of every table of a release through the JSON surface, its CSV and workbook, the open files, the desk's
// page, the open page, the builder and the page that explains it.
func TestEveryCellIsTheSameNumberInEveryForm(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 400)
	id := published(t, s, "51", "medium", true)
	api, nobody := s.As(t, "thongke.sldtbxh"), s.As(t, "")
	officer, visitor := as(t, s, "thongke.sldtbxh"), open(t, s)
	var all struct{ Items []release.TableView }
	if err := json.Unmarshal(api.Must(http.StatusOK, "GET", "/api/v1/releases/"+id+"/tables", nil).Body, &all); err != nil || len(all.Items) < 8 {
		t.Fatal(err, len(all.Items))
	}
	cells, withheld, explained := 0, 0, 0
	for _, table := range all.Items {
		at, open := "/api/v1/releases/"+id+"/tables/"+table.TableID, "/so-lieu/"+id+"/"+table.TableID
		want := figures{}
		for _, c := range table.Cells {
			want[c.Dims] = cellText(c.Count, c.Lower, c.Upper)
			cells++
			if c.Count == nil {
				withheld++
			}
		}
		same := func(form string, got figures) {
			t.Helper()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s (-json +%s)\n%s", table.TableID, form, form, d)
			}
		}
		same("one table", ofJSON(t, api.Must(http.StatusOK, "GET", at, nil).Body))
		same("csv", ofCSV(t, api.Must(http.StatusOK, "GET", at+"?format=csv", nil).Body))
		same("open json", ofJSON(t, nobody.Must(http.StatusOK, "GET", open+".json", nil).Body))
		same("open csv", ofCSV(t, nobody.Must(http.StatusOK, "GET", open+".csv", nil).Body))
		same("xlsx", ofXLSX(t, api.Must(http.StatusOK, "GET", at+"?format=xlsx", nil).Body))
		same("open xlsx", ofXLSX(t, nobody.Must(http.StatusOK, "GET", open+".xlsx", nil).Body))

		// A page shows a withheld cell without its interval, which the page behind it tells.
		shown := figures{}
		for dims, text := range want {
			shown[dims] = text
			if strings.HasPrefix(text, "<10") {
				shown[dims] = "<10"
			}
		}
		pageHas := func(form string, got figures) {
			t.Helper()
			if table.TableID == "forms" {
				delete(got, "") // the people of the whole release stand below a table that does not add up to them
			}
			if d := cmp.Diff(shown, got); d != "" {
				t.Errorf("%s: %s (-json +page)\n%s", table.TableID, form, d)
			}
		}
		pageHas("page", ofPage(t, officer.visit("/bang-so/"+id+"/"+table.TableID)))
		pageHas("open page", ofPage(t, visitor.visit(open)))
		if n := len(table.Dims); n > 0 && n < 3 {
			q := url.Values{"release": {id}, "rows": {table.Dims[n-1]}}
			if n == 2 {
				q.Set("columns", table.Dims[0]) // turned over
			}
			pageHas("builder", ofPage(t, officer.visit("/bang-so/xem?"+q.Encode())))
		}
		for i, c := range table.Cells {
			if i%17 != 0 {
				continue
			}
			for b, path := range map[*browser]string{officer: "/bang-so/" + id + "/" + table.TableID, visitor: open} {
				p := b.visit(path + "/o?cell=" + url.QueryEscape(c.Dims))
				lower, upper := strconv.FormatInt(c.Lower, 10), strconv.FormatInt(c.Upper, 10)
				if p.Status != http.StatusOK || !strings.Contains(p.text(), lower+"–"+upper) {
					t.Errorf("%s %s is not explained: %d", path, c.Dims, p.Status)
				}
				if c.Count == nil != strings.Contains(p.text(), "Vì sao bị che?") || c.Count != nil != strings.Contains(p.text(), "Vì sao bị làm tròn?") {
					t.Errorf("%s %s says the wrong why", path, c.Dims)
				}
				explained++
			}
		}
	}
	if cells < 300 || withheld < 50 || explained < 30 {
		t.Errorf("%d cells, %d withheld, %d explained", cells, withheld, explained)
	}
	t.Logf("%d cells in %d tables, %d withheld; %d explained", cells, len(all.Items), withheld, explained)
}

func TestMergingFreesCellsAndTheAddressKeepsTheChoice(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "linea144", 80) // six or seven a month
	id := published(t, s, "linea144", "medium", false)
	officer := as(t, s, "thongke.sldtbxh")
	// The draw decides which rows are small; some table or other has two that print only together.
	for _, q := range []string{"rows=month", "rows=month&columns=form", "rows=age&columns=form", "rows=form&columns=relation", "rows=age", "rows=relation", "rows=age&columns=sex"} {
		officer.visit("/bang-so/xem?" + q + "&show=share&sort=count")
		if strings.Contains(officer.at.Source, "merge.") {
			break
		}
	}
	officer.says("Bị che: ", "Gộp để bớt bị che", "Thứ hạng", "chưa phân biệt được")
	count := regexp.MustCompile(`Bị che: (\d+)/(\d+) ô`)
	hidden := func() int {
		m := count.FindStringSubmatch(officer.at.text())
		if m == nil {
			return 0
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := hidden()
	merge := ""
	for _, link := range officer.at.links() {
		if strings.Contains(link, "merge.") {
			merge = link
			break
		}
	}
	if merge == "" {
		t.Fatalf("no merge is offered: %v", officer.at.links())
	}
	q, err := url.Parse(merge)
	if err != nil || q.Query().Get("show") != "share" || q.Query().Get("sort") != "count" || q.Query().Get("release") != id {
		t.Errorf("the address forgets the choice: %s", merge)
	}
	officer.visit(merge)
	officer.says("Bỏ gộp", " + ")
	if after := hidden(); after >= before {
		t.Errorf("%d cells withheld before, %d after", before, after)
	}
	if !strings.Contains(officer.at.Source, `<option value="share" selected`) {
		t.Error("the form forgets the choice")
	}
	// The merged figure is explained as the sum of its cells.
	explained := false
	for _, link := range officer.at.links() {
		u, err := url.Parse(link)
		if err != nil {
			continue
		}
		cells := 1
		for _, codes := range release.ParseSelection(u.Query().Get("cell")) {
			cells *= len(codes)
		}
		if cells > 1 {
			officer.visit(link)
			officer.says("Tổng của " + strconv.Itoa(cells) + " ô đã công bố.")
			explained = true
			break
		}
	}
	if !explained {
		t.Error("no merged figure is explained")
	}
	for path, status := range map[string]int{"/bang-so/xem?rows=age&columns=relation": 200, "/bang-so/xem?rows=khong": 200, "/bang-so/xem?release=khong": 404, "/bang-so/xem?khong=1": 422, "/bang-so/" + id + "/age/o?cell=age%3Dkhong": 404,
		"/bang-so/" + id + "/age/o?cell=" + strings.Repeat("a", 9000): 404, "/chat-luong/" + id: 200, "/chat-luong/khong": 404, "/tong-quan": 200, "/bao-cao": 200, "/chat-luong": 200} {
		if p := officer.visit(path); p.Status != status {
			t.Errorf("%.60s: %d, want %d", path, p.Status, status)
		}
	}
	officer.visit("/bao-cao")
	officer.says("Biểu bạo lực gia đình (TT 23/2011), Word")
	if !strings.Contains(officer.at.Source, "/forms/chien-luoc?format=docx") {
		t.Error("the page leads to no form of the strategy")
	}
	officer.visit("/bang-so/xem?rows=age&columns=relation")
	officer.says("không có cách ghép đó")
	officer.visit("/chat-luong/" + id)
	officer.says("Chưa rõ và vào muộn", "SHA-256", "Chuyên viên bình đẳng giới (Sở)", "Lãnh đạo Sở", "Gauss rời rạc", "7/20")
	for _, path := range []string{"/tong-quan", "/bao-cao", "/chat-luong", "/bang-so/xem"} {
		if p := as(t, s, "tuvan.kontum").visit(path); p.Status != http.StatusNotFound {
			t.Errorf("a counsellor reads %s: %d", path, p.Status)
		}
	}
	// What is not public does not exist without a session.
	for _, path := range []string{"/so-lieu/" + id, "/so-lieu/" + id + "/age", "/so-lieu/" + id + "/age.csv", "/so-lieu/" + id + "/manifest.json", "/so-lieu/" + id + "/adx.xml", "/so-lieu/" + id + "/age/o?cell="} {
		if p := open(t, s).visit(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

// TestOldCommunesAreReadInTheBordersOf2025: every commune of the release stands in exactly one row, with those that went into the same commune of today; the map then has
// a number for each of the forty.
func TestOldCommunesAreReadInTheBordersOf2025(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 400)
	id := published(t, s, "51", "medium", false)
	officer := as(t, s, "thongke.sldtbxh")
	on := time.Date(2021, 12, 31, 0, 0, 0, 0, time.UTC)
	table := ofJSON(t, s.As(t, "thongke.sldtbxh").Must(http.StatusOK, "GET", "/api/v1/releases/"+id+"/tables/commune", nil).Body)
	officer.visit("/bang-so/xem?release=" + id + "&rows=commune&borders=2025")
	officer.says("địa giới từ 01/7/2025", "Xã Bờ Y", "Bản đồ minh họa")
	seen := map[string]int{}
	old, today := 0, map[string]bool{}
	for cell := range ofPage(t, officer.at) {
		into := map[string]bool{}
		for _, code := range release.ParseSelection(cell)["commune"] {
			seen["commune="+code]++
			if u, ok := codelist.Commune(code, on); ok {
				into[codelist.Successor(u).Code] = true
				today[codelist.Successor(u).Code] = true
				old++
			}
		}
		if len(into) > 1 {
			t.Errorf("%s goes into %v", cell, into)
		}
	}
	for dims := range table {
		if strings.HasPrefix(dims, "commune=") && seen[dims] != 1 {
			t.Errorf("%s stands %d times", dims, seen[dims])
		}
	}
	if old != 102 || len(today) != 40 {
		t.Errorf("%d old communes in %d of today", old, len(today))
	}
	if n := strings.Count(officer.at.Source, `class="place`); n < 40 || strings.Contains(officer.at.Source, ": chưa báo cáo</title>") {
		t.Errorf("%d places, some without a number", n)
	}
	officer.visit("/bang-so/xem?release=" + id + "&rows=commune")
	if strings.Contains(officer.at.Source, `class="places"`) {
		t.Error("old communes have no outline")
	}
	officer.says("Xã Bờ Y", "Chưa rõ xã, Huyện Ngọc Hồi")
}
