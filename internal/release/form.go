package release

import (
	"fmt"
	"math"
	"strings"

	"binhan/internal/codelist"
	"binhan/internal/paper"
)

// The official forms, filled from published cells and from nothing else. A row that no published cell says, or that would need cells crossed in a way that no table
// crosses them, is "chưa có số liệu công bố": it is never guessed, split or carried over.

// The forms that there are.
const (
	FormFamily   = "bao-luc-gia-dinh" // Biểu 01/BC-X, 02/BC-H, Thông tư 23/2011/TT-BVHTTDL
	FormStrategy = "chien-luoc"       // the four indicators on violence of Nghị quyết 28/NQ-CP
)

// Form is a filled form.
type Form struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	ReleaseID string    `json:"release_id"`
	Period    Period    `json:"period"`
	Columns   []string  `json:"columns"` // heads of the values
	Rows      []FormRow `json:"rows"`
	Notes     []string  `json:"notes"`
}

// FormRow is a row of a form. A heading has no values.
type FormRow struct {
	Number string      `json:"number"`
	Label  string      `json:"label"`
	Unit   string      `json:"unit,omitempty"`
	Added  bool        `json:"added,omitempty"` // not in the form: added because people would be missing from it
	Values []FormValue `json:"values"`
	Note   string      `json:"note,omitempty"`
}

// FormValue is a number with its interval and the cells that it is the sum of, or a mark. Percent has one decimal: 725 is 72,5 %.
type FormValue struct {
	Mark    string `json:"mark,omitempty"`
	Count   *int64 `json:"count,omitempty"`
	Percent *int64 `json:"percent_tenths,omitempty"`
	Lower   int64  `json:"lower"`
	Upper   int64  `json:"upper"`
	Cells   string `json:"cells,omitempty"`
	Target  string `json:"target,omitempty"`
}

// Form fills a form from a release; false when there is no such form.
func (p Papers) Form(b *Book, id string) (Form, bool) {
	switch id {
	case FormFamily:
		return familyForm(b), true
	case FormStrategy:
		return strategyForm(b), true
	}
	return Form{}, false
}

// sum is a value of published cells, a mark when they do not say it.
func (b *Book) sum(sel Selection) FormValue {
	c, _, ok := b.Sum(sel)
	switch {
	case !ok:
		return FormValue{Mark: markNone}
	case c.Count == nil:
		return FormValue{Mark: markUnder, Lower: c.Lower, Upper: c.Upper, Cells: sel.String()}
	}
	return FormValue{Count: c.Count, Lower: c.Lower, Upper: c.Upper, Cells: sel.String()}
}

// family are the groups of relations that the law on domestic violence speaks of (Luật 13/2022/QH15, Điều 2, Điều 3.2). The groups of partners hold lovers too, whom it does
// not; the published groups do not tell them apart.
var family = []string{"SPOUSE", "EX_PARTNER", "PARTNER", "PARENT", "IN_LAW", "CHILD", "SIBLING", "OTHER_FAMILY"}

var (
	under16  = []string{"A00_06", "A07_12", "A13_15"}
	from16   = []string{"A16_17", "A18_24", "A25_39", "A40_59"}
	sixty    = []string{"A60P"}
	unitCase = "Vụ"
)

// familyForm fills the rows of Biểu 01/BC-X. Two columns: violence in the family, which is what the form asks for, as far as a published table crosses it; and everybody
// who came, whatever the relation, which most tables tell.
func familyForm(b *Book) Form {
	f := Form{ID: FormFamily, Title: "Tổng hợp thông tin về gia đình và phòng, chống bạo lực gia đình", ReleaseID: b.Release.ID.String(), Period: b.Release.Period,
		Columns: []string{"Bạo lực gia đình", "Mọi người được tiếp nhận"}}
	none := FormValue{Mark: markNone}
	head := func(number, label string) {
		f.Rows = append(f.Rows, FormRow{Number: number, Label: label, Values: []FormValue{}})
	}
	row := func(number, label, unit, note string, everybody FormValue, inFamily Selection) {
		r := FormRow{Number: number, Label: label, Unit: unit, Note: note, Values: []FormValue{none, everybody}}
		if inFamily != nil {
			inFamily["relation"] = family
			r.Values[0] = b.sum(inFamily)
		}
		f.Rows = append(f.Rows, r)
	}
	head("I", "Gia đình")
	for _, x := range [][2]string{{"1", "Tổng số hộ gia đình"}, {"1.1", "Số hộ gia đình 2 thế hệ (vợ, chồng, con)"}, {"1.2", "Số hộ gia đình 2 thế hệ (mẹ và con)"}, {"1.3", "Số hộ gia đình 2 thế hệ (bố và con)"}, {"1.4", "Số hộ gia đình 3 thế hệ trở lên"},
		{"1.5", "Số hộ gia đình 1 thế hệ (vợ, chồng)"}, {"1.6", "Số hộ gia đình đơn thân (không có vợ hoặc chồng)"}, {"1.7", "Số hộ gia đình khác"}, {"2", "Số hộ gia đình có người cao tuổi (từ đủ 60 tuổi trở lên)"},
		{"3", "Số hộ gia đình có trẻ em (dưới 16 tuổi)"}, {"4", "Số hộ gia đình có bạo lực"}, {"5", "Số hộ gia đình có người tảo hôn"}} {
		row(x[0], x[1], "Hộ", "", none, nil)
	}
	head("II", "Bạo lực gia đình")
	row("1", "Tổng số vụ bạo lực gia đình", unitCase, "Cộng các nhóm quan hệ trong gia đình", b.sum(Selection{}), Selection{})
	head("2", "Hình thức bạo lực")
	for _, x := range [][3]string{{"2.1", "Tinh thần", "PSYCHOLOGICAL"}, {"2.2", "Thân thể", "PHYSICAL"}, {"2.3", "Tình dục", "SEXUAL"}, {"2.4", "Kinh tế", "ECONOMIC"}} {
		note := "Mọi hình thức được kể; cộng các dòng có thể lớn hơn dòng 1"
		if x[2] == "PHYSICAL" {
			note = "Luật năm 2022 gọi là “thể chất”. " + note
		}
		row(x[0], x[1], unitCase, note, b.sum(Selection{"forms": {x[2]}}), Selection{"forms": {x[2]}})
	}
	head("3", "Người có hành vi bạo lực gia đình")
	head("3.1", "Giới tính")
	row("3.1.1", "Nam", unitCase, "", b.sum(Selection{"sex_perp": {"M"}}), Selection{"sex_perp": {"M"}})
	row("3.1.2", "Nữ", unitCase, "", b.sum(Selection{"sex_perp": {"F"}}), Selection{"sex_perp": {"F"}})
	head("3.2", "Biện pháp đã xử lý")
	for i, label := range []string{"Góp ý, phê bình trong cộng đồng dân cư", "Áp dụng biện pháp cấm tiếp xúc", "Áp dụng các biện pháp giáo dục", "Tạm giữ; xử phạt hành chính", "Xử lý hình sự"} {
		row(fmt.Sprintf("3.2.%d", i+1), label, unitCase, "", none, nil)
	}
	head("4", "Người bị bạo lực gia đình")
	head("4.1", "Giới tính")
	row("4.1.1", "Nam", unitCase, "", b.sum(Selection{"sex": {"M"}}), Selection{"sex": {"M"}})
	row("4.1.2", "Nữ", unitCase, "", b.sum(Selection{"sex": {"F"}}), Selection{"sex": {"F"}})
	head("4.2", "Độ tuổi")
	row("4.2.1", "Dưới 16 tuổi", unitCase, "", b.sum(Selection{"age": under16}), Selection{"age": under16})
	row("4.2.2", "Nữ từ 16 - 59 tuổi", unitCase, "Biểu chỉ hỏi nữ", b.sum(Selection{"sex": {"F"}, "age": from16}), Selection{"sex": {"F"}, "age": from16})
	row("", "Nam từ 16 - 59 tuổi", unitCase, "Biểu không có dòng này; thêm để không bỏ sót ai", b.sum(Selection{"sex": {"M"}, "age": from16}), Selection{"sex": {"M"}, "age": from16})
	f.Rows[len(f.Rows)-1].Added = true
	row("4.2.3", "Từ đủ 60 tuổi trở lên", unitCase, "", b.sum(Selection{"age": sixty}), Selection{"age": sixty})
	row("", "Không rõ tuổi", unitCase, "Biểu không có dòng này", b.sum(Selection{"age": {codelist.Unknown}}), Selection{"age": {codelist.Unknown}})
	f.Rows[len(f.Rows)-1].Added = true
	head("5", "Số vụ bạo lực gia đình được xử lý")
	for i, label := range []string{"Người bị bạo lực dưới 16 tuổi", "Người bị bạo lực là nữ từ 16 - 59 tuổi", "Người bị bạo lực từ đủ 60 tuổi trở lên"} {
		row(fmt.Sprintf("5.%d", i+1), label, unitCase, "", none, nil)
	}
	head("6", "Biện pháp hỗ trợ (theo Thông tư 07/2017/TT-BVHTTDL)")
	for i, label := range []string{"Người bị bạo lực được tư vấn", "Người bị bạo lực được chăm sóc, hỗ trợ", "Người có hành vi bạo lực được giáo dục, cai nghiện rượu", "Được đào tạo nghề, giới thiệu việc làm"} {
		row(fmt.Sprintf("6.%d", i+1), label, "Người", "", none, nil)
	}
	f.Notes = []string{
		"Các dòng theo Biểu 01/BC-X (xã) và 02/BC-H (huyện), Thông tư 23/2011/TT-BVHTTDL; dòng 6 theo Thông tư 07/2017/TT-BVHTTDL. Từ ngữ theo Luật Phòng, chống bạo lực gia đình năm 2022.",
		"Biểu đếm vụ, số liệu công bố đếm người được tiếp nhận trong kỳ: mỗi người tính một vụ, cả ở các dòng về hình thức và về người có hành vi bạo lực.",
		"Cột “Bạo lực gia đình” chỉ có số khi có bảng công bố ghép với quan hệ; các nhóm bạn tình gồm cả người yêu, không thuộc phạm vi của Luật.",
		"Cột thành thị, nông thôn của Biểu 02/BC-H: " + markNone + ".",
		"“" + markNone + "”: không bảng nào đã công bố cho biết; số này không được ước đoán.",
	}
	return f
}

// strategyForm fills the four indicators. The first comes from a release of what is known when cases close; the others are not counted by this service.
func strategyForm(b *Book) Form {
	f := Form{ID: FormStrategy, Title: "Bốn chỉ tiêu về bạo lực trên cơ sở giới của Chiến lược quốc gia về bình đẳng giới giai đoạn 2021 - 2030", ReleaseID: b.Release.ID.String(), Period: b.Release.Period, Columns: []string{"Kết quả (%)"}}
	reached := FormValue{Mark: markNone}
	note := "Cần kỳ công bố về kết quả khi kết thúc hồ sơ"
	if b.Release.Kind == Late {
		reached, note = b.share(Selection{"time_bin": acceptedBins()}), "Tỷ lệ người có ít nhất một chuyển gửi được tiếp nhận, trong số hồ sơ kết thúc trong kỳ"
	}
	l := codelist.MustGet("stat_indicator")
	for i, x := range []struct {
		code, target, note string
		value              FormValue
	}{
		{"SURV_ANY_SERVICE", "80% (năm 2025), 90% (năm 2030)", note, reached},
		{"PERP_COUNSELLED", "50% (năm 2025), 70% (năm 2030)", "Hệ thống không lập hồ sơ người có hành vi bạo lực", FormValue{Mark: markNone}},
		{"TRAFFICK_SUPPORTED", "100%", "Không có bảng công bố về mua bán người", FormValue{Mark: markNone}},
		{"PUBLIC_SA_GBV", "70% (năm 2025), 100% (năm 2030)", "Số cơ sở trợ giúp xã hội do cơ quan quản lý cơ sở báo cáo", FormValue{Mark: markNone}},
	} {
		x.value.Target = x.target
		f.Rows = append(f.Rows, FormRow{Number: fmt.Sprint(i + 1), Label: strings.ReplaceAll(l.Label(x.code, vi), "người gây bạo lực", "người có hành vi bạo lực"), Unit: "%", Note: x.note, Values: []FormValue{x.value}})
	}
	f.Notes = []string{"Chỉ tiêu theo Nghị quyết 28/NQ-CP ngày 03/3/2021.", "Tỷ lệ tính từ hai số đã công bố; khoảng là khoảng rộng nhất mà hai khoảng tin cậy cho phép. Không tính tỷ lệ khi số người dưới 50.",
		"“" + markNone + "”: không bảng nào đã công bố cho biết; số này không được ước đoán."}
	return f
}

// acceptedBins are the classes of time in which somebody accepted a referral.
func acceptedBins() []string {
	var out []string
	for _, bin := range codelist.TimeBins() {
		if bin != NoService {
			out = append(out, bin)
		}
	}
	return out
}

// leastBase is the smallest published number of people that a share is taken of.
const leastBase = 50

// share is the part of everybody that a selection is, in tenths of a percent, with the widest interval that the two intervals allow.
func (b *Book) share(sel Selection) FormValue {
	part, all := b.sum(sel), b.sum(Selection{})
	if part.Count == nil || all.Count == nil || *all.Count < leastBase {
		return FormValue{Mark: markNone}
	}
	tenths := func(n, of int64) int64 {
		if of <= 0 {
			return 1000
		}
		return min(1000, int64(math.Round(1000*float64(n)/float64(of))))
	}
	p := tenths(*part.Count, *all.Count)
	return FormValue{Percent: &p, Lower: tenths(part.Lower, all.Upper), Upper: tenths(part.Upper, all.Lower), Cells: part.Cells}
}

// cell is a value on paper.
func (v FormValue) cell() paper.Cell {
	switch {
	case v.Count != nil:
		c := paper.Count(*v.Count)
		c.Range = &paper.Range{Lower: v.Lower, Upper: v.Upper}
		return c
	case v.Percent != nil:
		n := paper.Number{Value: *v.Percent, Decimals: 1}
		return paper.Cell{Text: n.String(), Number: &n}
	}
	return paper.Words(v.Mark)
}

// FormDocument sets a form on paper.
func (p Papers) FormDocument(b *Book, f Form) paper.Document {
	d := p.document(b, f.Title+", "+p.place(b.Release)+", "+periodVI(f.Period))
	t := paper.Table{ID: "Biểu", Title: f.Title, Notes: f.Notes, Columns: []paper.Column{{Head: []string{"TT"}, Weight: 2}, {Head: []string{"Chỉ tiêu"}, Weight: 8}, {Head: []string{"Đơn vị tính"}, Weight: 2}}}
	percent := f.ID == FormStrategy
	for _, c := range f.Columns {
		if percent {
			t.Columns = append(t.Columns, paper.Column{Head: []string{"Mục tiêu"}, Weight: 4}, paper.Column{Head: []string{c}, Numeric: true, Weight: 3}, paper.Column{Head: []string{"Khoảng (%)"}, Weight: 3})
			continue
		}
		t.Columns = append(t.Columns, paper.Column{Head: []string{"Số lượng", c}, Numeric: true, Weight: 4})
	}
	t.Columns = append(t.Columns, paper.Column{Head: []string{"Ghi chú"}, Weight: 6})
	for _, r := range f.Rows {
		row := paper.Row{Strong: len(r.Values) == 0, Cells: []paper.Cell{paper.Words(r.Number), paper.Words(r.Label), paper.Words(r.Unit)}}
		if len(r.Values) == 0 {
			row.Cells = append(row.Cells, make([]paper.Cell, len(f.Columns))...)
		}
		for _, v := range r.Values {
			if percent {
				between := ""
				if v.Percent != nil {
					between = paper.Number{Value: v.Lower, Decimals: 1}.String() + " – " + paper.Number{Value: v.Upper, Decimals: 1}.String()
				}
				row.Cells = append(row.Cells, paper.Words(v.Target), v.cell(), paper.Words(between))
				continue
			}
			row.Cells = append(row.Cells, v.cell())
		}
		t.Rows = append(t.Rows, paper.Row{Strong: row.Strong, Cells: append(row.Cells, paper.Words(r.Note))})
	}
	d.Body = []paper.Block{
		{Paragraph: paper.Text{{Text: "Số liệu trong biểu lấy từ các bảng đã công bố của kỳ từ ngày " + writtenDay(f.Period.From) + " đến ngày " + writtenDay(f.Period.To) + ", phạm vi " + p.place(b.Release) + "; mỗi số kèm khoảng tin cậy 95%.", Note: method(b)}}},
		{Table: &t},
	}
	return d
}
