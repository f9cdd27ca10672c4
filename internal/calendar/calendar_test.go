package calendar_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/calendar"
)

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, calendar.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func TestATermLeavesOutItsFirstDayAndEndsOnAWorkingDay(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for name, d := range map[string]time.Time{
		"two working days from a Tuesday":              calendar.AddWorkingDays(at("2026-11-24 09:00"), 2),
		"two working days from a Friday evening":       calendar.AddWorkingDays(at("2026-11-27 23:59"), 2),
		"two working days from a Saturday":             calendar.AddWorkingDays(at("2026-11-28 08:00"), 2),
		"two working days over the lunar new year":     calendar.AddWorkingDays(at("2026-02-13 10:00"), 2),
		"one working day over the national day":        calendar.AddWorkingDays(at("2026-08-31 10:00"), 1),
		"ten days end on a Friday":                     calendar.AddDays(at("2026-11-24 09:00"), 10),
		"eleven days end on a Saturday, so on Monday":  calendar.AddDays(at("2026-11-24 09:00"), 11),
		"an instant of yesterday in UTC is today here": calendar.AddWorkingDays(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC), 1),
	} {
		got[name] = d.Format("2006-01-02 15:04:05")
	}
	want := map[string]string{
		"two working days from a Tuesday":              "2026-11-26 23:59:59",
		"two working days from a Friday evening":       "2026-12-01 23:59:59",
		"two working days from a Saturday":             "2026-12-01 23:59:59",
		"two working days over the lunar new year":     "2026-02-24 23:59:59",
		"one working day over the national day":        "2026-09-03 23:59:59",
		"ten days end on a Friday":                     "2026-12-04 23:59:59",
		"eleven days end on a Saturday, so on Monday":  "2026-12-07 23:59:59",
		"an instant of yesterday in UTC is today here": "2026-11-25 23:59:59",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryHolidayHasItsBasisAndNoneIsAWorkingDay(t *testing.T) {
	t.Parallel()
	for _, h := range calendar.Holidays() {
		d, err := time.ParseInLocation(time.DateOnly, h.From, calendar.Zone)
		if err != nil || h.Name == "" || h.Basis == "" || calendar.Working(d) {
			t.Errorf("%s: %v", h.From, err)
		}
	}
	if !calendar.Working(at("2026-11-24 00:00")) {
		t.Error("an ordinary Tuesday is a day of rest")
	}
}
