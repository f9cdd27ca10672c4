package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/fault"
	"binhan/internal/i18n"
)

const small = `
name: so-nho
version: 1
scope: "51"
organisation: o
owner: u
yes_no: {"yes": [x], "no": ["-"]}
fields:
  received_on: {header: Ngày, dates: [D/M/YYYY]}
  sex: {header: Giới}
`

func TestShippedMappingsAreSound(t *testing.T) {
	t.Parallel()
	names := ShippedMappings()
	if diff := cmp.Diff([]string{"linea144.yaml"}, names); diff != "" {
		t.Error(diff)
	}
	for _, name := range names {
		m, err := OpenMapping(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, l := range i18n.Languages {
			if m.Title[l] == "" {
				t.Errorf("%s has no title in %s", name, l)
			}
		}
		if m.Source == "" {
			t.Errorf("%s does not say whose data it is", name)
		}
	}
}

func TestMappingOnDiskComesBeforeTheShippedOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "linea144.yaml")
	if err := os.WriteFile(path, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := OpenMapping(path)
	if err != nil || m.Name != "so-nho" {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := OpenMapping("none.yaml"); !errors.Is(err, fault.NotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a mapping that is nowhere: %v", err)
	}
}

func TestMappingIsRefusedWithEveryFault(t *testing.T) {
	t.Parallel()
	with := func(lines string) string { return small + lines }
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"nothing but a word": {"name: X Y", []string{
			"/name intake_plain_name", "/version intake_version", "/scope required", "/organisation required", "/owner required", "/fields/received_on required",
		}},
		"unknown field":        {with("  colour: {header: Màu}"), []string{"/fields/colour unknown_field"}},
		"unknown code":         {with("  relationship: {header: Q, words: {COUSIN: [em họ]}}"), []string{"/fields/relationship/words/COUSIN intake_not_a_code"}},
		"unknown constant":     {with("  channel: {constant: PIGEON}"), []string{"/fields/channel/constant intake_not_a_code"}},
		"unknown empty":        {with("  sex_perp: {header: G, empty: U, other: V}"), []string{"/fields/sex_perp/empty intake_not_a_code", "/fields/sex_perp/other intake_not_a_code"}},
		"word of two codes":    {with("  relationship: {header: Q, words: {HUSBAND: [chồng], WIFE: [CHONG]}}"), []string{"/fields/relationship/words/WIFE intake_two_meanings"}},
		"empty word":           {with("  relationship: {header: Q, words: {HUSBAND: [' ']}}"), []string{"/fields/relationship/words/HUSBAND intake_empty_word"}},
		"two sources":          {with("  channel: {constant: LETTER, header: K}"), []string{"/fields/channel intake_one_source"}},
		"no source":            {with("  channel: {}"), []string{"/fields/channel intake_one_source"}},
		"ticks for one code":   {with("  channel: {ticks: [{header: K, code: LETTER}]}"), []string{"/fields/channel/ticks/0 intake_no_ticks"}},
		"tick without a code":  {with("  acts: {ticks: [{header: K}, {code: A}]}"), []string{"/fields/acts/ticks/0/code required", "/fields/acts/ticks/1/header required"}},
		"words for a number":   {with("  age: {header: T, words: {A: [b]}}"), []string{"/fields/age intake_no_words"}},
		"dates for a code":     {with("  channel: {header: K, dates: [D/M/YYYY]}"), []string{"/fields/channel/dates intake_no_dates"}},
		"bounds for a code":    {with("  channel: {header: K, max: 3}"), []string{"/fields/channel/min intake_no_bounds"}},
		"bounds crossed":       {with("  age: {header: T, min: 50, max: 20}"), []string{"/fields/age/min intake_bounds"}},
		"split of one code":    {with("  channel: {header: K, split: ','}"), []string{"/fields/channel/split intake_no_split"}},
		"class":                {with("  channel: {header: K, class: secret}"), []string{"/fields/channel/class intake_class"}},
		"ignored and mapped":   {with("ignore: [{header: GIỚI, why: x}]"), []string{"/ignore/0/header intake_two_meanings"}},
		"ignored twice":        {with("ignore: [{header: A, why: x}, {header: a, why: y}]"), []string{"/ignore/1/header intake_two_meanings"}},
		"ignored for nothing":  {with("ignore: [{header: A, why: ' '}]"), []string{"/ignore/0 intake_ignore_reason"}},
		"extra without label":  {with("extra: [{header: A}, {label: b}]"), []string{"/extra/0/label required", "/extra/1/header required"}},
		"identity":             {with("identity: [name]"), []string{"/identity/0 intake_identity"}},
		"delimiter":            {with("file: {delimiter: '||'}"), []string{"/file/delimiter intake_delimiter"}},
		"quote as delimiter":   {with("file: {delimiter: '\"'}"), []string{"/file/delimiter intake_delimiter"}},
		"encoding":             {with("file: {encoding: EBCDIC}"), []string{"/file/encoding intake_encoding"}},
		"font":                 {with("file: {font: vni}"), []string{"/file/font intake_font"}},
		"header row":           {with("file: {header_row: -1}"), []string{"/file/header_row intake_header_row"}},
		"area codes":           {with("areas: [{code: UNK, vi: a}, {code: A1, vi: b}, {code: A1, vi: c}, {code: x, vi: d}, {code: A2}]"), []string{"/areas/0/code intake_area_code", "/areas/2/code intake_area_code", "/areas/3/code intake_area_code", "/areas/4/vi required"}},
		"area names":           {with("areas: [{code: A1, vi: Bắc}, {code: A2, vi: Nam, names: [bac]}]"), []string{"/areas/1 intake_two_meanings"}},
		"yes and no":           {strings.Replace(small, `"no": ["-"]`, `"no": [X]`, 1), []string{"/yes_no/no/0 intake_two_meanings"}},
		"ticks without yes":    {strings.Replace(small, `yes_no: {"yes": [x], "no": ["-"]}`, "", 1) + "  acts: {ticks: [{header: K, code: A}]}\nextra: [{header: L, label: l, tick: true}]", []string{"/yes_no/yes required", "/yes_no/yes required"}},
		"no way to write days": {strings.Replace(small, "dates: [D/M/YYYY]", "dates: []", 1), []string{"/fields/received_on/dates required"}},
		"days in two ways":     {strings.Replace(small, "dates: [D/M/YYYY]", "dates: [D/M/YYYY, MM/DD/YYYY]", 1), []string{"/fields/received_on/dates/1 intake_date_contradiction"}},
		"years of two figures": {strings.Replace(small, "dates: [D/M/YYYY]", "dates: [D/M/YY, YYYY, D.M.YYYY x]", 1), []string{"/fields/received_on/dates/0 intake_date_layout", "/fields/received_on/dates/1 intake_date_layout", "/fields/received_on/dates/2 intake_date_layout"}},
		"not before":           {strings.Replace(small, "dates: [D/M/YYYY]", "dates: [D/M/YYYY], not_before: 1/1/2020", 1), []string{"/fields/received_on/not_before intake_date_layout"}},
		"day that may be away": {strings.Replace(small, "dates: [D/M/YYYY]", "dates: [D/M/YYYY], optional: true", 1), []string{"/fields/received_on intake_received_on"}},
		"commune":              {with("  commune: {header: X, words: {\"1\": [a]}}"), []string{"/fields/commune/words/1 intake_not_a_code"}},
		"area":                 {with("  area: {header: X, empty: AR-B}"), []string{"/fields/area/empty intake_not_a_code"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseMapping([]byte(c.yaml))
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid {
				t.Fatalf("taken, or refused as %v", err)
			}
			var got []string
			for _, p := range f.Problems {
				got = append(got, p.Pointer+" "+p.Key)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMappingThatCannotBeReadIsMalformed(t *testing.T) {
	t.Parallel()
	for name, yaml := range map[string]string{
		"no yaml":      "name: [",
		"unknown key":  small + "colour: red\n",
		"doubled key":  small + "name: again\n",
		"doubled word": small + "  channel: {constant: LETTER}\n  channel: {constant: ONLINE}\n",
		"wrong type":   strings.Replace(small, "version: 1", "version: one", 1),
		"names":        strings.Replace(small, "header: Giới", "header: {a: b}", 1),
		"nothing":      "",
	} {
		_, err := ParseMapping([]byte(yaml))
		if name == "nothing" {
			if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Malformed) {
				t.Errorf("nothing was taken: %v", err)
			}
			continue
		}
		if !errors.Is(err, fault.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSmallMappingReadsByTheListsOwnWords(t *testing.T) {
	t.Parallel()
	rows, untaken, err := read(parsed(t, small), "Ngày,Giới\n5/7/2024,Nữ\n5/7/2024,female\n5/7/2024,m\n05/07/2024,\n")
	if err != nil || len(untaken) > 0 {
		t.Fatal(untaken, err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.Sex+"@"+r.ReceivedOn.Format("0102"))
	}
	if diff := cmp.Diff([]string{"F@0705", "F@0705", "M@0705", "@0705"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAreasOfTheProvinceAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	m := parsed(t, small+"  area: {header: Huyện}\n")
	rows, untaken, err := read(m, "Ngày,Giới,Huyện\n5/7/2024,,huyện Đắk Hà\n5/7/2024,,615\n5/7/2024,,Tỉnh Quảng Ngãi\n5/7/2024,,\n5/7/2024,,Huyện Lạ\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.Area)
	}
	if diff := cmp.Diff([]string{"615", "615", "51", "UNK"}, got); diff != "" || len(untaken) != 1 {
		t.Error(diff, untaken)
	}
}

func TestDateLayouts(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"YYYY-MM-DD": "2006-01-02", "D/M/YYYY": "2/1/2006", "DD.MM.YYYY hh:mm": "02.01.2006 15:04", "YYYY-MM-DDThh:mm:ss": "2006-01-02T15:04:05", "M-D-YYYY": "1-2-2006",
		"": "", "YYYY": "", "DD/MM/YY": "", "YYYY-MM-DD-DD": "", "ngày D": "", "YYYY/MM": "", "2006-01-02": "",
	} {
		got, ok := layoutOf(pattern)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q became %q, %v", pattern, got, ok)
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"D/M/YYYY", "M/D/YYYY", true}, {"DD/MM/YYYY", "M/D/YYYY", true}, {"D/M/YYYY", "DD/MM/YYYY", false}, {"D/M/YYYY", "M-D-YYYY", false},
		{"YYYY-MM-DD", "DD-MM-YYYY", false}, {"YYYY-MM-DD", "YYYY-DD-MM", true}, {"D/M/YYYY hh:mm", "M/D/YYYY hh:mm", true}, {"D/M/YYYY hh:mm", "M/D/YYYY", false},
	} {
		a, _ := layoutOf(c.a)
		b, _ := layoutOf(c.b)
		if got := contradicts(a, b); got != c.want {
			t.Errorf("%s against %s: %v", c.a, c.b, got)
		}
	}
}

// What the mapping says to a person has a sentence in every language.
func TestEverySentenceOfTheImporterExists(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, c := range Classes {
		keys["intake.class."+string(c)] = true
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text := string(mustRead(t, source))
		for _, quoted := range strings.Split(text, `"`) {
			switch {
			case strings.HasPrefix(quoted, "intake.") && !strings.HasSuffix(quoted, ".") && !strings.Contains(quoted, " "):
				keys[quoted] = true
			case strings.HasPrefix(quoted, "intake_"):
				keys["problem."+quoted] = true
				if strings.Contains(text, `, "`+quoted+`")`) && strings.Contains(text, `fault.New(`) && !i18n.Vietnamese.Has("problem."+quoted) {
					delete(keys, "problem."+quoted)
					keys["fault."+quoted] = true
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		for _, l := range i18n.Languages {
			if !l.Has(key) {
				t.Errorf("%s has no %s", l, key)
			}
		}
	}
	used := fmt.Sprint(slices.Sorted(maps.Keys(keys)))
	for _, key := range i18n.Vietnamese.Keys() {
		if (strings.HasPrefix(key, "intake.") || strings.HasPrefix(key, "problem.intake_") || strings.HasPrefix(key, "fault.intake_")) && !strings.Contains(used, key) {
			t.Errorf("nobody says %s", key)
		}
	}
}

func FuzzMapping(f *testing.F) {
	f.Add(small)
	f.Add(string(mustRead(f, "testdata/so-tiep-nhan.yaml")))
	f.Add(string(mustRead(f, "mappings/linea144.yaml")))
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMapping([]byte(text))
		if err != nil {
			if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Malformed) {
				t.Fatalf("refused as %v", err)
			}
			return
		}
		if m.Name == "" || m.Scope == "" || len(m.fields) == 0 {
			t.Fatal("an empty mapping was taken")
		}
	})
}
