package codelist

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binhan/internal/i18n"
)

var (
	in2022 = time.Date(2022, time.November, 15, 8, 0, 0, 0, time.UTC)
	in2026 = time.Date(2026, time.November, 15, 8, 0, 0, 0, time.UTC)
)

func TestListsAgreeWithEachOther(t *testing.T) {
	t.Parallel()
	if err := Check(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryNamedListExists(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		if MustGet(name).Name != name {
			t.Errorf("%s is called %s", name, MustGet(name).Name)
		}
	}
	for _, name := range []Name{
		AdminProvince, AdminDistrict2022, AdminCommune2022, AdminCommune2025, AgeBands, AgeBandReport, AgencyType, AreaType, BreakGlassReason,
		BudgetSource, CampaignActivity, CampaignLevel, CampaignProduct, CaseStatus, CaseType, ClosureReason, ConsentActor, ConsentDecision,
		ConsentMethod, ConsentPurpose, Consequence, ContributingFactor, DeadlineRule, DisabilityType, DocumentType, DSRType, DVAct,
		EducationLevel, Ethnicity, EthnicityReportGroup, GBVIMSTypes, HandlingMeasure, HandlingMeasureRows, Hotline, IncidentPlace,
		IntakeChannel, InterpreterNeed, SpokenLanguage, LegalBasis, LegalForm, MaritalStatus, Occupation, ReferralDecline, ReferralPriority,
		ReferralStatus, Relationship, RelationshipGroups, ReportSection, ReporterType, RiskFactor, RiskLevel, Role, RoutingAbbrev,
		Sensitivity, ServiceType, Sex, SignMode, SupportMeasureRows, ViolenceForm, ViolenceFormExt, Vulnerability,
	} {
		if Get(name) == nil {
			t.Errorf("no list %s", name)
		}
	}
}

func TestUnknownListAnswersAsEmpty(t *testing.T) {
	t.Parallel()
	l := Get("no_such_list")
	if l != nil || l.Has("A") || l.Label("A", i18n.Vietnamese) != "A" || l.Note("A", "form") != "" || l.Entries() != nil || l.On(in2026) != nil || l.Codes() != nil {
		t.Fatal("a list that does not exist has content")
	}
	defer func() {
		if recover() == nil {
			t.Error("MustGet took a list that does not exist")
		}
	}()
	MustGet("no_such_list")
}

func TestLabelsFollowTheLanguage(t *testing.T) {
	t.Parallel()
	l := MustGet(ViolenceForm)
	got := []string{l.Label("SEXUAL", i18n.Vietnamese), l.Label("SEXUAL", i18n.English), l.Label("NOPE", i18n.English)}
	if diff := cmp.Diff([]string{"Bạo lực tình dục", "Sexual violence", "NOPE"}, got); diff != "" {
		t.Error(diff)
	}
}

// The law's own words for the people we serve and for those who hurt them are not ours.
func TestLabelsUseTheHouseWords(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		for _, e := range MustGet(name).Entries() {
			for _, word := range []string{"nạn nhân", "đối tượng", "thủ phạm", "khai báo"} {
				if strings.Contains(strings.ToLower(e.LabelVI), word) {
					t.Errorf("%s: %s says %q", name, e.Code, word)
				}
			}
		}
	}
}

func TestOnLeavesOutWhatIsNoLongerValid(t *testing.T) {
	t.Parallel()
	codes := func(day time.Time) []string {
		var cs []string
		for _, e := range MustGet(CampaignLevel).On(day) {
			cs = append(cs, e.Code)
		}
		return cs
	}
	lastDay := time.Date(2025, time.June, 30, 23, 59, 0, 0, time.FixedZone("ICT", 7*3600))
	got := [][]string{codes(in2022), codes(lastDay), codes(lastDay.Add(time.Minute))}
	want := [][]string{{"CENTRAL", "PROVINCE", "DISTRICT", "COMMUNE"}, {"CENTRAL", "PROVINCE", "DISTRICT", "COMMUNE"}, {"CENTRAL", "PROVINCE", "COMMUNE"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !MustGet(CampaignLevel).Has("DISTRICT") {
		t.Error("a code that was once valid is no longer readable")
	}
}

func TestNotesKeepNumbersAndCodes(t *testing.T) {
	t.Parallel()
	hours, ok := MustGet(ReferralPriority).NoteInt("P2", "ack_h")
	if !ok || hours != 12 {
		t.Errorf("P2 is acknowledged within %d hours, %v", hours, ok)
	}
	if _, ok := MustGet(ReferralPriority).NoteInt("P2", "nothing"); ok {
		t.Error("a missing note is a number")
	}
	if v := MustGet(DeadlineRule).Note("DV_NOCONTACT_DECIDE", "value"); v != "12h" {
		t.Errorf("a no-contact order is decided within %q", v)
	}
	e, _ := MustGet(AgeBandReport).Find("U16")
	if diff := cmp.Diff([]string{"A00_06", "A07_12", "A13_15"}, e.Codes("from")); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefusesAListWithoutItsColumns(t *testing.T) {
	t.Parallel()
	header := strings.Join(core, ",")
	for name, raw := range map[string]string{
		"empty":        "",
		"other header": "code,label\nA,B\n",
		"ragged":       header + "\nA,B\n",
		"bad day":      header + "\nA,B,B,,,2025-02-30,,,\n",
		"bad last day": header + "\nA,B,B,,,,30/6/2025,,\n",
	} {
		if _, err := parse("x", []byte(raw)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestNewestRowSpeaksForACode(t *testing.T) {
	t.Parallel()
	raw := strings.Join(core, ",") + "\nA,Mới,New,,,2025-07-01,,,\nA,Cũ,Old,,,,2025-06-30,,\n"
	l, err := parse("x", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Label("A", i18n.English); got != "New" {
		t.Errorf("A is %q", got)
	}
	if diff := cmp.Diff([]string{"A"}, l.Codes()); diff != "" {
		t.Error(diff)
	}
	if l.On(in2022)[0].LabelEN != "Old" || len(l.On(in2022)) != 1 {
		t.Error("2022 does not see the old row alone")
	}
}

func TestAgeBandsCutWhereTheLawCuts(t *testing.T) {
	t.Parallel()
	for years, want := range map[int]string{
		-1: "UNK", 0: "A00_06", 6: "A00_06", 7: "A07_12", 12: "A07_12", 13: "A13_15", 15: "A13_15", 16: "A16_17", 17: "A16_17",
		18: "A18_24", 24: "A18_24", 25: "A25_39", 39: "A25_39", 40: "A40_59", 59: "A40_59", 60: "A60P", 120: "A60P", 121: "UNK", 127: "UNK",
	} {
		if got := AgeBand(years); got != want {
			t.Errorf("%d years: %s, not %s", years, got, want)
		}
	}
}

func TestMainFormFollowsTheFixedOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		acts  string
		forms string
		main  string
		gbv   string
	}{
		{"", "", "UNK", ""},
		{"A", "PHYSICAL", "PHYSICAL", "PHYSICAL_ASSAULT"},
		{"B", "PSYCHOLOGICAL", "PSYCHOLOGICAL", "PSYCH_ABUSE"},
		{"I", "SEXUAL", "SEXUAL", "RAPE"},
		{"B A I O", "SEXUAL PHYSICAL ECONOMIC PSYCHOLOGICAL", "SEXUAL", "RAPE"},
		{"O A", "PHYSICAL ECONOMIC", "PHYSICAL", "PHYSICAL_ASSAULT"},
		{"B O", "ECONOMIC PSYCHOLOGICAL", "ECONOMIC", "DENIAL_RESOURCES"},
		{"D", "ECONOMIC", "ECONOMIC", "DENIAL_RESOURCES"},
		{"D D", "ECONOMIC", "ECONOMIC", "DENIAL_RESOURCES"},
		{"D B", "PSYCHOLOGICAL", "PSYCHOLOGICAL", "DENIAL_RESOURCES"},
		{"D A", "PHYSICAL PSYCHOLOGICAL", "PHYSICAL", "PHYSICAL_ASSAULT"},
		{"L", "PSYCHOLOGICAL", "PSYCHOLOGICAL", "FORCED_MARRIAGE"},
		{"L A K", "SEXUAL PHYSICAL PSYCHOLOGICAL", "SEXUAL", "SEXUAL_ASSAULT"},
		{"M", "SEXUAL", "SEXUAL", "DENIAL_RESOURCES"},
		{"ZZ", "", "UNK", ""},
		{"ZZ D", "ECONOMIC", "ECONOMIC", "DENIAL_RESOURCES"},
	} {
		acts := strings.Fields(c.acts)
		got := []string{strings.Join(FormsOf(acts), " "), MainForm(acts), GBVIMSType(acts)}
		if diff := cmp.Diff([]string{c.forms, c.main, c.gbv}, got); diff != "" {
			t.Errorf("acts %q: %s", c.acts, diff)
		}
	}
}

func TestDerivedFormsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	codes := MustGet(DVAct).Codes()
	rapid.Check(t, func(t *rapid.T) {
		acts := rapid.SliceOf(rapid.SampledFrom(codes)).Draw(t, "acts")
		shuffled := rapid.Permutation(acts).Draw(t, "shuffled")
		forms := FormsOf(acts)
		if diff := cmp.Diff(forms, FormsOf(shuffled)); diff != "" {
			t.Fatal(diff)
		}
		if GBVIMSType(acts) != GBVIMSType(shuffled) {
			t.Fatal("the type depends on the order")
		}
		if len(acts) > 0 && forms[0] != MainForm(acts) {
			t.Fatal("the main form is not the first form")
		}
		for _, f := range forms {
			if !MustGet(ViolenceForm).Has(f) {
				t.Fatalf("%s is no form", f)
			}
		}
	})
}

func TestMainOfReadsFormsOfARegister(t *testing.T) {
	t.Parallel()
	for forms, want := range map[string]string{
		"PSYCHOLOGICAL PHYSICAL": "PHYSICAL", "ECONOMIC PSYCHOLOGICAL": "ECONOMIC", "": "UNK", "SYMBOLIC": "UNK", "UNK": "UNK",
	} {
		if got := MainOf(strings.Fields(forms)); got != want {
			t.Errorf("%q: %s, not %s", forms, got, want)
		}
	}
}

func TestGroupsHaveAnAnswerForEverything(t *testing.T) {
	t.Parallel()
	got := []string{
		RelationshipGroup("HUSBAND"), RelationshipGroup("EX_PARTNER_ANY"), RelationshipGroup(""), RelationshipGroup("ROBOT"),
		EthnicGroup("01"), EthnicGroup("14"), EthnicGroup("52"), EthnicGroup("54"), EthnicGroup("55"), EthnicGroup("99"), EthnicGroup(""),
	}
	want := []string{"SPOUSE", "EX_PARTNER", "UNKNOWN", "UNKNOWN", "KINH", "XO_DANG", "DTTS_KHAC", "DTTS_KHAC", "NUOC_NGOAI", "UNK", "UNK"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestServicesFollowTheAgency(t *testing.T) {
	t.Parallel()
	got := [][]string{ServicesOf("TRUSTED_ADDRESS"), ServicesOf("POLICE_COMMUNE"), ServicesOf("HOSPITAL"), ServicesOf("DOHA")}
	if diff := cmp.Diff([][]string{{"SHELTER"}, {"SAFETY", "INVESTIGATE"}, {"MEDICAL"}, nil}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFoldForgivesHowNamesAreTyped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Đăk Hà":                   "dak ha",
		"ĐẮK  HÀ\t":                "dak ha",
		"Ða\u0306\u0301k Ha\u0300": "dak ha", // eth for Đ, decomposed vowels
		"  Ngọk\u00a0Réo ":         "ngok reo",
		"Nguyễn Thị Ước":           "nguyen thi uoc",
		"":                         "",
		"   ":                      "",
		"Côrdoba ñ":                "cordoba n",
	} {
		if got := Fold(text); got != want {
			t.Errorf("%q folds to %q, not %q", text, got, want)
		}
	}
}

func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if once := Fold(text); Fold(once) != once {
			t.Fatalf("%q folds further to %q", once, Fold(once))
		}
	})
}

func TestEntriesBelongToTheCaller(t *testing.T) {
	t.Parallel()
	es := MustGet(Sex).Entries()
	es[0].Code = "CHANGED"
	if slices.ContainsFunc(MustGet(Sex).Entries(), func(e Entry) bool { return e.Code == "CHANGED" }) {
		t.Error("the list was changed from outside")
	}
}
