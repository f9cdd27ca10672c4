package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// office finds LibreOffice and the tools that turn pages into pictures. `make test` installs them where it may; where they are not there the test says
// that it did not run, and in continuous integration that is a failure.
func office(t *testing.T) {
	t.Helper()
	for _, program := range []string{"soffice", "pdftoppm"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not on PATH: deploy/ensure office", program)
			}
			t.Skipf("THE DOCUMENTS WERE NOT LOOKED AT: %s is not on PATH (deploy/ensure office)", program)
		}
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// looks renders a PDF as grey pictures, 50 points an inch: enough to see lines, letters' places and weights.
func looks(t *testing.T, pdf string) []*image.Gray {
	t.Helper()
	to := filepath.Join(t.TempDir(), "page")
	run(t, "pdftoppm", "-r", "50", "-gray", "-png", pdf, to)
	files, err := filepath.Glob(to + "*.png")
	if err != nil || len(files) == 0 {
		t.Fatal("no page was drawn", err)
	}
	var all []*image.Gray
	for _, f := range files {
		all = append(all, picture(t, f))
	}
	return all
}

func picture(t *testing.T, file string) *image.Gray {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	g, ok := img.(*image.Gray)
	if !ok {
		g = image.NewGray(img.Bounds())
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				g.Set(x, y, color.GrayModel.Convert(img.At(x, y)))
			}
		}
	}
	return g
}

const square = 10 // pixels: 5 mm

// differs is the share of the squares with ink, in either picture, whose ink differs by more than a seventh of the whole scale: another glyph shape or a hair's
// shift of a line passes, a line elsewhere does not.
func differs(a, b *image.Gray) float64 {
	if a.Bounds() != b.Bounds() {
		return 1
	}
	ink := func(g *image.Gray, x0, y0 int) float64 {
		sum, n := 0, 0
		for y := y0; y < min(y0+square, g.Bounds().Dy()); y++ {
			for x := x0; x < min(x0+square, g.Bounds().Dx()); x++ {
				sum += 255 - int(g.GrayAt(x, y).Y)
				n++
			}
		}
		return float64(sum) / float64(n)
	}
	inked, off := 0, 0
	for y := 0; y < a.Bounds().Dy(); y += square {
		for x := 0; x < a.Bounds().Dx(); x += square {
			p, q := ink(a, x, y), ink(b, x, y)
			if p < 4 && q < 4 {
				continue
			}
			if inked++; p-q > 36 || q-p > 36 {
				off++
			}
		}
	}
	if inked == 0 {
		return 0
	}
	return float64(off) / float64(inked)
}

// tolerance is how much of the inked squares may differ from the picture that somebody looked at. Measured: the same page 0.00, .pdf and .docx
// of one page, set by different programs, 0.01, a page with one line of text more 0.17.
const tolerance = 0.05

// alike compares pages with the pictures in testdata that somebody has looked at; BINHAN_TEST_GOLDEN=write draws those anew, to be looked at.
func alike(t *testing.T, name string, have []*image.Gray) {
	t.Helper()
	file := func(i int) string { return filepath.Join("testdata", fmt.Sprintf("%s-%d.png", name, i+1)) }
	if os.Getenv("BINHAN_TEST_GOLDEN") == "write" {
		for i, img := range have {
			var b bytes.Buffer
			if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, coarse(img)); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file(i), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if more, _ := filepath.Glob(file(len(have))); len(more) > 0 {
		t.Errorf("%s has %d pages, and had more", name, len(have))
	}
	for i, img := range have {
		if d := differs(picture(t, file(i)), img); d > tolerance {
			t.Errorf("page %d of %s looks different in %.0f %% of what is printed", i+1, name, 100*d)
		}
	}
}

// coarse keeps 16 greys, so that the pictures stay small.
func coarse(g *image.Gray) *image.Gray {
	out := image.NewGray(g.Bounds())
	for i, v := range g.Pix {
		out.Pix[i] = uint8((int(v) + 8) / 17 * 17)
	}
	return out
}

// TestDocumentsLookAsTheyDid renders .docx and .xlsx with LibreOffice and .pdf by itself, and compares them with pictures that somebody has looked at.
func TestDocumentsLookAsTheyDid(t *testing.T) {
	t.Parallel()
	office(t)
	d := sample()
	dir := t.TempDir()
	write := func(name string, raw []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	docx, err := d.Docx()
	doc := write("word.docx", docx, err)
	xlsx, err := d.XLSX()
	book := write("sheet.xlsx", xlsx, err)
	raw, err := d.PDF()
	own := write("own.pdf", raw, err)
	run(t, "soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir, doc, book)
	pages := looks(t, own)
	inWord := looks(t, filepath.Join(dir, "word.pdf"))
	alike(t, "pdf", pages)
	alike(t, "docx", inWord)
	alike(t, "xlsx", looks(t, filepath.Join(dir, "sheet.pdf"))[:3])

	// The comparison must see what it is for.
	if differs(pages[0], pages[1]) < 3*tolerance {
		t.Error("two pages that differ look alike to the comparison")
	}
	other := sample()
	other.To = append(other.To, "Ủy ban Quốc gia vì sự tiến bộ của phụ nữ Việt Nam") // one line more
	raw, err = other.PDF()
	if moved := looks(t, write("moved.pdf", raw, err)); differs(pages[0], moved[0]) < 3*tolerance {
		t.Errorf("a line more passes unseen: %.2f", differs(pages[0], moved[0]))
	}
	other = sample()
	other.Annexes[1].Blocks[0].Table.Columns[1].Head = []string{"Tên đơn vị đã báo cáo"}
	if raw, err = other.PDF(); len(looks(t, write("head.pdf", raw, err))) != len(pages) {
		t.Error("another word of a head changes the number of pages")
	}
	t.Logf("the .pdf and the .docx in LibreOffice differ by %.2f on page 1, %.2f on page 2", differs(pages[0], inWord[0]), differs(pages[1], inWord[1]))
}
