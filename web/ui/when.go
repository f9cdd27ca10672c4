package ui

import (
	"strconv"
	"time"

	"binhan/internal/i18n"
)

// zone is Vietnam's time, which has no summer time.
var zone = time.FixedZone("+07", 7*60*60)

// Day writes a day as people here write it: 24/11/2026.
func Day(t time.Time) string { return t.In(zone).Format("02/01/2006") }

// Moment writes an instant with its day: "hôm nay, 09:12", "hôm qua, 16:40", else "22/11/2026 15:05".
func Moment(l i18n.Language, now, t time.Time) string {
	clock := t.In(zone).Format("15:04")
	switch daysBetween(t, now) {
	case 0:
		return l.T("ui.moment_today", "clock", clock)
	case 1:
		return l.T("ui.moment_yesterday", "clock", clock)
	case -1:
		return l.T("ui.moment_tomorrow", "clock", clock)
	}
	return Day(t) + " " + clock
}

// Deadline writes a deadline in words, as far from now, and tells whether it has passed: "còn 40 phút", "quá hạn 2 giờ".
func Deadline(l i18n.Language, now, at time.Time) (words string, overdue bool) {
	left := at.Sub(now)
	key := "ui.left_"
	if left < 0 {
		left, key, overdue = -left, "ui.late_", true
	}
	switch {
	case left < time.Minute:
		return l.T(key + "now"), overdue
	case left < time.Hour:
		return l.T(key+"minutes", "n", int(left/time.Minute)), overdue
	case left < 48*time.Hour:
		return l.T(key+"hours", "n", int(left/time.Hour)), overdue
	}
	return l.T(key+"days", "n", int(left/(24*time.Hour))), overdue
}

// Local writes an instant for the browser's control of day and time.
func Local(t time.Time) string { return t.In(zone).Format("2006-01-02T15:04") }

// Count writes a whole number with the language's thousands mark: 1.234 or 1,234.
func Count(l i18n.Language, n int64) string {
	s := strconv.FormatInt(n, 10)
	mark := "."
	if l == i18n.English {
		mark = ","
	}
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return s
}

// daysBetween counts the midnights of Vietnam from a to b.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}
