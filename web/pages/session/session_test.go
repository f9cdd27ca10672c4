package session

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/i18n"
)

func TestCalendarOfTheNeutralPageIsTheMonthsOwn(t *testing.T) {
	t.Parallel()
	got := Calendar(i18n.Vietnamese, time.Date(2027, 2, 14, 23, 0, 0, 0, time.UTC)) // a month of exactly four weeks, from Monday on
	want := Neutral{Month: "Tháng 2 năm 2027", Today: "Hôm nay: ngày 14 tháng 2 năm 2027"}
	for w := range 4 {
		var week []Day
		for d := 1; d <= 7; d++ {
			week = append(week, Day{N: 7*w + d, Today: 7*w+d == 14, Rest: d == 7})
		}
		want.Weeks = append(want.Weeks, week)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCalendarHoldsEveryDayOnce(t *testing.T) {
	t.Parallel()
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
		v := Calendar(i18n.English, day)
		next, marked := 1, 0
		for _, w := range v.Weeks {
			for i, d := range w {
				if d.N == 0 {
					continue
				}
				if d.N != next || int(time.Date(day.Year(), day.Month(), d.N, 0, 0, 0, 0, time.UTC).Weekday()) != (i+1)%7 {
					t.Fatalf("%s: day %d stands in column %d", day.Format(time.DateOnly), d.N, i)
				}
				next++
				if d.Today {
					marked = d.N
				}
			}
		}
		if last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day(); next != last+1 || marked != day.Day() {
			t.Fatalf("%s: ends at %d, marks %d", day.Format(time.DateOnly), next-1, marked)
		}
	}
}
