package codelist

import (
	"slices"
	"strconv"
)

// mainOrder decides which form stands for a person in statistics that count each person once.
var mainOrder = []string{Sexual, Physical, Economic, Psychological}

// oldest is the greatest age in whole years that we take for an age and not for a slip of the pen.
const oldest = 120

// neglect is the mark of an act that is neglect (violence_form_ext).
const neglect = "NEGLECT"

// AgeBand is the age_band code of an age in completed years; Unknown for a negative age and for one above 120.
func AgeBand(years int) string {
	if years < 0 || years > oldest {
		return Unknown
	}
	for _, e := range MustGet(AgeBands).entries {
		low, high, ok := bounds(e)
		if ok && low <= years && years <= high {
			return e.Code
		}
	}
	return Unknown
}

// bounds are the first and last year of an age band; ok is false for the band of unknown ages.
func bounds(e Entry) (low, high int, ok bool) {
	low, err := strconv.Atoi(e.Note("min"))
	if err != nil {
		return 0, 0, false
	}
	if high, err = strconv.Atoi(e.Note("max")); err != nil {
		high = oldest
	}
	return low, high, true
}

// FormsOf are the violence_form codes of a list of acts (dv_act), each once, the main form first. Acts that the list does not have are passed
// over. Neglect counts as its own form, psychological, beside other acts, and as economic when it is all that happened: then it is the
// withholding of what a person lives on. No act gives no form.
func FormsOf(acts []string) []string {
	list := MustGet(DVAct)
	var forms []string
	known, neglected := 0, 0
	for _, code := range acts {
		e, ok := list.Find(code)
		if !ok {
			continue
		}
		known++
		if e.Note("ext") == neglect {
			neglected++
		}
		forms = append(forms, e.Note("form"))
	}
	if known > 0 && neglected == known {
		return []string{Economic}
	}
	return SortForms(forms)
}

// SortForms puts forms into the order of the main form, each once; codes that are no form of violence fall out.
func SortForms(forms []string) []string {
	var sorted []string
	for _, f := range mainOrder {
		if slices.Contains(forms, f) {
			sorted = append(sorted, f)
		}
	}
	return sorted
}

// MainForm is the one form by which a person is counted: sexual before physical before economic before psychological, Unknown when no act
// is known.
func MainForm(acts []string) string { return MainOf(FormsOf(acts)) }

// MainOf is MainForm where forms and not acts are known, as in a register that was kept elsewhere.
func MainOf(forms []string) string {
	if sorted := SortForms(forms); len(sorted) > 0 {
		return sorted[0]
	}
	return Unknown
}

// GBVIMSType is the one gbvims_type of a list of acts, by the order in which that system asks: rape, sexual assault, physical assault, forced
// marriage, denial of resources, psychological abuse. Empty when no act is known.
func GBVIMSType(acts []string) string {
	list := MustGet(DVAct)
	var types []string
	for _, code := range acts {
		if e, ok := list.Find(code); ok {
			types = append(types, e.Note("gbvims"))
		}
	}
	for _, e := range MustGet(GBVIMSTypes).entries { // the file keeps the order of the questions
		if slices.Contains(types, e.Code) {
			return e.Code
		}
	}
	return ""
}

// RelationshipGroup is the relationship_group of a relationship; UnknownRelation for anything that is not in the list.
func RelationshipGroup(relationship string) string {
	if g := MustGet(Relationship).Note(relationship, "group"); g != "" {
		return g
	}
	return UnknownRelation
}

// EthnicGroup is the ethnicity_report_group of an ethnicity. The very small groups are always among the others: a number about Brâu or
// Rơ Măm people, some five hundred each, would point at a household.
func EthnicGroup(ethnicity string) string {
	if g := MustGet(Ethnicity).Note(ethnicity, "group"); g != "" {
		return g
	}
	return Unknown
}

// ServicesOf are the service_type codes that an agency of this type is there to give, in the order of the list.
func ServicesOf(agencyType string) []string {
	var services []string
	for _, e := range MustGet(ServiceType).entries {
		if slices.Contains(e.Codes("to"), agencyType) {
			services = append(services, e.Code)
		}
	}
	return services
}
