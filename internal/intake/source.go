package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"os"

	"binhan/internal/fault"
)

// record is one row of a file before anybody asked what it means.
type record struct {
	number int // as a spreadsheet counts
	line   int // where it begins in a text file
	cells  []string
	broken Class // set when the row cannot be read; cells are then empty
	blank  bool  // nothing in any cell
}

// records is a file read row by row: text or workbook. next gives io.EOF after the last row. After the header, the reader tells the width that
// rows must have.
type records interface {
	next() (record, error)
	width(n int)
	// position is how much was read, out of how much; out of 0 when nobody knows.
	position() (done, total int64)
	// digest is the SHA-256 of the whole file, once it was read to its end.
	digest() [sha256.Size]byte
	close() error
}

const (
	maxCell    = 64 << 10 // bytes; a narrative of thirty pages
	maxRecord  = 1 << 20
	maxLines   = 200 // lines in one quoted row
	maxColumns = 500
)

// counting is a file that knows how far it was read and what it was.
type counting struct {
	r    io.Reader
	n    int64
	hash hash.Hash
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.hash.Write(p[:n])
	return n, err
}

func (c *counting) sum() (d [sha256.Size]byte) {
	c.hash.Sum(d[:0])
	return d
}

// openRecords opens a file as what it is, whatever its name says.
func openRecords(ctx context.Context, file *os.File, m *Mapping) (records, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fault.New(fault.Malformed, "intake_no_file")
	}
	head := make([]byte, 8)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if _, err := zip.NewReader(file, info.Size()); err != nil {
			return nil, fault.New(fault.Malformed, "intake_bad_workbook").Because(err)
		}
		return openWorkbook(ctx, file, m.File)
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}): // .xls of before 2007, or a workbook with a password
		return nil, fault.New(fault.MediaType, "intake_old_workbook")
	}
	return openText(file, info.Size(), m.File), nil
}
