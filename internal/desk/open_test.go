package desk_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/app/apptest"
	"binhan/internal/release"
)

// TestOpenFiguresNeedNobodyAndTellNobody: the open side sets no cookie, looks for no session, may be kept, and answers who has a file with 304.
func TestOpenFiguresNeedNobodyAndTellNobody(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 300)
	id := published(t, s, "51", "medium", true)
	visitor := open(t, s)
	visitor.visit("/so-lieu")
	visitor.says("Số liệu mở", "năm 2021", "Tỉnh Quảng Ngãi")
	visitor.visit("/so-lieu?lang=en")
	visitor.says("Open figures", "Catalogue for programs")
	visitor.visit("/so-lieu/" + id)
	visitor.says("26%", "manifest.json", "ADX")
	visitor.visit("/so-lieu/" + id + "/area")
	visitor.says("Huyện Ngọc Hồi", "dưới 10", "Vì sao có ô", "Số ca được tiếp nhận, không phải số ca xảy ra.")
	before := s.Contents(t)
	trips := s.App.Gate.RoundTrips()
	nobody := s.As(t, "")
	cookie := "so=" + strings.Repeat("A", 43)
	for path, kept := range map[string]string{"/so-lieu": "public, max-age=300", "/so-lieu/" + id: "public, max-age=300", "/so-lieu/" + id + "/area": "public, max-age=300", "/so-lieu/" + id + "/area/o?cell=area%3D611": "public, max-age=300",
		"/so-lieu/" + id + "/area.csv": "public, max-age=31536000, immutable", "/so-lieu/" + id + "/area.json": "public, max-age=31536000, immutable", "/so-lieu/" + id + "/area.xlsx": "public, max-age=3600",
		"/so-lieu/" + id + "/area.csv-metadata.json": "public, max-age=3600", "/so-lieu/" + id + "/manifest.json": "public, max-age=3600", "/so-lieu/" + id + "/adx.xml": "public, max-age=3600",
		"/so-lieu/" + id + "/adx-codes.csv": "public, max-age=3600", "/so-lieu/catalog.jsonld": "public, max-age=3600"} {
		a := nobody.Must(http.StatusOK, "GET", path, nil, "Cookie", cookie)
		if a.Header.Get("Cache-Control") != kept || len(a.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s: kept %q, cookies %q", path, a.Header.Get("Cache-Control"), a.Header["Set-Cookie"])
		}
		if kept == "public, max-age=300" {
			continue
		}
		tag := a.Header.Get("Etag")
		if sum := sha256.Sum256(a.Body); tag != `"`+hex.EncodeToString(sum[:])[:32]+`"` {
			t.Errorf("%s: ETag %s", path, tag)
		}
		for _, has := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
			if b := nobody.Do("GET", path, nil, "If-None-Match", has); b.Status != http.StatusNotModified || len(b.Body) > 0 || b.Header.Get("Etag") != tag {
				t.Errorf("%s, If-None-Match %s: %d", path, has, b.Status)
			}
		}
	}
	if n := s.App.Gate.RoundTrips() - trips; n > 40 {
		t.Errorf("%d messages to the database for pages that are in memory", n)
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("reading what is open left something behind:\n%s", d)
	}
	for _, path := range []string{"/so-lieu/" + id + "/khong", "/so-lieu/" + id + "/khong.csv", "/so-lieu/" + id + "/area.exe", "/so-lieu/khong", "/so-lieu/0193b1c0-0000-7000-8000-0000000000e1", "/so-lieu/" + id + "/area/o?cell=area%3DX", "/so-lieu/" + id + "/area/o"} {
		want := http.StatusNotFound
		if strings.HasSuffix(path, "/area/o") {
			want = http.StatusOK // everybody
		}
		if a := nobody.Do("GET", path, nil); a.Status != want {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if a := nobody.Do(method, "/so-lieu/"+id, nil, "Origin", s.URL); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", method, a.Status)
		}
	}
}

func TestWhoAsksTheOpenSideTooOftenWaits(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	nobody := s.As(t, "")
	stopped := 0
	for range 400 {
		if a := nobody.Do("GET", "/so-lieu", nil); a.Status == http.StatusTooManyRequests {
			if a.Header.Get("Retry-After") == "" || a.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%v", a.Header)
			}
			stopped++
		}
	}
	if stopped == 0 {
		t.Error("nobody is stopped")
	}
}

// TestCSVWDescribesEachTable holds each description to the rules of "Metadata Vocabulary for Tabular Data" that apply to it, and then each file to its description.
func TestCSVWDescribesEachTable(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 300)
	id := published(t, s, "51", "medium", true)
	nobody := s.As(t, "")
	var m release.Manifest
	if err := json.Unmarshal(nobody.Must(200, "GET", "/so-lieu/"+id+"/manifest.json", nil).Body, &m); err != nil || len(m.Tables) < 8 {
		t.Fatal(err, len(m.Tables))
	}
	for _, table := range m.Tables {
		raw := nobody.Must(200, "GET", "/so-lieu/"+id+"/"+table.ID+".csv", nil).Body
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != table.SHA256 {
			t.Errorf("%s is not the file of the manifest", table.ID)
		}
		described(t, table.ID, nobody.Must(200, "GET", "/so-lieu/"+id+"/"+table.ID+".csv-metadata.json", nil).Body, raw)
	}
}

// inherited and own properties of CSVW 1.0 that may stand on a table, a schema and a column; anything else must be a prefixed common property.
var (
	onTable  = []string{"@context", "@id", "@type", "url", "tableSchema", "notes", "dialect", "tableDirection", "transformations", "suppressOutput", "null", "lang", "separator", "datatype", "required", "default", "aboutUrl", "propertyUrl", "valueUrl", "textDirection", "ordered"}
	onSchema = []string{"@id", "@type", "columns", "foreignKeys", "primaryKey", "rowTitles", "null", "lang", "datatype"}
	onColumn = []string{"@id", "@type", "name", "titles", "suppressOutput", "virtual", "null", "lang", "separator", "datatype", "required", "default", "aboutUrl", "propertyUrl", "valueUrl", "textDirection", "ordered"}
	dialect  = []string{"@id", "@type", "commentPrefix", "delimiter", "doubleQuote", "encoding", "header", "headerRowCount", "lineTerminators", "quoteChar", "skipBlankRows", "skipColumns", "skipInitialSpace", "skipRows", "trim"}
)

func described(t *testing.T, table string, meta, file []byte) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(meta, &doc); err != nil {
		t.Fatal(err)
	}
	allowed := func(where string, m map[string]any, names []string) {
		for k := range m {
			if !slices.Contains(names, k) && !regexp.MustCompile(`^(dc|dcat|schema|rdfs):[A-Za-z]+$`).MatchString(k) {
				t.Errorf("%s: %s may not stand on %s", table, k, where)
			}
		}
	}
	allowed("a table", doc, onTable)
	if c, ok := doc["@context"].([]any); !ok || c[0] != "http://www.w3.org/ns/csvw" {
		t.Errorf("%s: context %v", table, doc["@context"])
	}
	if doc["url"] != table+".csv" {
		t.Errorf("url %v", doc["url"])
	}
	allowed("a dialect", doc["dialect"].(map[string]any), dialect)
	schema := doc["tableSchema"].(map[string]any)
	allowed("a schema", schema, onSchema)
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := schema["columns"].([]any)
	if len(columns) != len(rows[0]) {
		t.Fatalf("%s: %d columns described of %d", table, len(columns), len(rows[0]))
	}
	names := map[string]int{}
	for i, x := range columns {
		c := x.(map[string]any)
		allowed("a column", c, onColumn)
		name := c["name"].(string)
		if _, twice := names[name]; twice || !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`).MatchString(name) || !slices.Contains(c["titles"].([]any), any(rows[0][i])) {
			t.Errorf("%s: column %d is called %v, titled %v", table, i, name, c["titles"])
		}
		names[name] = i
		least, base := -1.0, c["datatype"]
		if m, ok := base.(map[string]any); ok {
			base, least = m["base"], m["minimum"].(float64)
		}
		if base != "string" && base != "integer" {
			t.Errorf("%s: datatype %v", table, base)
		}
		for n, r := range rows[1:] {
			if r[i] == "" {
				if c["required"] == true {
					t.Errorf("%s: row %d lacks %s", table, n, name)
				}
				continue
			}
			if v, err := strconv.ParseInt(r[i], 10, 64); base == "integer" && (err != nil || float64(v) < least) {
				t.Errorf("%s: row %d: %s is %q", table, n, name, r[i])
			}
		}
	}
	keys := map[string]bool{}
	for _, r := range rows[1:] {
		var key []string
		for _, k := range schema["primaryKey"].([]any) {
			key = append(key, r[names[k.(string)]])
		}
		if keys[strings.Join(key, "\x00")] {
			t.Errorf("%s: the key %q stands twice", table, key)
		}
		keys[strings.Join(key, "\x00")] = true
	}
	// Every code of the file is named in the notes.
	named := map[string]bool{}
	for _, n := range doc["notes"].([]any) {
		if lists, ok := n.(map[string]any)["lists"].([]any); ok {
			for _, l := range lists {
				for _, c := range l.(map[string]any)["codes"].([]any) {
					c := c.(map[string]any)
					if c["vi"] == "" || c["en"] == "" {
						t.Errorf("%s: %v has no name", table, c)
					}
					named[l.(map[string]any)["dimension"].(string)+"="+c["code"].(string)] = true
				}
			}
		}
	}
	for _, r := range rows[1:] {
		for part := range strings.SplitSeq(r[names["dims"]], ";") {
			if part != "" && !named[part] {
				t.Errorf("%s: nothing says what %s is", table, part)
			}
		}
	}
}

// TestCatalogueIsOneOfDCAT holds the catalogue to the mandatory properties of DCAT-AP 3: catalogue (title, description, publisher, dataset), data set (title,
// description), distribution (access address); addresses lead to what they say, and checksums are those of the files.
func TestCatalogueIsOneOfDCAT(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 200)
	id := published(t, s, "51", "medium", true)
	nobody := s.As(t, "")
	a := nobody.Must(200, "GET", "/so-lieu/catalog.jsonld", nil)
	if a.Header.Get("Content-Type") != "application/ld+json; charset=utf-8" {
		t.Error(a.Header.Get("Content-Type"))
	}
	var doc map[string]any
	if err := json.Unmarshal(a.Body, &doc); err != nil {
		t.Fatal(err)
	}
	context := doc["@context"].(map[string]any)
	var prefixed func(where string, x any)
	prefixed = func(where string, x any) {
		switch x := x.(type) {
		case map[string]any:
			for k, v := range x {
				if k == "@context" {
					continue
				}
				if prefix, _, ok := strings.Cut(k, ":"); !strings.HasPrefix(k, "@") && (!ok || context[prefix] == nil) {
					t.Errorf("%s: the term %s has no meaning here", where, k)
				}
				prefixed(where+"/"+k, v)
			}
		case []any:
			for _, v := range x {
				prefixed(where, v)
			}
		}
	}
	prefixed("", doc)
	must := func(where string, m map[string]any, kind string, names ...string) {
		if m["@type"] != kind {
			t.Errorf("%s is a %v", where, m["@type"])
		}
		for _, n := range names {
			if m[n] == nil {
				t.Errorf("%s lacks %s", where, n)
			}
		}
	}
	must("the catalogue", doc, "dcat:Catalog", "dct:title", "dct:description", "dct:publisher", "dcat:dataset")
	sets := doc["dcat:dataset"].([]any)
	if len(sets) != 1 {
		t.Fatalf("%d data sets", len(sets))
	}
	set := sets[0].(map[string]any)
	must("the set", set, "dcat:Dataset", "dct:title", "dct:description", "dct:issued", "dct:temporal", "dct:accessRights", "dcat:distribution")
	if set["dct:identifier"] != id {
		t.Error(set["dct:identifier"])
	}
	files := 0
	for _, x := range set["dcat:distribution"].([]any) {
		d := x.(map[string]any)
		must("a file", d, "dcat:Distribution", "dcat:accessURL", "dcat:downloadURL", "dcat:mediaType", "dct:title")
		at := d["dcat:downloadURL"].(map[string]any)["@id"].(string)
		got := nobody.Must(200, "GET", at, nil)
		media, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
		if want := d["dcat:mediaType"].(map[string]any)["@id"].(string); !strings.HasSuffix(want, "/"+media) {
			t.Errorf("%s is %s, not %s", at, media, want)
		}
		if sum, ok := d["spdx:checksum"].(map[string]any); ok {
			if have := sha256.Sum256(got.Body); sum["spdx:checksumValue"] != hex.EncodeToString(have[:]) {
				t.Errorf("%s has another checksum", at)
			}
		}
		files++
	}
	if files < 20 {
		t.Errorf("%d files", files)
	}
}

// TestADXFollowsItsSchema holds the message to the rules of the loose schema of IHE QRPH ADX, written here from the specification: root adx in its namespace with
// exported (dateTime), groups with orgUnit and period (an ISO 8601 start and duration), values with dataElement and a decimal value, in this order and nothing
// else; and to what DHIS2 asks beyond it: a dataSet on each group, the same categories for a data element everywhere, one value for one tuple. No DHIS2 server
// took part in this test.
func TestADXFollowsItsSchema(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counted(t, s, "51", 300)
	id := published(t, s, "51", "medium", true)
	nobody := s.As(t, "")
	raw := nobody.Must(200, "GET", "/so-lieu/"+id+"/adx.xml", nil).Body
	codes, err := csv.NewReader(bytes.NewReader(nobody.Must(200, "GET", "/so-lieu/"+id+"/adx-codes.csv", nil).Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range codes[1:] {
		known[r[0]+" "+r[1]] = true
		if r[3] == "" || r[4] == "" {
			t.Errorf("%v has no name", r)
		}
	}
	const ns = "urn:ihe:qrph:adx:2015"
	dec := xml.NewDecoder(bytes.NewReader(raw))
	var path []string
	var group string
	elements := map[string]string{}
	tuples := map[string]bool{}
	got := map[string]string{}
	groups, values := 0, 0
	attrs := func(e xml.StartElement) map[string]string {
		m := map[string]string{}
		for _, a := range e.Attr {
			if a.Name.Space == "" && a.Name.Local != "xmlns" {
				m[a.Name.Local] = a.Value
			}
		}
		return m
	}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := tok.(type) {
		case xml.CharData:
			if strings.TrimSpace(string(e)) != "" {
				t.Errorf("text %q", e)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.StartElement:
			path = append(path, e.Name.Local)
			if e.Name.Space != ns {
				t.Errorf("%s is of %q", e.Name.Local, e.Name.Space)
			}
			a := attrs(e)
			switch at := strings.Join(path, "/"); at {
			case "adx":
				if _, err := time.Parse(time.RFC3339, a["exported"]); err != nil || len(a) != 1 {
					t.Errorf("exported: %v %v", err, a)
				}
			case "adx/group":
				groups++
				if !isToken(a["orgUnit"]) || !regexp.MustCompile(`^\d{4}-\d\d-\d\d/P\d+[YM]$`).MatchString(a["period"]) || !known["dataSet "+a["dataSet"]] || !known["orgUnit "+a["orgUnit"]] {
					t.Errorf("a group with %v", a)
				}
				if want := map[string]string{"BA_YEAR": "2021-01-01/P1Y"}[a["dataSet"]]; want != "" && want != a["period"] || a["dataSet"] == "BA_MONTH" && !strings.HasSuffix(a["period"], "-01/P1M") {
					t.Errorf("period %s in data set %s", a["period"], a["dataSet"])
				}
				group = a["dataSet"] + " " + a["period"] + " " + a["orgUnit"]
			case "adx/group/dataValue":
				values++
				if _, err := strconv.ParseFloat(a["value"], 64); err != nil || !isToken(a["dataElement"]) || !known["dataElement "+a["dataElement"]] {
					t.Errorf("a value with %v", a)
				}
				var categories, options []string
				for k, v := range a {
					if k == "dataElement" || k == "value" {
						continue
					}
					categories, options = append(categories, k), append(options, k+"="+v)
					if !known["category "+k] || !known["categoryOption "+v] {
						t.Errorf("nothing says what %s=%s is", k, v)
					}
				}
				slices.Sort(categories)
				slices.Sort(options)
				set := strings.Join(categories, ",")
				if was, there := elements[a["dataElement"]]; there && was != set {
					t.Errorf("%s has categories %q and %q", a["dataElement"], was, set)
				}
				elements[a["dataElement"]] = set
				tuple := group + " " + a["dataElement"] + " " + strings.Join(options, ",")
				if tuples[tuple] {
					t.Errorf("two values of %s", tuple)
				}
				tuples[tuple] = true
				got[tuple] = a["value"]
			default:
				t.Errorf("an element %s", at)
			}
		}
	}
	if groups < 10 || values < 100 {
		t.Errorf("%d groups, %d values", groups, values)
	}
	// The numbers are those of the tables.
	for _, table := range []string{"total", "form", "area_form"} {
		for dims, text := range ofJSON(t, nobody.Must(200, "GET", "/so-lieu/"+id+"/"+table+".json", nil).Body) {
			sel := release.ParseSelection(dims)
			unit, element, option := "51", "BA_PEOPLE", ""
			if c := sel["area"]; c != nil {
				unit = map[string]string{"51": "51-REST", "UNK": "51-UNPLACED"}[c[0]]
				if unit == "" {
					unit = c[0]
				}
			}
			if c := sel["form"]; c != nil {
				element, option = "BA_PEOPLE_FORM", "FORM="+c[0]
			}
			at := "BA_YEAR 2021-01-01/P1Y " + unit + " " + element
			count, span, _ := strings.Cut(text, " ")
			lower, upper, _ := strings.Cut(span, "–")
			if count == "<10" {
				count = ""
			}
			if have := fmt.Sprint(got[at+" "+option], got[at+"_LOWER "+option], got[at+"_UPPER "+option]); have != fmt.Sprint(count, lower, upper) {
				t.Errorf("%s %q: %s, in ADX %s", table, dims, text, have)
			}
		}
	}
	t.Logf("%d groups, %d values, %d data elements", groups, values, len(elements))
}

// isToken is xs:token: no line ends, no tabs, no blanks at the ends or in pairs.
func isToken(s string) bool {
	return s != "" && s == strings.Join(strings.Fields(s), " ")
}
