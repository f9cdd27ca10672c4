package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// row is what a test expects of a record: its number, its first line, and the cells or the class.
type row struct {
	number, line int
	cells        string // joined with ¦
	broken       Class
}

// readRecords reads a whole text in which every row should have as many cells as the first.
func readRecords(t interface{ Fatal(...any) }, text *textFile) []row {
	var rows []row
	for {
		r, err := text.next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			text.width(len(r.cells))
		}
		if !r.blank {
			rows = append(rows, row{r.number, r.line, strings.Join(r.cells, "¦"), r.broken})
		}
	}
}

func TestTextRowsAreCutWhereTheyEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []row
	}{
		"plain":                     {"a,b\n1,2\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}}},
		"no newline at the end":     {"a,b\n1,2", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}}},
		"carriage returns and feed": {"a,b\r\n1,2\r\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}}},
		"carriage returns alone":    {"a,b\r1,2\r3,4", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}, {3, 3, "3¦4", ""}}},
		"mixed ends":                {"a,b\r1,2\n3,4\r\n5,6", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}, {3, 3, "3¦4", ""}, {4, 4, "5¦6", ""}}},
		"quotes":                    {"a,b\n\"1,1\",\"say \"\"x\"\"\"\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1,1¦say \"x\"", ""}}},
		"line breaks in a cell":     {"a,b\n\"1\n1\",\"2\r\n2\"\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1\n1¦2\n2", ""}, {3, 5, "3¦4", ""}}},
		"a mark inside a word":      {"a,b\n5\" pipe,2\n", []row{{1, 1, "a¦b", ""}, {2, 2, "5\" pipe¦2", ""}}},
		"spaces after a mark":       {"a,b\n\"1\" ,2\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}}},
		"empty cells":               {"a,b\n,\n,2\n1,\n", []row{{1, 1, "a¦b", ""}, {3, 3, "¦2", ""}, {4, 4, "1¦", ""}}},
		"blank lines":               {"a,b\n\n1,2\n   \n\"\",\"\"\n3,4\n\n", []row{{1, 1, "a¦b", ""}, {3, 3, "1¦2", ""}, {6, 6, "3¦4", ""}}},
		"too few":                   {"a,b\n1\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", TooFewCells}, {3, 3, "3¦4", ""}}},
		"half-written":              {"a,b\n1,2\n3", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}, {3, 3, "", TooFewCells}}},
		"too many":                  {"a,b\n1,2,3\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", TooManyCells}, {3, 3, "3¦4", ""}}},
		"too many, the last empty":  {"a,b\n1,2,\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", TooManyCells}, {3, 3, "3¦4", ""}}},
		"text after a mark":         {"a,b\n\"1\"x,2\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", BrokenQuotes}, {3, 3, "3¦4", ""}}},
		"a mark never closed":       {"a,b\n\"1,2\n3,4\n5,6\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", BrokenQuotes}, {3, 3, "3¦4", ""}, {4, 4, "5¦6", ""}}},
		"closed by a later row":     {"a,b\n\"1,2\n\"3\",4\n5,6\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", BrokenQuotes}, {3, 3, "3¦4", ""}, {4, 4, "5¦6", ""}}},
		"closed, and one too many":  {"a,b\n\"1,2\n3\",4,5\n6,7\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", TooManyCells}, {3, 3, "", TooManyCells}, {4, 4, "6¦7", ""}}},
		"a mark at the very end":    {"a,b\n1,\"", []row{{1, 1, "a¦b", ""}, {2, 2, "", BrokenQuotes}}},
		"NUL":                       {"a,b\n1\x00,2\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", ControlCharacter}, {3, 3, "3¦4", ""}}},
		"escape":                    {"a,b\n\x1b[2J,2\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", ControlCharacter}}},
		"no UTF-8":                  {"a,b\nX\xe3 H\xe0,2\n3,4\n", []row{{1, 1, "a¦b", ""}, {2, 2, "", BadEncoding}, {3, 3, "3¦4", ""}}},
		"half a letter":             {"a,b\n1,\xc4", []row{{1, 1, "a¦b", ""}, {2, 2, "", BadEncoding}}},
		"a mark of the byte order":  {"\xef\xbb\xbfa,b\n1,2\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1¦2", ""}}},
		"nothing":                   {"", nil},
		"only a line":               {"\n", nil},
		"tabs in cells":             {"a,b\n1\t1,2\n", []row{{1, 1, "a¦b", ""}, {2, 2, "1\t1¦2", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readRecords(t, readText(strings.NewReader(c.text), 0, FileSpec{Delimiter: ","}))
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(row{})); diff != "" {
				t.Error(diff)
			}
			slow := readRecords(t, readText(iotest.OneByteReader(strings.NewReader(c.text)), 0, FileSpec{Delimiter: ","}))
			if diff := cmp.Diff(got, slow, cmp.AllowUnexported(row{})); diff != "" {
				t.Errorf("byte by byte: %s", diff)
			}
		})
	}
}

func TestTextLimitsHold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxCell+1)
	huge := strings.Repeat("y", maxRecord+10)
	lines := strings.Repeat("z\n", maxLines+5)
	text := "a,b\n" + long + ",2\n3,4\n" + huge + ",5\n6,7\n\"" + lines + "\",8\n9,10\n"
	got := readRecords(t, readText(strings.NewReader(text), 0, FileSpec{Delimiter: ","}))
	classes := map[Class]int{}
	var taken []string
	for _, r := range got[1:] {
		classes[r.broken]++
		if r.broken == "" {
			taken = append(taken, r.cells)
		}
	}
	if diff := cmp.Diff([]string{"3¦4", "6¦7", "9¦10"}, taken); diff != "" {
		t.Error(diff)
	}
	if classes[TooLong] != 2 || classes[BrokenQuotes] == 0 {
		t.Errorf("classes %v", classes)
	}
}

func TestEncodingsOfTextFiles(t *testing.T) {
	t.Parallel()
	const text = "họ,xã\nĐặng,Đăk Hà\n"
	want := []row{{1, 1, "họ¦xã", ""}, {2, 2, "Đặng¦Đăk Hà", ""}}
	encode := func(e interface {
		Bytes([]byte) ([]byte, error)
	}, s string) string {
		b, err := e.Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	// Windows-1258 writes tones as marks of their own after the vowel.
	toned := strings.NewReplacer("ặ", "ă\u0323", "ã", "a\u0303", "à", "a\u0300", "ọ", "o\u0323").Replace(text)
	for name, c := range map[string]struct{ encoding, bytes string }{
		"UTF-16 LE by its mark": {"", encode(utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewEncoder(), text)},
		"UTF-16 BE by its mark": {"utf-8", encode(utf16.UTF16(utf16.BigEndian, utf16.UseBOM).NewEncoder(), text)},
		"UTF-16 LE as declared": {"UTF-16LE", encode(utf16.UTF16(utf16.LittleEndian, utf16.IgnoreBOM).NewEncoder(), text)},
		"Windows-1258":          {"Windows-1258", encode(charmap.Windows1258.NewEncoder(), toned)},
		"UTF-8":                 {"UTF-8", text},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readRecords(t, readText(strings.NewReader(c.bytes), 0, FileSpec{Encoding: c.encoding, Delimiter: ","}))
			for i := range got {
				got[i].cells = norm.NFC.String(got[i].cells)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
				t.Error(diff)
			}
		})
	}
	half := encode(utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewEncoder(), text)
	got := readRecords(t, readText(strings.NewReader(half[:len(half)-1]), 0, FileSpec{Delimiter: ","}))
	if last := got[len(got)-1]; last.broken != BadEncoding && last.broken != TooFewCells {
		t.Errorf("half a letter of UTF-16 gave %+v", last)
	}
}

func TestOldFontBecomesUnicode(t *testing.T) {
	t.Parallel()
	font := fonts["tcvn3"]
	for old, want := range map[string]string{
		"Hµ Néi":                      "Hà Nội",
		"§¨k Hµ":                      "Đăk Hà",
		"NguyÔn ThÞ ¦íc":              "Nguyễn Thị Ước",
		"ngêi bÞ b¹o lùc":             "ngời bị bạo lực", // a slip of the typist stays a slip
		"ng\u00adêi bÞ b¹o lùc":       "người bị bạo lực",
		"plain":                       "plain",
		"Đăk Hà":                      "Đăk Hà", // Unicode already
		"“Hµ Néi”":                    "“Hà Nội”",
		"":                            "",
		"ch\u00ada biÕt tªn, 30 tuæi": "chưa biết tên, 30 tuổi",
	} {
		if got := unfont(font, old); got != want {
			t.Errorf("%q became %q, not %q", old, got, want)
		}
	}
	if o, n := []rune(tcvn3Old), []rune(tcvn3New); len(o) != len(n) {
		t.Fatalf("%d old letters and %d new ones", len(o), len(n))
	}
	for _, s := range []string{tcvn3Old, tcvn3New} {
		seen := map[rune]bool{}
		for _, r := range s {
			if seen[r] {
				t.Errorf("%q is there twice", r)
			}
			seen[r] = true
		}
	}
}

// cell draws what people type into registers, and some of what machines do.
func cell() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "x", "Đăk Hà", "a,b", `say "x"`, "two\nlines", "  ", ";", "'", "=1+1", "\t"}),
		rapid.StringMatching(`[a-zàđêơ ,;"\n]{0,12}`),
	)
}

func TestTextReadsWhatAnotherWriterWrote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 5).Draw(t, "width")
		grid := rapid.SliceOfN(rapid.SliceOfN(cell(), width, width), 1, 12).Draw(t, "grid")
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		if err := w.WriteAll(grid); err != nil {
			t.Fatal(err)
		}
		text := readText(bytes.NewReader(file.Bytes()), 0, FileSpec{Delimiter: ","})
		text.width(width)
		for number, want := range grid {
			r, err := text.next()
			if err != nil {
				t.Fatalf("row %d: %v", number+1, err)
			}
			if r.blank {
				if strings.TrimSpace(strings.Join(want, "")) != "" {
					t.Fatalf("row %d was taken for blank", number+1)
				}
				continue
			}
			if diff := cmp.Diff(want, r.cells); diff != "" || r.number != number+1 {
				t.Fatalf("row %d is numbered %d: %s", number+1, r.number, diff)
			}
		}
		if _, err := text.next(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last row: %v", err)
		}
	})
}

// One damaged row costs one row: every other one is read as it was written.
func TestDamageToOneRowLeavesTheOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(3, 30).Draw(t, "rows")
		victim := rapid.IntRange(0, rows-1).Draw(t, "victim")
		damage := rapid.SampledFrom([]func(string) string{
			func(s string) string { return `"` + s },
			func(s string) string { return s[:strings.LastIndexByte(s, ',')] },
			func(s string) string { return s + ",x" },
			func(s string) string { return strings.Replace(s, ",", `,"`, 1) },
			func(s string) string { return s + "\x00" },
			func(s string) string { return s + "\xff" },
			func(s string) string { return "" + s[:len(s)/4] },
		}).Draw(t, "damage")
		var file strings.Builder
		var want []string
		for i := range rows {
			line := fmt.Sprintf("r%d,\"quoted, %d\",tail%d", i, i, i)
			if i == victim {
				file.WriteString(damage(line) + "\n")
				continue
			}
			file.WriteString(line + "\n")
			want = append(want, fmt.Sprintf("r%d¦quoted, %d¦tail%d", i, i, i))
		}
		text := readText(strings.NewReader(file.String()), 0, FileSpec{Delimiter: ","})
		text.width(3)
		var got []string
		total := 0
		for {
			r, err := text.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			total++
			if r.broken == "" && !r.blank {
				got = append(got, strings.Join(r.cells, "¦"))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if total != rows {
			t.Fatalf("%d rows became %d", rows, total)
		}
	})
}

func TestUnreadableFileIsAnErrorAndNoEnd(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk went away")
	text := readText(io.MultiReader(strings.NewReader("a,b\n1,2\n3,"), iotest.ErrReader(broken)), 0, FileSpec{Delimiter: ","})
	for range 2 {
		if _, err := text.next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := text.next(); !errors.Is(err, broken) {
		t.Errorf("the failure became %v", err)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"\n\r,\",\x00", "\xff\xfea\x00,\x00b\x00\n\x00", "\xef\xbb\xbf\"", strings.Repeat("\"\n", 300)} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, raw []byte, width uint8) {
		text := readText(bytes.NewReader(raw), int64(len(raw)), FileSpec{Delimiter: ","})
		text.width(int(width % 8))
		last := 0
		for {
			r, err := text.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.number != last+1 {
				t.Fatalf("row %d after row %d", r.number, last)
			}
			last = r.number
			if r.broken != "" && r.cells != nil || r.blank && r.broken != "" {
				t.Fatal("a row is two things at once")
			}
			if r.broken == "" && !r.blank && width%8 > 0 && len(r.cells) != int(width%8) {
				t.Fatalf("%d cells", len(r.cells))
			}
		}
		if done, total := text.position(); done != total {
			t.Fatalf("read %d of %d bytes", done, total)
		}
	})
}
