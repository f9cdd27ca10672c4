// Package calendar counts the days of legal terms by Vietnam's clock.
//
// A term in days leaves out the day on which it begins and ends with the end of its last day (Civil Code 2015 art. 147 and 148). A term in working
// days counts only days on which offices work; a term in calendar days whose last day is a day of rest ends with the next working day
// (art. 148.5). Days of rest are Saturdays, Sundays and the holidays of holidays.json: dated data with its basis, to be read over every autumn when the
// prime minister announces the next year. A holiday of which we are not sure is not in the list, so that a clock is rather early than late.
package calendar

import (
	_ "embed"
	"encoding/json"
	"sync"
	"time"
)

// Zone is the clock by which a day begins and ends; Vietnam keeps no summer time.
var Zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Holiday is a stretch of days of rest.
type Holiday struct {
	From  string `json:"from"` // YYYY-MM-DD
	To    string `json:"to"`
	Name  string `json:"name"`
	Basis string `json:"basis"`
	Sure  bool   `json:"sure"` // announced, not reckoned from the law's usual days
}

//go:embed holidays.json
var raw []byte

var holidays = sync.OnceValue(func() map[string]bool {
	rest := map[string]bool{}
	for _, h := range Holidays() {
		from, err1 := time.ParseInLocation(time.DateOnly, h.From, Zone)
		to, err2 := time.ParseInLocation(time.DateOnly, h.To, Zone)
		if err1 != nil || err2 != nil || to.Before(from) || to.Sub(from) > 31*24*time.Hour {
			panic("calendar: " + h.From + " " + h.To + " are not a stretch of days") // embedded data; a test reads it
		}
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			rest[d.Format(time.DateOnly)] = true
		}
	}
	return rest
})

// Holidays lists the days of rest that are known.
func Holidays() []Holiday {
	var hs []Holiday
	if err := json.Unmarshal(raw, &hs); err != nil {
		panic("calendar: " + err.Error())
	}
	return hs
}

// Working tells whether offices work on the day of t.
func Working(t time.Time) bool {
	t = t.In(Zone)
	if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
		return false
	}
	return !holidays()[t.Format(time.DateOnly)]
}

// end is the last instant of a day that a database keeps.
func end(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 59, 0, Zone)
}

// AddWorkingDays is the end of the n-th working day after the day of from.
func AddWorkingDays(from time.Time, n int) time.Time {
	d := from.In(Zone)
	for n > 0 {
		if d = d.AddDate(0, 0, 1); Working(d) {
			n--
		}
	}
	return end(d)
}

// AddDays is the end of the n-th day after the day of from, moved on to the next working day when it is a day of rest.
func AddDays(from time.Time, n int) time.Time {
	d := from.In(Zone).AddDate(0, 0, n)
	for n > 0 && !Working(d) {
		d = d.AddDate(0, 0, 1)
	}
	return end(d)
}
