package paper

import (
	"errors"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"binhan/internal/fault"
)

// sample is a report with everything that a report can have. Its figures are made up, but for those of the indicator table, which are those that a
// province published for 2019.
func sample() Document {
	d := Document{
		Superior: "Ủy ban nhân dân tỉnh Kon Tum", Issuer: "Sở Lao động - Thương binh và Xã hội", Symbol: "BC-SLĐTBXH", Place: "Kon Tum",
		Date: Date{Year: 2022, Month: 12, Day: 5}, Kind: "Báo cáo",
		Title: "Kết quả thực hiện Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2022",
		To:    []string{"Bộ Lao động - Thương binh và Xã hội", "Ủy ban nhân dân tỉnh Kon Tum"},
		Grounds: []string{
			"Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
			"Thực hiện Kế hoạch của Ủy ban nhân dân tỉnh về triển khai Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2022,",
		},
		Recipients: []Recipient{{"Như trên", "b/c"}, {"Các sở, ban, ngành là thành viên Ban Vì sự tiến bộ của phụ nữ tỉnh", "p/h"}, {"Ủy ban nhân dân các huyện, thành phố", "t/h"}},
		Archive:    "VT, BĐG",
		Signature:  Signing{Mode: Deputy, Head: "Giám đốc", Title: "Phó Giám đốc"}.Signature(),
		Notice:     "Số liệu minh hoạ",
		Notes:      []string{"Số trường hợp lấy từ kỳ công bố, có khoảng tin cậy 95%; số dưới 10 không in.", "Định nghĩa: phiên bản 1."},
		Made:       time.Date(2022, 12, 5, 1, 2, 3, 0, time.UTC),
	}
	heading := func(level int, number, title string) {
		d.Body = append(d.Body, Block{Heading: &Heading{level, number, title}})
	}
	say := func(t ...Run) { d.Body = append(d.Body, Block{Paragraph: t}) }
	heading(1, "I", "Công tác chỉ đạo, triển khai thực hiện")
	say(Run{Text: "Sở đã tham mưu Ủy ban nhân dân tỉnh ban hành kế hoạch; các đơn vị, địa phương đã ban hành "}, Run{Text: "13 kế hoạch", Bold: true}, Run{Text: " triển khai thực hiện, bám sát chủ đề “Đảm bảo an sinh xã hội, tăng quyền năng và tạo cơ hội cho phụ nữ và trẻ em gái nhằm thực hiện bình đẳng giới và xóa bỏ bạo lực trên cơ sở giới”."})
	heading(1, "II", "Kết quả thực hiện")
	heading(2, "1", "Tổ chức Lễ phát động Tháng hành động")
	say(Run{Text: "Lễ phát động được tổ chức ở cả ba cấp, trực tiếp và trực tuyến, thu hút "}, Run{Text: "1.250 lượt người", Bold: true, Note: "Số lượt người do các đơn vị báo cáo; một người có thể dự nhiều cuộc."}, Run{Text: " tham dự, trong đó "}, Run{Text: "nữ 780 lượt", Italic: true}, Run{Text: " (62,4%)."})
	heading(2, "2", "Hoạt động truyền thông, tuyên truyền")
	heading(3, "a", "Truyền thông trực tiếp")
	d.Body = append(d.Body, Block{List: []Text{Plain("115 cuộc nói chuyện chuyên đề tại cộng đồng, bằng tiếng Việt, tiếng Xơ Đăng, tiếng Ba Na và tiếng Giẻ Triêng;"), Plain("69 lớp tập huấn, hội thảo;"), Plain("21 buổi lồng ghép trong họp, giao ban, sinh hoạt thôn, làng.")}})
	heading(3, "b", "Sản phẩm truyền thông")
	for range 3 {
		say(Run{Text: "Các đơn vị đã treo 431 băng rôn, cấp phát 23.800 tờ rơi, đăng 85 tin, bài và phát 18 chương trình truyền hình; nội dung đúng các thông điệp của Tháng hành động, không nêu tên, hình ảnh hay chi tiết có thể nhận ra người bị bạo lực. Kinh phí bình quân một cuộc truyền thông là 12,5 triệu đồng."})
	}
	heading(2, "3", "Phòng ngừa, phát hiện, ngăn chặn, xử lý các vụ việc bạo lực, xâm hại")
	say(Run{Text: "Số liệu về người được tiếp nhận lấy từ kỳ công bố số liệu, không phải từ hồ sơ của từng người.", Note: "Phương pháp: nhiễu Gauss rời rạc, công bố theo bội số của 5; khoảng tin cậy 95%."})
	d.Body = append(d.Body, Block{Table: &Table{ID: "Hình thức", Title: "Người được tiếp nhận theo hình thức bạo lực chính", Unit: "Đơn vị tính: người",
		Columns: []Column{{Head: []string{"STT"}, Weight: 1}, {Head: []string{"Hình thức"}, Weight: 4}, {Head: []string{"Số người", "Cả năm"}, Numeric: true, Weight: 2}, {Head: []string{"Số người", "Trong Tháng hành động"}, Numeric: true, Weight: 2}},
		Rows: []Row{
			{Cells: []Cell{Words(""), Words("Tổng số"), estimate(430, 420, 440), estimate(45, 35, 55)}, Strong: true},
			{Cells: []Cell{Words("1"), Words("Bạo lực thể chất"), estimate(205, 190, 220), estimate(25, 15, 35)}},
			{Cells: []Cell{Words("2"), Words("Bạo lực tinh thần"), estimate(150, 135, 165), Words("dưới 10")}},
			{Cells: []Cell{Words("3"), Words("Bạo lực tình dục"), estimate(35, 20, 50), Words("dưới 10")}},
			{Cells: []Cell{Words("4"), Words("Bạo lực kinh tế"), estimate(40, 25, 55), Words("–")}},
		},
		Notes: []string{"Dấu “dưới 10”: có nhưng ít hơn 10 người. Dấu “–”: chưa báo cáo."}}})
	heading(1, "III", "Đánh giá chung")
	say(Run{Text: "Công tác phối hợp giữa các ngành đã chặt chẽ hơn; việc chuyển gửi người bị bạo lực đến cơ sở y tế, trợ giúp pháp lý và nơi tạm lánh được theo dõi đến khi có phản hồi."})
	say(Run{Text: "Trên đây là báo cáo kết quả thực hiện Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2022 của Sở Lao động - Thương binh và Xã hội tỉnh Kon Tum."})

	annex := Table{ID: "PL1", Unit: "Số tiền tính bằng triệu đồng",
		Columns: []Column{{Head: []string{"STT"}, Weight: 2}, {Head: []string{"Nội dung"}, Weight: 9}, {Head: []string{"Đơn vị tính"}, Weight: 3}, {Head: []string{"Tổng số"}, Numeric: true, Weight: 3},
			{Head: []string{"Chia ra", "Cấp tỉnh"}, Numeric: true, Weight: 3}, {Head: []string{"Chia ra", "Cấp huyện"}, Numeric: true, Weight: 3}, {Head: []string{"Chia ra", "Cấp xã"}, Numeric: true, Weight: 3}, {Head: []string{"Ghi chú"}, Weight: 4}}}
	for i, r := range []struct {
		what, unit string
		all, p, h  int64
	}{{"Kế hoạch, văn bản chỉ đạo", "văn bản", 13, 1, 12}, {"Nói chuyện chuyên đề, truyền thông trực tiếp", "cuộc", 115, 102, 9}, {"Hội thảo, tập huấn", "lớp", 69, 4, 4}, {"Băng rôn, khẩu hiệu", "cái", 431, 114, 255}, {"Tờ rơi, tờ gấp", "tờ", 23800, 20000, 3000}} {
		annex.Rows = append(annex.Rows, Row{Cells: []Cell{Words(fmt.Sprint(i + 1)), Words(r.what), Words(r.unit), Count(r.all), Count(r.p), Count(r.h), Count(r.all - r.p - r.h), Words("")}})
	}
	annex.Rows = append(annex.Rows, Row{Strong: true, Cells: []Cell{Words("6"), Words("Kinh phí thực hiện"), Words("triệu đồng"), tenths(12345), tenths(10000), tenths(2000), tenths(345), Words("=1+1 là chữ")}})
	long := Table{ID: "PL2", Title: "Các đơn vị báo cáo", Columns: []Column{{Head: []string{"STT"}, Weight: 1}, {Head: []string{"Đơn vị"}, Weight: 6}, {Head: []string{"Số cuộc"}, Numeric: true, Weight: 2}, {Head: []string{"Số lượt người"}, Numeric: true, Weight: 2}}}
	for i := range 70 {
		long.Rows = append(long.Rows, Row{Cells: []Cell{Words(fmt.Sprint(i + 1)), Words(fmt.Sprintf("Ủy ban nhân dân xã Thử Nghiệm %02d", i+1)), Count(int64(i%7 + 1)), Count(int64(i*137 + 20))}})
	}
	d.Annexes = []Annex{{Title: "Kết quả hoạt động trong Tháng hành động", Intro: "(Số liệu tổng hợp từ báo cáo của các đơn vị)", Blocks: []Block{{Table: &annex}}, Landscape: true}, {Title: "Danh sách đơn vị báo cáo", Blocks: []Block{{Table: &long}}}}
	return d
}

func estimate(n, lower, upper int64) Cell {
	c := Count(n)
	c.Range = &Range{lower, upper}
	return c
}

func tenths(n int64) Cell {
	v := Number{Value: n, Decimals: 1}
	return Cell{Text: v.String(), Number: &v}
}

func asError(err error, to **fault.Error) bool { return errors.As(err, to) }

// measuring is a pen that only measures.
func measuring() *fpdf.Fpdf {
	f := fpdf.New("P", "mm", "A4", "")
	for style := range fontFile {
		f.AddUTF8FontFromBytes(family, style, font(style))
	}
	return f
}
