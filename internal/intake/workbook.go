package intake

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"

	"binhan/internal/fault"
)

// unpackedLimit bounds an unpacked workbook, in bytes: some million rows, and an end to files that unpack without end. It is also the size from
// which parts would go to a temporary file: never, because a register does not belong on a disk unsealed.
const unpackedLimit = 256 << 20

// workbook reads one sheet of an .xlsx file. Cells come as they are stored, so that a day is a number and not somebody's way to show it.
type workbook struct {
	file    *excelize.File
	osFile  *os.File
	rows    *excelize.Rows
	number  int
	columns int
	total   int64
	base    int // the year from which days are counted
	sum     [sha256.Size]byte
}

func openWorkbook(_ context.Context, file *os.File, spec FileSpec) (*workbook, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(file, 0, 1<<62)); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(io.NewSectionReader(file, 0, 1<<62), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: unpackedLimit, UnzipXMLSizeLimit: unpackedLimit,
	})
	if err != nil {
		return nil, fault.New(fault.Malformed, "intake_bad_workbook").Because(err)
	}
	w := &workbook{file: f, osFile: file}
	h.Sum(w.sum[:0])
	sheet := spec.Sheet
	if sheets := f.GetSheetList(); sheet == "" && len(sheets) > 0 {
		sheet = sheets[0]
	}
	if index, err := f.GetSheetIndex(sheet); err != nil || index < 0 {
		return nil, errors.Join(fault.New(fault.Malformed, "intake_no_sheet"), w.close())
	}
	if dimension, err := f.GetSheetDimension(sheet); err == nil {
		if _, last, ok := strings.Cut(dimension, ":"); ok {
			if _, row, err := excelize.CellNameToCoordinates(last); err == nil {
				w.total = int64(row)
			}
		}
	}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		w.base = 1904
	}
	if w.rows, err = f.Rows(sheet); err != nil {
		return nil, errors.Join(fault.New(fault.Malformed, "intake_bad_workbook").Because(err), w.close())
	}
	return w, nil
}

func (w *workbook) width(n int)                   { w.columns = n }
func (w *workbook) position() (done, total int64) { return int64(w.number), w.total }
func (w *workbook) digest() [sha256.Size]byte     { return w.sum }

func (w *workbook) close() error {
	var err error
	if w.rows != nil {
		err = w.rows.Close()
	}
	return errors.Join(err, w.file.Close(), w.osFile.Close())
}

func (w *workbook) next() (record, error) {
	if !w.rows.Next() {
		if err := w.rows.Error(); err != nil {
			return record{}, fault.New(fault.Malformed, "intake_bad_workbook").Because(err)
		}
		return record{}, io.EOF
	}
	w.number++
	r := record{number: w.number}
	cells, err := w.rows.Columns()
	if err != nil {
		return record{}, fault.New(fault.Malformed, "intake_bad_workbook").Because(err)
	}
	// A sheet leaves out the empty cells at the end of a row, and remembers cells that were once formatted.
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		r.blank = true
		return r, nil
	}
	if w.columns > 0 && len(cells) > w.columns {
		r.broken = TooManyCells
		return r, nil
	}
	for len(cells) < w.columns {
		cells = append(cells, "")
	}
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, "\r\n", "\n"), "_x000D_", "")
		if r.broken = checkText(cells[i]); r.broken != "" {
			return r, nil
		}
	}
	r.cells = cells
	return r, nil
}
