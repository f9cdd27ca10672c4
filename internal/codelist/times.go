package codelist

import "time"

// TimeBins are the classes of the time from sending a referral to its acceptance, in the statistics: within an hour, twelve hours, two days, a week, thirty days, later;
// NONE when nobody accepted one. The first three are the limits of the three priorities (list referral_priority).
func TimeBins() []string { return []string{"H1", "H12", "H48", "D7", "D30", "LATER", "NONE"} }

// TimeBin is the class of a time from sending to acceptance; a negative one is unknown.
func TimeBin(t time.Duration) string {
	switch {
	case t < 0:
		return Unknown
	case t <= time.Hour:
		return "H1"
	case t <= 12*time.Hour:
		return "H12"
	case t <= 48*time.Hour:
		return "H48"
	case t <= 7*24*time.Hour:
		return "D7"
	case t <= 30*24*time.Hour:
		return "D30"
	}
	return "LATER"
}
