package ui

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/i18n"
)

func TestAnswersBecomeTheBodyOfTheJSONSurface(t *testing.T) {
	t.Parallel()
	got := Answers(url.Values{
		"survivor.commune":     {"Xã Bờ Y (23377)"},
		"incident.commune":     {"Đâu đó"},
		"survivor.address":     {"Thôn Một (23377)"},
		"needs":                {"SHELTER", "MEDICAL"},
		"consents.0.purpose":   {"INTAKE"},
		"consents.0.decision":  {"GIVEN"},
		"consents.1.purpose":   {"STATISTICS"},
		"consents.2.purpose":   {"CONTACT"},
		"consents.2.decision":  {""},
		ConsentsBy:             {"SELF"},
		ConsentsMethod:         {""},
		"expires_at.day":       {"3"},
		"expires_at.month":     {"5"},
		"expires_at.year":      {"2027"},
		"occurred_on.day":      {"3"},
		"intake.received_at":   {"2026-11-24T10:29"},
		"survivor.birth_year":  {""},
		"safe_contact.channel": {"PHONE"},
	})
	want := url.Values{
		"survivor.commune":     {"23377"},
		"incident.commune":     {"Đâu đó"},
		"survivor.address":     {"Thôn Một (23377)"},
		"needs":                {"SHELTER", "MEDICAL"},
		"consents.0.purpose":   {"INTAKE"},
		"consents.0.decision":  {"GIVEN"},
		"consents.0.by":        {"SELF"},
		ConsentsBy:             {"SELF"},
		ConsentsMethod:         {""},
		"expires_at":           {"2027-05-03T23:59"},
		"occurred_on.day":      {"3"},
		"intake.received_at":   {"2026-11-24T10:29"},
		"survivor.birth_year":  {""},
		"safe_contact.channel": {"PHONE"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCommuneIsFoundByItsNameWithoutMarks(t *testing.T) {
	t.Parallel()
	c := Commune{Code: "23377", Name: "Xã Bờ Y", Old: "Thị trấn Plei Kần"}
	if diff := cmp.Diff([]string{"Xã Bờ Y (23377)", "xa bo y · Thị trấn Plei Kần · thi tran plei kan"}, []string{c.Value(), c.Hint()}); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := Fold("ĐĂK RƠ WA ẫỗự"); got != "dak ro wa aou" {
		t.Errorf("Fold gives %q", got)
	}
}

func TestGroupOpensWhereSomethingWasTypedOrRefused(t *testing.T) {
	t.Parallel()
	f := Form{Values: map[string][]string{"incident.acts": {"A"}, "needs": {""}}, Problems: []Problem{{Field: "survivor.age", Text: "x"}}}
	got := []bool{f.Touches("incident"), f.Touches("needs"), f.Touches("survivor"), f.Touches("incident.act"), f.Touches("narrative", "survivor.age")}
	if diff := cmp.Diff([]bool{true, false, true, false, true}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTitleNamesAKindOfPageAndSaysWhenItWasRefused(t *testing.T) {
	t.Parallel()
	sh := Shell{Lang: i18n.Vietnamese, Title: "page_casefile.title"}
	got := []string{sh.DocumentTitle(), sh.With(Form{Problems: []Problem{{}}}).DocumentTitle(), Shell{Lang: i18n.English}.DocumentTitle()}
	if diff := cmp.Diff([]string{"Hồ sơ – Sổ công việc", "Cần xem lại – Hồ sơ – Sổ công việc", "Work log"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDeadlinesAreWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC) // 10:00 in Vietnam
	type said struct {
		Words   string
		Overdue bool
	}
	for _, c := range []struct {
		after time.Duration
		want  said
	}{
		{30 * time.Second, said{"còn chưa tới 1 phút", false}},
		{40 * time.Minute, said{"còn 40 phút", false}},
		{3 * time.Hour, said{"còn 3 giờ", false}},
		{49 * time.Hour, said{"còn 2 ngày", false}},
		{-20 * time.Minute, said{"quá hạn 20 phút", true}},
		{-30 * time.Second, said{"vừa quá hạn", true}},
	} {
		var got said
		got.Words, got.Overdue = Deadline(i18n.Vietnamese, now, now.Add(c.after))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v (-want +got)\n%s", c.after, diff)
		}
	}
}

func TestMomentsAreNearOrDated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC) // 00:30 on the 25th in Vietnam
	var got []string
	for _, h := range []int{0, -1, -25, 24, -72} {
		got = append(got, Moment(i18n.Vietnamese, now, now.Add(time.Duration(h)*time.Hour)))
	}
	want := []string{"hôm nay, 00:30", "hôm qua, 23:30", "23/11/2026 23:30", "ngày mai, 00:30", "22/11/2026 00:30"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCountsBearTheirLanguagesMark(t *testing.T) {
	t.Parallel()
	got := []string{Count(i18n.Vietnamese, 0), Count(i18n.Vietnamese, 999), Count(i18n.Vietnamese, 1234567), Count(i18n.English, 12345), Count(i18n.Vietnamese, -1234), Count(i18n.Vietnamese, -123)}
	if diff := cmp.Diff([]string{"0", "999", "1.234.567", "12,345", "-1.234", "-123"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
