package release

import (
	"encoding/json"
	"strings"

	"binhan/internal/i18n"
)

// CSVW describes the CSV of one table as the W3C recommendation "Metadata Vocabulary for Tabular Data" (17 December 2015) lays down: what each column is, what type
// it has, what an empty count means, and what every code is called. It lies where a reader of CSVW looks first, beside the file, as FILE-metadata.json.
func (b *Book) CSVW(table string, name Naming) ([]byte, error) {
	t, ok := b.Table(table)
	if !ok {
		return nil, ErrNotAFile
	}
	both := func(key string, pairs ...any) map[string]string {
		return map[string]string{"vi": i18n.Vietnamese.T(key, pairs...), "en": i18n.English.T(key, pairs...)}
	}
	column := func(col, key string, more map[string]any) map[string]any {
		c := map[string]any{"name": col, "titles": []string{col}, "dc:description": texts(both(key))}
		for k, v := range more {
			c[k] = v
		}
		return c
	}
	whole := func(least int) map[string]any { return map[string]any{"base": "integer", "minimum": least} }
	var codes []map[string]any
	for _, dim := range t.Dims {
		seen := map[string]bool{}
		var list []map[string]any
		for _, c := range t.Cells {
			for _, code := range ParseSelection(c.Dims)[dim] {
				if !seen[code] {
					seen[code] = true
					list = append(list, map[string]any{"code": code, "vi": name(b.Release, dim, code, i18n.Vietnamese), "en": name(b.Release, dim, code, i18n.English)})
				}
			}
		}
		codes = append(codes, map[string]any{"dimension": dim, "label": both("reading.dim_" + dim), "codes": list})
	}
	doc := map[string]any{
		"@context":       []any{"http://www.w3.org/ns/csvw", map[string]string{"@language": "vi"}},
		"url":            table + ".csv",
		"dc:title":       texts(both("reading.table_title", "table", titleOf(i18n.Vietnamese, t), "period", b.Release.Period.From+"/"+b.Release.Period.To)),
		"dc:description": texts(both("release.footnote")),
		"dc:identifier":  b.Release.ID.String() + "/" + table,
		"dc:issued":      b.issued(),
		"dc:temporal":    b.Release.Period.From + "/" + b.Release.Period.To,
		"dc:hasVersion":  map[string]string{"definition": b.Manifest.Definition},
		"dialect":        map[string]any{"header": true, "delimiter": ",", "encoding": "utf-8"},
		"tableSchema": map[string]any{
			"columns": []any{
				column("release_id", "reading.col_release", map[string]any{"datatype": "string", "required": true}),
				column("table_id", "reading.col_table", map[string]any{"datatype": "string", "required": true}),
				column("dims", "reading.col_dims", map[string]any{"datatype": "string", "separator": ";"}),
				column("count", "reading.col_count", map[string]any{"datatype": whole(10), "null": ""}),
				column("lower", "reading.col_lower", map[string]any{"datatype": whole(0), "required": true}),
				column("upper", "reading.col_upper", map[string]any{"datatype": whole(5), "required": true}),
			},
			"primaryKey": []string{"table_id", "dims"},
		},
		"notes": []any{
			map[string]any{"type": "code-lists", "lists": codes},
			map[string]any{"type": "guarantee", "text": b.Manifest.Guarantee},
			map[string]any{"type": "sha256", "of": table + ".csv", "value": hash(b.csv[table])},
		},
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	return append(raw, '\n'), err
}

// texts writes a sentence in both languages as JSON-LD values.
func texts(m map[string]string) []map[string]string {
	return []map[string]string{{"@value": m["vi"], "@language": "vi"}, {"@value": m["en"], "@language": "en"}}
}

func (b *Book) issued() string {
	if b.Release.PublishedAt == nil {
		return ""
	}
	return b.Release.PublishedAt.UTC().Format("2006-01-02")
}

// titleOf names a table by its dimensions.
func titleOf(l i18n.Language, t TableView) string {
	if len(t.Dims) == 0 {
		return l.T("desk.table_total")
	}
	names := make([]string, len(t.Dims))
	for i, dim := range t.Dims {
		names[i] = l.T("reading.dim_" + dim)
		if i > 0 {
			names[i] = strings.ToLower(names[i])
		}
	}
	return strings.Join(names, l.T("desk.and"))
}

// Catalogue describes the public releases as a DCAT 3 catalogue in JSON-LD, with the properties that DCAT-AP asks of catalogues, data sets and distributions.
// Addresses are relative to the catalogue's own, so that it is right under whatever name the house is reached.
func Catalogue(list []Release, books func(Release) (*Book, error), name Naming) ([]byte, error) {
	both := func(key string, pairs ...any) []map[string]string {
		return texts(map[string]string{"vi": i18n.Vietnamese.T(key, pairs...), "en": i18n.English.T(key, pairs...)})
	}
	replaced := map[string]string{}
	for _, r := range list {
		if r.Supersedes != nil {
			replaced[r.Supersedes.String()] = r.ID.String()
		}
	}
	at := func(id string) map[string]string { return map[string]string{"@id": "/so-lieu/" + id} }
	sets := []any{}
	for _, r := range list {
		b, err := books(r)
		if err != nil {
			return nil, err
		}
		id := r.ID.String()
		place := map[string]string{"vi": name(r, "area", r.Scope, i18n.Vietnamese), "en": name(r, "area", r.Scope, i18n.English)}
		var files []any
		file := func(title, path, media string, more map[string]any) {
			d := map[string]any{"@type": "dcat:Distribution", "dct:title": title, "dcat:accessURL": at(id), "dcat:downloadURL": map[string]string{"@id": "/so-lieu/" + id + "/" + path},
				"dcat:mediaType": map[string]string{"@id": "https://www.iana.org/assignments/media-types/" + media}}
			for k, v := range more {
				d[k] = v
			}
			files = append(files, d)
		}
		for _, t := range b.Tables {
			title := titleOf(i18n.Vietnamese, t)
			file(title+" (CSV)", t.TableID+".csv", "text/csv", map[string]any{"dct:conformsTo": map[string]string{"@id": "/so-lieu/" + id + "/" + t.TableID + ".csv-metadata.json"},
				"spdx:checksum": map[string]any{"spdx:algorithm": map[string]string{"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"}, "spdx:checksumValue": hash(b.csv[t.TableID])}})
			file(title+" (JSON)", t.TableID+".json", "application/json", nil)
			file(title+" (Excel)", t.TableID+".xlsx", xlsxType, nil)
		}
		file("ADX (DHIS2)", "adx.xml", "application/xml", nil)
		set := map[string]any{
			"@id": "/so-lieu/" + id, "@type": "dcat:Dataset", "dct:identifier": id,
			"dct:title":       texts(map[string]string{"vi": i18n.Vietnamese.T("reading.set_title", "place", place["vi"], "from", r.Period.From, "to", r.Period.To), "en": i18n.English.T("reading.set_title", "place", place["en"], "from", r.Period.From, "to", r.Period.To)}),
			"dct:description": both("release.footnote"),
			"dct:issued":      map[string]string{"@type": "xsd:date", "@value": b.issued()},
			"dct:publisher":   map[string]any{"@type": "foaf:Agent", "foaf:name": place["vi"]},
			"dct:temporal": map[string]any{"@type": "dct:PeriodOfTime", "dcat:startDate": map[string]string{"@type": "xsd:date", "@value": r.Period.From},
				"dcat:endDate": map[string]string{"@type": "xsd:date", "@value": r.Period.To}},
			"dct:spatial":       map[string]any{"@type": "dct:Location", "dct:identifier": r.Scope},
			"dct:accessRights":  map[string]string{"@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"},
			"dct:provenance":    map[string]any{"@type": "dct:ProvenanceStatement", "rdfs:label": texts(b.Manifest.Guarantee)},
			"dcat:version":      r.Plan,
			"dcat:keyword":      both("reading.keyword"),
			"dcat:distribution": files,
		}
		if r.Supersedes != nil {
			set["dct:replaces"] = at(r.Supersedes.String())
		}
		if by := replaced[id]; by != "" {
			set["dct:isReplacedBy"] = at(by)
		}
		sets = append(sets, set)
	}
	doc := map[string]any{
		"@context": map[string]string{"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
			"spdx": "http://spdx.org/rdf/terms#", "xsd": "http://www.w3.org/2001/XMLSchema#"},
		"@id": "/so-lieu", "@type": "dcat:Catalog",
		"dct:title": both("reading.open_title"), "dct:description": both("reading.open_lead"),
		"dct:publisher": map[string]any{"@type": "foaf:Agent", "foaf:name": i18n.Vietnamese.T("ui.brand")},
		"dct:language": []any{map[string]string{"@id": "http://publications.europa.eu/resource/authority/language/VIE"},
			map[string]string{"@id": "http://publications.europa.eu/resource/authority/language/ENG"}},
		"foaf:homepage": map[string]string{"@id": "/so-lieu"},
		"dcat:dataset":  sets,
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	return append(raw, '\n'), err
}
