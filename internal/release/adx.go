package release

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"binhan/internal/codelist"
	"binhan/internal/i18n"
)

// Naming says what a code of a dimension is called. Registers bring their own areas, and a commune has its name of the day, so the release belongs to the question.
type Naming func(r Release, dim, code string, l i18n.Language) string

// ADX is the release as an Aggregate Data Exchange message (IHE QRPH ADX, namespace urn:ihe:qrph:adx:2015), which a DHIS2 server takes at
// /api/dataValueSets with Content-Type application/adx+xml and dataElementIdScheme, orgUnitIdScheme and idScheme set to code.
//
// How our tables become tuples: the place of a cell (area or commune, else the scope) is its orgUnit; its month, else the release's period, is its period; what is
// left of its dimensions are category attributes, one data element for each combination of them: BA_PEOPLE for people, BA_PEOPLE_FORM by form of violence,
// BA_PEOPLE_SEX_AGE by sex and age, and so on. Interval ends are data elements of their own, with _LOWER and _UPPER. A withheld count is left out; its interval is
// there. Yearly and monthly values are of two data sets, as DHIS2 wants. What lies in no known month, and months outside a data set's frequency, are left out.
func (b *Book) ADX() ([]byte, error) {
	groups, err := b.adx()
	if err != nil {
		return nil, err
	}
	exported := ""
	if b.Release.PublishedAt != nil {
		exported = b.Release.PublishedAt.UTC().Format(time.RFC3339)
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	fmt.Fprintf(&out, "<adx xmlns=\"urn:ihe:qrph:adx:2015\" exported=%s>\n", quoted(exported))
	for _, g := range groups {
		fmt.Fprintf(&out, "  <group orgUnit=%s period=%s dataSet=%s>\n", quoted(g.unit), quoted(g.period), quoted(g.set))
		for _, v := range g.values {
			fmt.Fprintf(&out, "    <dataValue dataElement=%s", quoted(v.element))
			for _, c := range v.categories {
				fmt.Fprintf(&out, " %s=%s", c[0], quoted(c[1]))
			}
			fmt.Fprintf(&out, " value=\"%d\"/>\n", v.value)
		}
		out.WriteString("  </group>\n")
	}
	out.WriteString("</adx>\n")
	return out.Bytes(), nil
}

func quoted(s string) string {
	var b bytes.Buffer
	b.WriteByte('"')
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	b.WriteByte('"')
	return b.String()
}

type adxGroup struct {
	unit, period, set string
	values            []adxValue
}

type adxValue struct {
	element    string
	categories [][2]string
	value      int64
}

// elementOf names the data element of a combination of dimensions.
func elementOf(dims []string) string {
	name := "BA_PEOPLE"
	for _, d := range dims {
		name += "_" + strings.ToUpper(d)
	}
	return name
}

// adxPeriod writes a span of whole months as ISO 8601 start and duration.
func adxPeriod(p Period) (string, error) {
	from, err := time.Parse(time.DateOnly, p.From)
	if err != nil {
		return "", err
	}
	to, err := time.Parse(time.DateOnly, p.To)
	if err != nil {
		return "", err
	}
	end := to.AddDate(0, 0, 1)
	months := (end.Year()-from.Year())*12 + int(end.Month()-from.Month())
	if months%12 == 0 {
		return fmt.Sprintf("%s/P%dY", p.From, months/12), nil
	}
	return fmt.Sprintf("%s/P%dM", p.From, months), nil
}

// unitOf is the orgUnit of a place. The province as a statistical area is what lies in no former district, and not the province itself.
func (b *Book) unitOf(dim, code string) string {
	switch {
	case dim == "area" && (code == b.Release.Scope || code == codelist.Unknown):
		return b.Release.Scope + "-" + map[bool]string{true: "UNPLACED", false: "REST"}[code == codelist.Unknown]
	case dim == "commune" && len(code) == 5:
		// A new commune bears the code of one that it was made of: the day tells which is meant.
		if u, ok := codelist.Commune(code, b.day()); ok && !u.ValidFrom.IsZero() {
			return code + "-" + u.ValidFrom.Format("2006")
		}
	}
	return code
}

func (b *Book) day() time.Time {
	t, _ := time.Parse(time.DateOnly, b.Release.Period.To)
	return t
}

func (b *Book) adx() ([]adxGroup, error) {
	whole, err := adxPeriod(b.Release.Period)
	if err != nil {
		return nil, err
	}
	kind := "YEAR"
	if !strings.HasSuffix(whole, "Y") {
		kind = "PERIOD"
	}
	at := map[string]int{}
	var groups []adxGroup
	said := map[string]bool{}
	for _, t := range b.Tables {
		for _, c := range t.Cells {
			if said[c.Dims] {
				continue // the same cell of another table: the same number
			}
			said[c.Dims] = true
			g := adxGroup{unit: b.Release.Scope, period: whole, set: "BA_" + kind}
			v := adxValue{}
			var dims []string
			s := ParseSelection(c.Dims)
			for _, dim := range s.dims() {
				code := s[dim][0]
				switch dim {
				case "area", "commune":
					g.unit = b.unitOf(dim, code)
				case "month":
					if code == codelist.Unknown {
						g.unit = ""
						break
					}
					g.period, g.set = code+"-01/P1M", "BA_MONTH"
				default:
					dims = append(dims, dim)
					v.categories = append(v.categories, [2]string{strings.ToUpper(dim), code})
				}
			}
			if g.unit == "" {
				continue
			}
			key := g.set + " " + g.period + " " + g.unit
			i, there := at[key]
			if !there {
				i = len(groups)
				at[key] = i
				groups = append(groups, g)
			}
			v.element = elementOf(dims)
			for _, x := range []struct {
				suffix string
				value  *int64
			}{{"", c.Count}, {"_LOWER", &c.Lower}, {"_UPPER", &c.Upper}} {
				if x.value != nil {
					groups[i].values = append(groups[i].values, adxValue{v.element + x.suffix, v.categories, *x.value})
				}
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b adxGroup) int {
		if c := strings.Compare(a.set, b.set); c != 0 {
			return -c // the year first
		}
		if c := strings.Compare(a.period, b.period); c != 0 {
			return c
		}
		return strings.Compare(a.unit, b.unit)
	})
	return groups, nil
}

// ADXCodes lists every code of the message with its names, so that a DHIS2 administrator can make the data sets, data elements, categories and organisation units
// that take it: kind, code, belongs to, Vietnamese name, English name.
func (b *Book) ADXCodes(name Naming) ([]byte, error) {
	groups, err := b.adx()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"kind", "code", "of", "name_vi", "name_en"})
	said := map[string]bool{}
	row := func(kind, code, of, vi, en string) {
		if key := kind + " " + code + " " + of; !said[key] {
			said[key] = true
			_ = w.Write([]string{kind, code, of, vi, en})
		}
	}
	units := map[string][2]string{b.Release.Scope: {"area", b.Release.Scope}}
	for _, c := range b.cells {
		s := ParseSelection(c.Dims)
		for _, dim := range []string{"area", "commune"} {
			if len(s[dim]) == 1 {
				units[b.unitOf(dim, s[dim][0])] = [2]string{dim, s[dim][0]}
			}
		}
	}
	for _, g := range groups {
		row("dataSet", g.set, "", i18n.Vietnamese.T("reading.adx_set"), i18n.English.T("reading.adx_set"))
		u := units[g.unit]
		row("orgUnit", g.unit, b.Release.Scope, name(b.Release, u[0], u[1], i18n.Vietnamese), name(b.Release, u[0], u[1], i18n.English))
		for _, v := range g.values {
			row("dataElement", v.element, g.set, elementName(i18n.Vietnamese, v), elementName(i18n.English, v))
			for _, c := range v.categories {
				dim := strings.ToLower(c[0])
				row("category", c[0], v.element, i18n.Vietnamese.T("reading.dim_"+dim), i18n.English.T("reading.dim_"+dim))
				row("categoryOption", c[1], c[0], name(b.Release, dim, c[1], i18n.Vietnamese), name(b.Release, dim, c[1], i18n.English))
			}
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func elementName(l i18n.Language, v adxValue) string {
	name := l.T("reading.people")
	for i, c := range v.categories {
		name += map[bool]string{true: ": ", false: ", "}[i == 0] + strings.ToLower(l.T("reading.dim_"+strings.ToLower(c[0])))
	}
	for suffix, key := range map[string]string{"_LOWER": "reading.lower", "_UPPER": "reading.upper"} {
		if strings.HasSuffix(v.element, suffix) {
			name += " (" + l.T(key) + ")"
		}
	}
	return name
}
