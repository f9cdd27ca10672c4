// Package fields holds the groups of questions that several pages ask in the same words: how the report came, about the person, how to reach
// her safely, what happened. Quick intake, correction and "add an incident" show the same controls under the same names, which are the paths of
// the JSON body.
//
// Every question may be skipped. Where an answer is listed, "not asked" is the empty choice, and "does not know" and "does not wish to say" are
// choices of the list: three different facts.
package fields

import (
	"strconv"

	"binhan/web/ui"
)

// Lists are the choices, in the reader's language, as they hold today.
type Lists struct {
	Channel        []ui.Option // intake_channel
	Reporter       []ui.Option // reporter_type
	Sex            []ui.Option
	Ethnicity      []ui.Option
	Occupation     []ui.Option
	MaritalStatus  []ui.Option
	Disability     []ui.Option // disability_type
	Language       []ui.Option
	ContactChannel []ui.Option // how to reach her
	MustNot        []ui.Option // what must not be done when reaching her
	Precision      []ui.Option // how sure the day is; not asked when empty, for it follows from the parts of the date
	Place          []ui.Option // incident_place
	Acts           []ui.Option // dv_act, the acts of the law
	Relationship   []ui.Option // of the person who used violence to her
	Services       []ui.Option // service_type, for needs
	Communes       []ui.Commune
}

// Perpetrators is how many people an incident's form has room for; blocks without any answer are no people.
const Perpetrators = 3

func perpetrator(prefix string, i int, field string) string {
	return prefix + "perpetrators." + strconv.Itoa(i) + "." + field
}

func perpetratorPrefix(prefix string, i int) string {
	return prefix + "perpetrators." + strconv.Itoa(i)
}

// yesNo are the answers to a question with yes and no; unanswered is a third fact.
func yesNo(sh ui.Shell) []ui.Option {
	return []ui.Option{
		{Value: "true", Label: sh.T("ui.yes")},
		{Value: "false", Label: sh.T("ui.no")},
	}
}
