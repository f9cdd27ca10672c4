package intake

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
)

//go:embed mappings/*.yaml
var shipped embed.FS

// Mapping says what the columns of one register mean. It is written by somebody who knows the register, and read by somebody who answers for it:
// every column is either mapped or ignored with a reason, every word has its code.
type Mapping struct {
	// Name is part of the key by which rows are known again. It never changes; Version counts its revisions.
	Name    string `yaml:"name"`
	Version int    `yaml:"version"`
	// Title and Source are for the reader of the report: what the register is, whose, under which licence.
	Title  map[i18n.Language]string `yaml:"title"`
	Source string                   `yaml:"source"`
	// Scope is the statistical scope of the rows: a province's code, or the register's own name. Scopes never mix.
	Scope string `yaml:"scope"`
	// Organisation and Owner say who keeps the cases: an organisation of the directory and the user name of one of its staff.
	Organisation string `yaml:"organisation"`
	Owner        string `yaml:"owner"`

	File FileSpec `yaml:"file"`
	// YesNo are the words of all tick columns.
	YesNo YesNo `yaml:"yes_no"`
	// Areas is the register's own list of areas, where it does not lie in the province.
	Areas []AreaSpec `yaml:"areas"`
	// Fields maps our fields to columns; see targets for their names.
	Fields map[string]FieldSpec `yaml:"fields"`
	// Extra are columns that no field of ours holds and that the case should still say.
	Extra []ExtraSpec `yaml:"extra"`
	// Ignore are the columns that are left behind, each with its reason.
	Ignore []IgnoreSpec `yaml:"ignore"`
	// Identity names the fields that make a row itself; all mapped columns when empty.
	Identity []string `yaml:"identity"`

	fields []field // compiled, in the order of targetNames
	extras []field
	flags  map[string]bool // folded yes/no words
}

// FileSpec is how the file is written.
type FileSpec struct {
	// Encoding of a text file; "utf-8" when empty. A byte-order mark overrules it. See Encodings.
	Encoding string `yaml:"encoding"`
	// Delimiter between the cells of a text file; a comma when empty.
	Delimiter string `yaml:"delimiter"`
	// Sheet of a workbook; the first one when empty.
	Sheet string `yaml:"sheet"`
	// HeaderRow is the row with the column names, as a spreadsheet counts; 1 when empty.
	HeaderRow int `yaml:"header_row"`
	// Font names an old Vietnamese font whose letters were kept under foreign codes ("tcvn3"); empty for Unicode.
	Font string `yaml:"font"`
}

// YesNo are the words that answer a tick column.
type YesNo struct {
	Yes []string `yaml:"yes"`
	No  []string `yaml:"no"`
	// EmptyIsNo takes a blank for "no"; otherwise a blank is reported.
	EmptyIsNo bool `yaml:"empty_is_no"`
}

// AreaSpec is one statistical area of the register.
type AreaSpec struct {
	Code  string   `yaml:"code"`
	VI    string   `yaml:"vi"`
	EN    string   `yaml:"en"`
	Names []string `yaml:"names"` // as the register writes it; VI and EN count too
}

// FieldSpec says where one of our fields comes from: a constant, a column, or tick columns of which each stands for a code.
type FieldSpec struct {
	Constant string `yaml:"constant"`
	// Header is the column's name, and the names it bears in other years.
	Header Names `yaml:"header"`
	// Optional: the column may be missing from the file.
	Optional bool `yaml:"optional"`
	// Required: an empty cell keeps the row out. A received day is always required.
	Required bool `yaml:"required"`
	// Words are the register's words for each code. Without any, the codes and labels of the list itself are the words.
	Words map[string][]string `yaml:"words"`
	// Empty is the code for an empty cell, Other the code for a word that is not listed.
	Empty string `yaml:"empty"`
	Other string `yaml:"other"`
	// Split divides a cell with several words.
	Split string `yaml:"split"`
	// Ticks are the columns that stand for one code each.
	Ticks []TickSpec `yaml:"ticks"`
	// Dates are the ways to write a day: YYYY-MM-DD, D/M/YYYY, DD.MM.YYYY hh:mm.
	Dates []string `yaml:"dates"`
	// NotBefore is the day before which no entry can be true (YYYY-MM-DD).
	NotBefore string `yaml:"not_before"`
	// Min and Max bound a number.
	Min *int `yaml:"min"`
	Max *int `yaml:"max"`
	// Class is "operational" where the report may show unknown words; "personal" when empty.
	Class string `yaml:"class"`
}

// TickSpec is one tick column.
type TickSpec struct {
	Header   Names  `yaml:"header"`
	Code     string `yaml:"code"`
	Optional bool   `yaml:"optional"`
}

// ExtraSpec is a column that goes into the narrative: its text under a label, or the label alone where a tick column says yes.
type ExtraSpec struct {
	Header   Names  `yaml:"header"`
	Label    string `yaml:"label"`
	Tick     bool   `yaml:"tick"`
	Optional bool   `yaml:"optional"`
}

// IgnoreSpec is a column that is left behind.
type IgnoreSpec struct {
	Header Names  `yaml:"header"`
	Why    string `yaml:"why"`
}

// Names is one name or several.
type Names []string

// UnmarshalYAML takes a word or a list of words.
func (n *Names) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*n = Names{one}
		return nil
	}
	var many []string
	if err := unmarshal(&many); err != nil {
		return err
	}
	*n = many
	return nil
}

type kind int

const (
	aCode kind = iota
	severalCodes
	aDay
	aNumber
	aText
	aCommune
	anArea
)

// target is one of our fields.
type target struct {
	kind kind
	list codelist.Name
}

// targets are our fields, by the name that a mapping calls them.
var targets = map[string]target{
	"received_on":  {kind: aDay},
	"occurred_on":  {kind: aDay},
	"area":         {kind: anArea},
	"commune":      {kind: aCommune},
	"sex":          {kind: aCode, list: codelist.Sex},
	"age":          {kind: aNumber},
	"birth_year":   {kind: aNumber},
	"forms":        {kind: severalCodes, list: codelist.ViolenceForm},
	"acts":         {kind: severalCodes, list: codelist.DVAct},
	"relationship": {kind: aCode, list: codelist.Relationship},
	"sex_perp":     {kind: aCode, list: codelist.Sex},
	"ethnicity":    {kind: aCode, list: codelist.Ethnicity},
	"channel":      {kind: aCode, list: codelist.IntakeChannel},
	"reporter":     {kind: aCode, list: codelist.ReporterType},
	"name":         {kind: aText},
	"phone":        {kind: aText},
	"id_number":    {kind: aText},
	"address":      {kind: aText},
	"narrative":    {kind: aText},
}

// field is a compiled FieldSpec or ExtraSpec.
type field struct {
	name    string
	label   string // of an extra
	kind    kind
	spec    FieldSpec
	tick    bool              // an extra that is a tick column
	words   map[string]string // folded word -> code
	layouts []string
	from    time.Time
	min     int
	max     int
	columns []column // one, or one a tick; none for a constant
}

type column struct {
	id       string   // stays when headers change: part of the row's identity
	headers  []string // folded
	display  string
	code     string
	optional bool
}

// OpenMapping reads a mapping from a file, or, when there is none of that name, the one that the program ships under it ("linea144.yaml" or "linea144").
func OpenMapping(path string) (*Mapping, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if own, e := shipped.ReadFile("mappings/" + strings.TrimSuffix(path, ".yaml") + ".yaml"); e == nil {
			raw, err = own, nil
		}
	}
	if err != nil {
		return nil, fault.New(fault.NotFound, "intake_no_mapping").Because(err)
	}
	return ParseMapping(raw)
}

// ShippedMappings are the names of the mappings that come with the program.
func ShippedMappings() []string {
	names, err := fs.Glob(shipped, "mappings/*.yaml")
	if err != nil {
		panic(err)
	}
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], "mappings/")
	}
	return names
}

// ParseMapping reads a mapping and checks all of it: an unknown key, a code that its list does not have, a word with two meanings, a column that is both
// mapped and ignored. The error (fault.Invalid) lists everything that is wrong, with the place.
func ParseMapping(raw []byte) (*Mapping, error) {
	m := &Mapping{}
	if err := yaml.UnmarshalWithOptions(raw, m, yaml.Strict()); err != nil {
		return nil, fault.New(fault.Malformed, "intake_mapping_unreadable").Because(err)
	}
	var ps fault.Problems
	m.compile(&ps)
	if err := ps.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// AreaLabel is the name of one of the register's own areas, or of a statistical area of the province.
func (m *Mapping) AreaLabel(code string, l i18n.Language) string {
	for _, a := range m.Areas {
		if a.Code == code {
			if l == i18n.English && a.EN != "" {
				return a.EN
			}
			return a.VI
		}
	}
	return codelist.AreaLabel(code)
}

// AreaCodes are the areas that rows of this mapping can have, the unknown one last.
func (m *Mapping) AreaCodes() []string {
	if len(m.Areas) == 0 {
		return codelist.StatisticalAreas(m.Scope)
	}
	codes := make([]string, 0, len(m.Areas)+1)
	for _, a := range m.Areas {
		codes = append(codes, a.Code)
	}
	return append(codes, codelist.Unknown)
}

var (
	plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	areaCode  = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_-]{0,30}$`)
)

func (m *Mapping) compile(ps *fault.Problems) {
	if !plainName.MatchString(m.Name) {
		ps.Add("/name", "intake_plain_name")
	}
	if m.Version < 1 {
		ps.Add("/version", "intake_version")
	}
	for _, must := range []struct{ at, value string }{{"/scope", m.Scope}, {"/organisation", m.Organisation}, {"/owner", m.Owner}} {
		if strings.TrimSpace(must.value) == "" {
			ps.Add(must.at, "required")
		}
	}
	m.compileFile(ps)
	m.compileYesNo(ps)
	m.compileAreas(ps)
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		t, ok := targets[name]
		if !ok {
			ps.Add("/fields/"+name, "unknown_field")
			continue
		}
		m.fields = append(m.fields, m.compileField(name, t, m.Fields[name], ps))
	}
	if _, ok := m.Fields["received_on"]; !ok {
		ps.Add("/fields/received_on", "required")
	}
	for i, e := range m.Extra {
		m.extras = append(m.extras, m.compileExtra(i, e, ps))
	}
	for i, ig := range m.Ignore {
		if len(ig.Header) == 0 || strings.TrimSpace(ig.Why) == "" {
			ps.Add(fmt.Sprintf("/ignore/%d", i), "intake_ignore_reason")
		}
	}
	for i, name := range m.Identity {
		if _, ok := m.Fields[name]; !ok {
			ps.Add(fmt.Sprintf("/identity/%d", i), "intake_identity")
		}
	}
	m.checkHeaders(ps)
}

func (m *Mapping) compileFile(ps *fault.Problems) {
	if m.File.Delimiter == "" {
		m.File.Delimiter = ","
	}
	if d, size := utf8.DecodeRuneInString(m.File.Delimiter); size != len(m.File.Delimiter) || size > 1 || d == '"' || d == '\n' || d == '\r' {
		ps.Add("/file/delimiter", "intake_delimiter")
	}
	if _, ok := encodings[codelist.Fold(m.File.Encoding)]; !ok {
		ps.Add("/file/encoding", "intake_encoding", "known", strings.Join(Encodings(), ", "))
	}
	if _, ok := fonts[codelist.Fold(m.File.Font)]; !ok {
		ps.Add("/file/font", "intake_font", "known", "tcvn3")
	}
	if m.File.HeaderRow == 0 {
		m.File.HeaderRow = 1
	}
	if m.File.HeaderRow < 0 || m.File.HeaderRow > 1000 {
		ps.Add("/file/header_row", "intake_header_row")
	}
}

func (m *Mapping) compileYesNo(ps *fault.Problems) {
	m.flags = map[string]bool{}
	for _, w := range m.YesNo.Yes {
		m.flags[codelist.Fold(w)] = true
	}
	for i, w := range m.YesNo.No {
		if m.flags[codelist.Fold(w)] {
			ps.Add(fmt.Sprintf("/yes_no/no/%d", i), "intake_two_meanings")
		}
		m.flags[codelist.Fold(w)] = false
	}
}

func (m *Mapping) compileAreas(ps *fault.Problems) {
	codes, names := map[string]bool{}, map[string]bool{}
	for i, a := range m.Areas {
		at := fmt.Sprintf("/areas/%d", i)
		if !areaCode.MatchString(a.Code) || a.Code == codelist.Unknown || codes[a.Code] {
			ps.Add(at+"/code", "intake_area_code")
		}
		codes[a.Code] = true
		if a.VI == "" {
			ps.Add(at+"/vi", "required")
		}
		for _, n := range areaNames(a) {
			if names[n] {
				ps.Add(at, "intake_two_meanings")
			}
			names[n] = true
		}
	}
}

// areaNames are the folded names of an area, each once.
func areaNames(a AreaSpec) []string {
	var names []string
	for _, n := range append([]string{a.VI, a.EN}, a.Names...) {
		if f := codelist.Fold(n); f != "" && !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	return names
}

func (m *Mapping) compileField(name string, t target, spec FieldSpec, ps *fault.Problems) field {
	at := "/fields/" + name
	f := field{name: name, kind: t.kind, spec: spec, words: map[string]string{}, min: 0, max: 120}
	sources := 0
	for _, given := range []bool{spec.Constant != "", len(spec.Header) > 0, len(spec.Ticks) > 0} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		ps.Add(at, "intake_one_source")
	}
	if !slices.Contains([]string{"", "personal", "operational"}, spec.Class) {
		ps.Add(at+"/class", "intake_class")
	}
	valid := m.codesOf(t)
	check := func(at, code string) {
		if code != "" && !valid(code) {
			ps.Add(at, "intake_not_a_code", "code", code)
		}
	}
	check(at+"/constant", spec.Constant)
	check(at+"/empty", spec.Empty)
	check(at+"/other", spec.Other)
	m.compileWords(at, t, spec, &f, check, ps)
	compileRange(at, name, t, spec, &f, ps)
	if name == "received_on" {
		f.spec.Required = true
		if spec.Constant != "" || spec.Optional {
			ps.Add(at, "intake_received_on")
		}
	}
	if len(spec.Header) > 0 {
		f.columns = []column{newColumn(name, spec.Header, "", spec.Optional)}
	}
	for i, tick := range spec.Ticks {
		tat := fmt.Sprintf("%s/ticks/%d", at, i)
		if t.kind != severalCodes {
			ps.Add(tat, "intake_no_ticks")
		}
		if len(tick.Header) == 0 {
			ps.Add(tat+"/header", "required")
		}
		check(tat+"/code", tick.Code)
		if tick.Code == "" {
			ps.Add(tat+"/code", "required")
		}
		f.columns = append(f.columns, newColumn(name+"/"+tick.Code, tick.Header, tick.Code, tick.Optional))
	}
	if len(spec.Ticks) > 0 && len(m.YesNo.Yes) == 0 {
		ps.Add("/yes_no/yes", "required")
	}
	return f
}

// codesOf tells which codes a field may have.
func (m *Mapping) codesOf(t target) func(string) bool {
	switch t.kind {
	case aCode, severalCodes:
		return codelist.MustGet(t.list).Has
	case anArea:
		return func(code string) bool { return slices.Contains(m.AreaCodes(), code) }
	case aCommune:
		return func(code string) bool { _, ok := codelist.AnyCommune(code); return ok }
	case aText:
		return func(string) bool { return true }
	}
	return func(string) bool { return false } // days and numbers have no constants
}

func (m *Mapping) compileWords(at string, t target, spec FieldSpec, f *field, check func(at, code string), ps *fault.Problems) {
	add := func(at, word, code string) {
		folded := codelist.Fold(word)
		if folded == "" {
			ps.Add(at, "intake_empty_word")
			return
		}
		if other, ok := f.words[folded]; ok && other != code {
			ps.Add(at, "intake_two_meanings")
		}
		f.words[folded] = code
	}
	switch t.kind {
	case aDay, aNumber, aText:
		if len(spec.Words) > 0 || spec.Empty != "" || spec.Other != "" || spec.Split != "" {
			ps.Add(at, "intake_no_words")
		}
		return
	}
	if spec.Split != "" && t.kind != severalCodes {
		ps.Add(at+"/split", "intake_no_split")
	}
	for _, code := range slices.Sorted(maps.Keys(spec.Words)) {
		check(at+"/words/"+code, code)
		for _, w := range spec.Words[code] {
			add(at+"/words/"+code, w, code)
		}
	}
	if len(spec.Words) > 0 || len(spec.Header) == 0 {
		return
	}
	switch {
	case t.kind == anArea:
		for _, a := range m.Areas {
			for _, n := range append(areaNames(a), a.Code) {
				add(at, n, a.Code)
			}
		}
		if len(m.Areas) == 0 {
			for _, code := range codelist.StatisticalAreas(m.Scope) {
				add(at, code, code)
				add(at, codelist.AreaLabel(code), code)
			}
		}
	case t.kind != aCommune: // communes are looked up by name, on the day
		for _, e := range codelist.MustGet(t.list).Entries() {
			for _, w := range []string{e.Code, e.LabelVI, e.LabelEN} {
				if _, taken := f.words[codelist.Fold(w)]; !taken {
					add(at, w, e.Code)
				}
			}
		}
	}
}

func compileRange(at, name string, t target, spec FieldSpec, f *field, ps *fault.Problems) {
	if t.kind != aDay && (len(spec.Dates) > 0 || spec.NotBefore != "") {
		ps.Add(at+"/dates", "intake_no_dates")
	}
	if t.kind != aNumber && (spec.Min != nil || spec.Max != nil) {
		ps.Add(at+"/min", "intake_no_bounds")
	}
	switch t.kind {
	case aNumber:
		if name == "birth_year" {
			f.min, f.max = 1900, 2100
		}
		if spec.Min != nil {
			f.min = max(f.min, *spec.Min)
		}
		if spec.Max != nil {
			f.max = min(f.max, *spec.Max)
		}
		if f.min > f.max {
			ps.Add(at+"/min", "intake_bounds")
		}
	case aDay:
		f.from = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
		if spec.NotBefore != "" {
			from, err := time.Parse(time.DateOnly, spec.NotBefore)
			if err != nil {
				ps.Add(at+"/not_before", "intake_date_layout")
			}
			f.from = from
		}
		if len(spec.Dates) == 0 {
			ps.Add(at+"/dates", "required")
		}
		for i, d := range spec.Dates {
			layout, ok := layoutOf(d)
			if !ok {
				ps.Add(fmt.Sprintf("%s/dates/%d", at, i), "intake_date_layout")
				continue
			}
			if slices.ContainsFunc(f.layouts, func(o string) bool { return contradicts(o, layout) }) {
				ps.Add(fmt.Sprintf("%s/dates/%d", at, i), "intake_date_contradiction")
			}
			f.layouts = append(f.layouts, layout)
		}
	}
}

func (m *Mapping) compileExtra(i int, e ExtraSpec, ps *fault.Problems) field {
	at := fmt.Sprintf("/extra/%d", i)
	if len(e.Header) == 0 {
		ps.Add(at+"/header", "required")
	}
	if strings.TrimSpace(e.Label) == "" {
		ps.Add(at+"/label", "required")
	}
	if e.Tick && len(m.YesNo.Yes) == 0 {
		ps.Add("/yes_no/yes", "required")
	}
	id := "extra"
	if len(e.Header) > 0 {
		id = "extra/" + codelist.Fold(e.Header[0])
	}
	return field{name: "extra", label: e.Label, kind: aText, tick: e.Tick, columns: []column{newColumn(id, e.Header, "", e.Optional)}}
}

func newColumn(id string, headers Names, code string, optional bool) column {
	c := column{id: id, code: code, optional: optional}
	for _, h := range headers {
		c.headers = append(c.headers, codelist.Fold(h))
	}
	if len(headers) > 0 {
		c.display = headers[0]
	}
	return c
}

// checkHeaders refuses a header that is both mapped and ignored, or that one field names twice.
func (m *Mapping) checkHeaders(ps *fault.Problems) {
	mapped := map[string]bool{}
	for _, f := range slices.Concat(m.fields, m.extras) {
		for _, c := range f.columns {
			for _, h := range c.headers {
				if h == "" {
					ps.Add("/fields/"+f.name+"/header", "intake_empty_word")
				}
				mapped[h] = true
			}
		}
	}
	seen := map[string]bool{}
	for i, ig := range m.Ignore {
		for _, h := range ig.Header {
			folded := codelist.Fold(h)
			if mapped[folded] || seen[folded] {
				ps.Add(fmt.Sprintf("/ignore/%d/header", i), "intake_two_meanings")
			}
			seen[folded] = true
		}
	}
}
