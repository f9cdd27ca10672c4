package seal

import "testing"

// TestKinAreGuessedByWhatANameSays: four family names are half of all people and say nothing alone; some names say no family at all.
func TestKinAreGuessedByWhatANameSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Đinh Thị Thử", "ĐINH THỬ EM", true},
		{"Võ Thử Một", "Vo Thử Hai", true},
		{"Nguyễn Thử Một", "Nguyễn Văn Hai", false},
		{"Nguyễn Hữu Thử", "Nguyễn Hữu Nghiệm", true},
		{"Nguyễn Thị Thử", "Nguyễn Thị Nghiệm", false}, // Thị says that both are women
		{"Trần Thử", "Trần Nghiệm", false},
		{"Y Thử", "Y Nghiệm", false},
		{"A Thử", "A Nghiệm", false},
		{"H'Thử Niê", "H'Nghiệm Niê", false},
		{"Thử", "Thử", false},
		{"", "", false},
	} {
		x := family(c.a)
		if got := x != "" && x == family(c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

// TestOneHomeIsOneHoweverItIsWritten: and a commune or a province alone is no home.
func TestOneHomeIsOneHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"12 Trần Phú", "Số 12 đường Trần Phú, phường Quyết Thắng", true},
		{"12 Trần Phú", "14 Trần Phú", false},
		{"thôn 2", "Thôn 2, xã Ngọc Bay", true},
		{"thôn 2", "Thôn 3, xã Ngọc Bay", false},
		{"làng Kon Klor", "Làng Kon K'lor, thành phố Kon Tum", true},
		{"Kon Tum", "Thôn 1, Kon Tum", false},
		{"", "12 Trần Phú", false},
		{"12", "12", false},
	} {
		if got := sameHome(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
		if got := sameHome(c.b, c.a); got != c.want {
			t.Errorf("%q and %q, the other way: %v", c.b, c.a, got)
		}
	}
}
