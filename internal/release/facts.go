package release

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"binhan/internal/fault"
)

// Facts are people to count: one row a person and year, one coded value a dimension. No name, no id, no text.
type Facts struct {
	// Dims are the dimensions that the rows have, in the order of the rows' values.
	Dims []string
	// Values are the distinct codes of each dimension, in the order of first appearance.
	Values [][]string
	// rows holds positions in Values, len(Dims) a row.
	rows []uint32
	// weight is how many people a row stands for; nil: one each.
	weight []int64
	// line is the line in the file where the row begins; nil for rows that do not come from a file.
	line []int
}

// Len is the number of rows.
func (f *Facts) Len() int {
	if len(f.Dims) == 0 {
		return len(f.weight)
	}
	return len(f.rows) / len(f.Dims)
}

// Has tells whether the rows have a dimension.
func (f *Facts) Has(dim string) bool { return slices.Contains(f.Dims, dim) }

func (f *Facts) row(i int) []uint32 { return f.rows[i*len(f.Dims) : (i+1)*len(f.Dims)] }

func (f *Facts) people(i int) int64 {
	if f.weight == nil {
		return 1
	}
	return f.weight[i]
}

func (f *Facts) lineOf(i int) int {
	if f.line == nil {
		return i + 1
	}
	return f.line[i]
}

// Bounds on a file of facts.
const (
	maxFactRows  = 20_000_000
	maxFactCodes = 20_000 // different codes in one column
	maxProblems  = 50     // problems told at once
)

// byteOrderMark begins files that some spreadsheet programs write.
var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadFacts reads a facts file: CSV in UTF-8, a header of dimension names, one row a person. Column case_id is optional; rows of one case in one
// year count once, by the earliest month, then by the first row. Whatever cannot be taken is told by row (the header is row 1) and column,
// never by its content. Only the wanted dimensions are kept and checked; other columns of known names are passed over.
func ReadFacts(r io.Reader, wanted []string) (*Facts, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if head, _ := in.Peek(len(byteOrderMark)); bytes.Equal(head, byteOrderMark) {
		_, _ = in.Discard(len(byteOrderMark))
	}
	rd := csv.NewReader(in)
	rd.FieldsPerRecord = -1
	rd.ReuseRecord = true
	header, err := rd.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.Bad(fault.Problem{Pointer: "/facts", Key: "release_facts_empty"})
	}
	if err != nil {
		return nil, brokenLine(err)
	}
	f, columns, caseColumn, err := readHeader(header, wanted)
	if err != nil {
		return nil, err
	}
	codes := make([]map[string]uint32, len(f.Dims))
	for i := range codes {
		codes[i] = map[string]uint32{}
	}
	persons := personsSeen{month: slices.Index(f.Dims, "month"), first: map[string]int{}}
	var bad fault.Problems
	for len(bad) < maxProblems {
		record, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, brokenLine(err)
		}
		line, _ := rd.FieldPos(0)
		if len(record) != len(columns) {
			bad.Add(fmt.Sprintf("/facts/%d", line), "release_facts_width", "row", line, "have", len(record), "want", len(columns))
			continue
		}
		if len(f.line) == maxFactRows {
			bad.Add("/facts", "release_facts_too_many")
			break
		}
		start := len(f.rows)
		for c, text := range record {
			d := columns[c]
			if d < 0 {
				continue
			}
			code, known := codes[d][text]
			if !known {
				key, clean := "", ""
				if key, clean = checkCode(f.Dims[d], text); key != "" {
					bad.Add(fmt.Sprintf("/facts/%d/%s", line, f.Dims[d]), key, "row", line, "column", f.Dims[d])
				} else if code, known = codes[d][clean]; !known {
					if len(f.Values[d]) == maxFactCodes {
						bad.Add(fmt.Sprintf("/facts/%d/%s", line, f.Dims[d]), "release_facts_codes", "row", line, "column", f.Dims[d])
						return nil, bad.Err()
					}
					code = uint32(len(f.Values[d]))
					f.Values[d] = append(f.Values[d], clean)
					codes[d][clean] = code
				}
			}
			f.rows = append(f.rows, code)
		}
		if caseColumn >= 0 && len(bad) == 0 {
			if len(record[caseColumn]) > maxCodeBytes || !utf8.ValidString(record[caseColumn]) {
				bad.Add(fmt.Sprintf("/facts/%d/case_id", line), "release_facts_code", "row", line, "column", "case_id")
			} else if persons.again(f, record[caseColumn], f.rows[start:]) {
				f.rows = f.rows[:start]
				continue
			}
		}
		f.line = append(f.line, line)
	}
	if len(f.Dims) == 0 {
		f.weight = make([]int64, len(f.line))
		for i := range f.weight {
			f.weight[i] = 1
		}
	}
	return f, bad.Err()
}

func readHeader(header, wanted []string) (*Facts, []int, int, error) {
	f := &Facts{}
	columns, caseColumn := make([]int, len(header)), -1
	seen := map[string]bool{}
	var bad fault.Problems
	for c, name := range header {
		here := "/facts/1/" + strconv.Itoa(c+1)
		columns[c] = -1
		switch {
		case seen[name]:
			bad.Add(here, "release_facts_column_twice", "row", 1, "column", c+1)
		case name == "case_id":
			caseColumn = c
		case !slices.Contains(dimOrder, name):
			bad.Add(here, "release_facts_column_unknown", "row", 1, "column", c+1)
		case slices.Contains(wanted, name):
			columns[c] = len(f.Dims)
			f.Dims = append(f.Dims, name)
			f.Values = append(f.Values, nil)
		}
		seen[name] = true
		if len(bad) == maxProblems {
			break
		}
	}
	return f, columns, caseColumn, bad.Err()
}

// checkCode gives the code in its normal form, or the key of what is wrong with it.
func checkCode(dim, text string) (problem, clean string) {
	switch {
	case text == "":
		return "release_facts_blank", ""
	case len(text) > 4*maxCodeBytes || !utf8.ValidString(text):
		return "release_facts_code", ""
	case dim == "month" && !goodMonth(text):
		return "release_facts_month", ""
	}
	if clean = norm.NFC.String(text); !goodCode(clean) {
		return "release_facts_code", ""
	}
	return "", clean
}

func brokenLine(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return fmt.Errorf("read facts: %w", err)
	}
	return fault.Bad(fault.Problem{Pointer: fmt.Sprintf("/facts/%d", at.StartLine), Key: "release_facts_quote", Args: map[string]any{"row": at.StartLine, "column": at.Column}})
}

// personsSeen keeps one row for each case and year: the earliest month, else the first row.
type personsSeen struct {
	month int
	first map[string]int // case and year -> row
}

func (p *personsSeen) again(f *Facts, id string, row []uint32) bool {
	if id == "" {
		return false // nobody knows whether it is somebody counted already: a person of her own
	}
	key := id
	var month string
	if p.month >= 0 {
		month = f.Values[p.month][row[p.month]]
		key += "\x00" + month[:4]
	}
	at, seen := p.first[key]
	if !seen {
		p.first[key] = len(f.line)
		return false
	}
	if kept := f.row(at); p.month >= 0 && month < f.Values[p.month][kept[p.month]] {
		copy(kept, row)
	}
	return true
}
