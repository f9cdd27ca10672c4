package codelist

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Check holds the lists against each other and names every fault: codes that are doubled in one period, references that lead nowhere, ages that
// no band or two bands claim, acts without a form, communes that were lost or divided. The server refuses to start with a fault here, because
// a wrong code list makes wrong numbers without a sound.
func Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, name := range Names() {
		checkList(Get(name), fault)
	}
	for _, r := range references {
		checkReference(r, fault)
	}
	checkActs(fault)
	checkAges(fault)
	checkCommunes(fault)
	return errors.Join(faults...)
}

type faultf func(format string, args ...any)

func checkList(l *List, fault faultf) {
	if len(l.entries) == 0 {
		fault("%s: empty", l.Name)
	}
	for i, e := range l.entries {
		if e.Code == "" || e.LabelVI == "" || e.LabelEN == "" {
			fault("%s: %q lacks a code or a label", l.Name, e.Code)
		}
		if !e.ValidFrom.IsZero() && !e.ValidTo.IsZero() && e.ValidTo.Before(e.ValidFrom) {
			fault("%s: %s ends before it begins", l.Name, e.Code)
		}
		if !slices.Contains([]string{"", "V", "V2", "M", "P"}, e.Verified) {
			fault("%s: %s is verified as %q", l.Name, e.Code, e.Verified)
		}
		for _, o := range l.entries[:i] {
			if o.Code == e.Code && overlap(o, e) {
				fault("%s: %s is there twice for the same days", l.Name, e.Code)
			}
		}
	}
}

func overlap(a, b Entry) bool {
	aBeforeB := !a.ValidTo.IsZero() && !b.ValidFrom.IsZero() && a.ValidTo.Before(b.ValidFrom)
	bBeforeA := !b.ValidTo.IsZero() && !a.ValidFrom.IsZero() && b.ValidTo.Before(a.ValidFrom)
	return !aBeforeB && !bBeforeA
}

// references are the columns that hold codes of another list; must is set where every row needs one.
var references = []struct {
	from Name
	key  string
	to   Name
	must bool
}{
	{DVAct, "form", ViolenceForm, true},
	{DVAct, "gbvims", GBVIMSTypes, true},
	{DVAct, "ext", ViolenceFormExt, false},
	{ViolenceFormExt, "maps_form", ViolenceForm, false},
	{Relationship, "group", RelationshipGroups, true},
	{Ethnicity, "group", EthnicityReportGroup, true},
	{EthnicityReportGroup, "from", Ethnicity, true},
	{AgeBandReport, "from", AgeBands, false},
	{HandlingMeasureRows, "from", HandlingMeasure, true},
	{ServiceType, "to", AgencyType, false},
	{AdminDistrict2022, "parent", AdminProvince, true},
	{AdminCommune2022, "parent", AdminProvince, true},
	{AdminCommune2022, "district", AdminDistrict2022, true},
	{AdminCommune2025, "parent", AdminProvince, true},
	{AdminCommune2025, "former_district", AdminDistrict2022, true},
	{AdminCommune2025, "merged_from", AdminCommune2022, true},
}

func checkReference(r struct {
	from Name
	key  string
	to   Name
	must bool
}, fault faultf) {
	target := Get(r.to)
	for _, e := range MustGet(r.from).entries {
		codes := e.Codes(r.key)
		if len(codes) == 0 && r.must {
			fault("%s: %s has no %s", r.from, e.Code, r.key)
		}
		for _, c := range codes {
			if !target.Has(c) {
				fault("%s: %s of %s is %q, which %s does not have", r.from, r.key, e.Code, c, r.to)
			}
		}
	}
}

func checkActs(fault faultf) {
	for _, e := range MustGet(DVAct).entries {
		if MainForm([]string{e.Code}) == Unknown {
			fault("dv_act: %s has no form", e.Code)
		}
		if article := "Đ" + MustGet("nd282_article").entry(trimArticle(e.Note("nd282"))).Code; e.Note("nd282") != "" && article != e.Note("nd282") {
			fault("dv_act: %s names article %s, which the decree's list does not have", e.Code, e.Note("nd282"))
		}
	}
	for _, f := range mainOrder {
		if !MustGet(ViolenceForm).Has(f) {
			fault("violence_form: %s is missing", f)
		}
	}
	// Both sides of the ethnic grouping are written down; they must say the same.
	for _, g := range MustGet(EthnicityReportGroup).entries {
		for _, c := range g.Codes("from") {
			if EthnicGroup(c) != g.Code {
				fault("ethnicity: %s is in group %s and in group %s", c, EthnicGroup(c), g.Code)
			}
		}
	}
	for _, small := range []string{"52", "54"} {
		if EthnicGroup(small) != "DTTS_KHAC" {
			fault("ethnicity: %s is a very small group and stands alone", small)
		}
	}
}

func trimArticle(text string) string {
	if r := []rune(text); len(r) > 1 {
		return string(r[1:])
	}
	return ""
}

func checkAges(fault faultf) {
	for years := 0; years <= oldest; years++ {
		claims := 0
		for _, e := range MustGet(AgeBands).entries {
			if low, high, ok := bounds(e); ok && low <= years && years <= high {
				claims++
			}
		}
		if claims != 1 {
			fault("age_band: %d years belong to %d bands", years, claims)
		}
	}
	for _, e := range MustGet(AgeBands).entries {
		rows := 0
		for _, r := range MustGet(AgeBandReport).entries {
			if slices.Contains(r.Codes("from"), e.Code) {
				rows++
			}
		}
		if _, _, aged := bounds(e); aged && rows != 1 {
			fault("age_band_report: %s belongs to %d rows of the form", e.Code, rows)
		}
	}
}

// The communes of the former province before and after resolution 1677/NQ-UBTVQH15.
const (
	communesBefore = 102
	communesAfter  = 40
)

func checkCommunes(fault faultf) {
	reform := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
	before, after := Communes(reform.AddDate(0, 0, -1)), Communes(reform)
	if len(before) != communesBefore || len(after) != communesAfter {
		fault("communes: %d before and %d after the reform, not %d and %d", len(before), len(after), communesBefore, communesAfter)
	}
	takenBy := map[string][]string{}
	for _, u := range after {
		for _, old := range u.MergedFrom {
			takenBy[old] = append(takenBy[old], u.Code)
		}
		if !slices.Contains(u.MergedFrom, u.Code) {
			fault("communes: %s bears a code that none of its predecessors had", u.Code)
		}
		for _, old := range Predecessors(u) {
			if old.FormerDistrict != u.FormerDistrict {
				fault("communes: %s crosses a former district", u.Code)
			}
		}
	}
	for _, u := range before {
		if got := takenBy[u.Code]; len(got) != 1 || got[0] != u.MergedInto {
			fault("communes: %s went into %s and is counted in %v", u.Code, u.MergedInto, got)
		}
	}
	perDistrict := map[string]int{}
	for _, u := range before {
		perDistrict[u.FormerDistrict]++
	}
	for _, d := range MustGet(AdminDistrict2022).entries {
		if want, ok := MustGet(AdminDistrict2022).NoteInt(d.Code, "communes"); !ok || perDistrict[d.Code] != want {
			fault("communes: district %s has %d, not %d", d.Code, perDistrict[d.Code], want)
		}
	}
}
