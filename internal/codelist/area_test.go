package codelist

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCodeMeansWhatItMeantOnTheDay(t *testing.T) {
	t.Parallel()
	lastDay := time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC)
	name := func(code string, on time.Time) string {
		u, ok := Commune(code, on)
		if !ok {
			return "-"
		}
		return u.Name
	}
	got := []string{
		name("23293", in2022), name("23293", lastDay), name("23293", lastDay.AddDate(0, 0, 1)), name("23293", in2026),
		name("23281", in2022), name("23281", in2026), name("99999", in2026), name("", in2022),
	}
	want := []string{"Phường Thắng Lợi", "Phường Thắng Lợi", "Phường Kon Tum", "Phường Kon Tum", "Phường Quang Trung", "-", "-", "-"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnyCommuneGivesTheNewestBearerOfACode(t *testing.T) {
	t.Parallel()
	u, ok := AnyCommune("23504")
	if !ok || u.Name != "Xã Đăk Pxi" {
		t.Errorf("23504 is %q", u.Name)
	}
	old, ok := AnyCommune("23281")
	if !ok || old.MergedInto != "23293" {
		t.Errorf("23281 went into %q", old.MergedInto)
	}
	if _, ok := AnyCommune("1"); ok {
		t.Error("a code that nobody bore was found")
	}
}

func TestCommuneIsWhole(t *testing.T) {
	t.Parallel()
	got, _ := Commune("23344", in2022)
	want := Unit{
		Code: "23344", Name: "Xã Đăk Blô", NameEN: "Dak Blo", ValidTo: time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC), Province: "62",
		FormerDistrict: "610", MergedInto: "23344", Kind: "XA", Aliases: []string{"Xã Đắk Blô", "Xã Đăk Plô"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got, _ = Commune("23344", in2026)
	want = Unit{
		Code: "23344", Name: "Xã Đăk Plô", NameEN: "Dak Plo", ValidFrom: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC), Province: "51",
		FormerDistrict: "610", MergedFrom: []string{"23344", "23347", "23350"}, Kind: "XA",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.AreaType() != "RURAL" {
		t.Error("a xã is not rural")
	}
	if town, _ := Commune("23500", in2022); town.AreaType() != "URBAN" {
		t.Error("a thị trấn is not urban")
	}
}

func TestEveryOldCommuneLivesOnInOneOfToday(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, u := range Communes(in2022) {
		s := Successor(u)
		if !s.ValidOn(in2026) || !slices.Contains(s.MergedFrom, u.Code) || s.FormerDistrict != u.FormerDistrict {
			t.Errorf("%s %s went into %s %s", u.Code, u.Name, s.Code, s.Name)
		}
		seen[s.Code]++
	}
	total := 0
	for _, u := range Communes(in2026) {
		if len(Predecessors(u)) != seen[u.Code] {
			t.Errorf("%s was made of %d communes and took in %d", u.Code, len(Predecessors(u)), seen[u.Code])
		}
		total += seen[u.Code]
	}
	if total != 102 {
		t.Errorf("%d communes lived on", total)
	}
}

func TestAreaIsTheFormerDistrictOnBothSidesOfTheReform(t *testing.T) {
	t.Parallel()
	got := []string{
		Area("23500", in2022), Area("23500", in2026), Area("23425", in2022), Area("23425", in2026),
		Area("23281", in2026), // an old code on a new day still has its place
		Area("615", in2026), Area("51", in2026), Area("62", in2022), Area("", in2026), Area("00001", in2026),
	}
	want := []string{"615", "615", "617", "617", "608", "615", "51", "62", "UNK", "UNK"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStatisticalAreasCoverTheProvinceOnBothSides(t *testing.T) {
	t.Parallel()
	districts := []string{"608", "610", "611", "612", "613", "614", "615", "616", "617", "618"}
	for _, province := range []string{"62", "51"} {
		if diff := cmp.Diff(append(slices.Clone(districts), province, "UNK"), StatisticalAreas(province)); diff != "" {
			t.Errorf("%s: %s", province, diff)
		}
	}
	for _, u := range Communes(in2026) {
		if !slices.Contains(StatisticalAreas("51"), Area(u.Code, in2026)) {
			t.Errorf("%s lies outside the areas", u.Code)
		}
	}
	if got := []string{AreaLabel("615"), AreaLabel("51"), AreaLabel("UNK")}; !cmp.Equal(got, []string{"Huyện Đăk Hà", "Tỉnh Quảng Ngãi", "UNK"}) {
		t.Error(got)
	}
}

func TestFindCommuneForgivesSpelling(t *testing.T) {
	t.Parallel()
	first := func(text string, on time.Time) string {
		us := FindCommune(text, on)
		if len(us) == 0 {
			return "-"
		}
		return us[0].Code
	}
	for _, c := range []struct {
		text string
		on   time.Time
		want string
	}{
		{"Phường Kon Tum", in2026, "23293"},
		{"kon tum", in2026, "23293"},
		{"P. Kon Tum", in2026, "23293"},
		{"23293", in2026, "23293"},
		{"Quang Trung", in2026, "23293"}, // an old name
		{"Quang Trung", in2022, "23281"},
		{"xã đắk hà", in2026, "23500"}, // today's xã before the old xã of the same name
		{"Đắk Hà", in2022, "23425"},
		{"thị trấn Đăk Hà", in2022, "23500"},
		{"TT Đăk Hà", in2022, "23500"},
		{"Ngọc Tụ", in2026, "23428"}, // Ngọc for Ngọk
		{"ngok linh", in2026, "23365"},
		{"Pờ Y", in2026, "23377"}, // another spelling of an old commune
		{"Ia Đal", in2026, "23535"},
		{"ia  dal", in2026, "23535"},
		{"YaLy", in2026, "23548"},
		{"Măng Bút", in2022, "23458"},
		{"Konbraih", in2026, "23497"},
		{"Konbraih", in2022, "23488"}, // a name of later: the communes that went into it
		{"Ha Noi", in2026, "-"},
		{"", in2026, "-"},
		{"xã", in2026, "-"},
	} {
		if got := first(c.text, c.on); got != c.want {
			t.Errorf("%q on %s: %s, not %s", c.text, c.on.Format(time.DateOnly), got, c.want)
		}
	}
}

func TestFindCommuneOffersEveryBearerOfAName(t *testing.T) {
	t.Parallel()
	codes := func(us []Unit) []string {
		var cs []string
		for _, u := range us {
			cs = append(cs, u.Code)
		}
		return cs
	}
	if diff := cmp.Diff([]string{"23368", "23504"}, codes(FindCommune("Đăk Long", in2022))); diff != "" {
		t.Error(diff)
	}
	// In 2026 one still bears the name, the other went into Đăk Pxi.
	if diff := cmp.Diff([]string{"23368", "23504"}, codes(FindCommune("Đăk Long", in2026))); diff != "" {
		t.Error(diff)
	}
}

func TestFindCommuneFindsEveryUnitByItsOwnName(t *testing.T) {
	t.Parallel()
	for _, on := range []time.Time{in2022, in2026} {
		for _, u := range Communes(on) {
			for _, name := range append([]string{u.Name, u.NameEN, Fold(u.Name)}, u.Aliases...) {
				if !slices.ContainsFunc(FindCommune(name, on), func(f Unit) bool { return f.Code == u.Code }) {
					t.Errorf("%s is not found by %q", u.Code, name)
				}
			}
			if first := FindCommune(u.Name, on)[0]; Fold(first.Name) != Fold(u.Name) {
				t.Errorf("%q finds %q first", u.Name, first.Name)
			}
		}
	}
}

func TestFindCommuneAnswersOnlyWithUnitsOfTheDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := in2022.AddDate(0, 0, rapid.IntRange(0, 2000).Draw(t, "days"))
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(xa |p\. |)[a-z]{1,4}( [a-zđăâ]{1,5})?`)).Draw(t, "text")
		seen := map[string]bool{}
		for _, u := range FindCommune(text, on) {
			if !u.ValidOn(on) || seen[u.Code] {
				t.Fatalf("%s answers %q on %s", u.Code, text, on)
			}
			seen[u.Code] = true
		}
	})
}

func TestFoundUnitsBelongToTheCaller(t *testing.T) {
	t.Parallel()
	u, _ := Commune("23377", in2026)
	u.MergedFrom[0] = "CHANGED"
	if again, _ := Commune("23377", in2026); again.MergedFrom[0] != "23377" {
		t.Error("the list was changed from outside")
	}
}

func TestCommunesNamedAsksBackOnlyWhenTheNameDoesNotSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		on   time.Time
		want []string
	}{
		{"Đăk Hà", in2022, []string{"23425", "23500"}},
		{"xã Đăk Hà", in2022, []string{"23425"}},
		{"TT. Đắk Hà", in2022, []string{"23500"}},
		{"Đăk Hà", in2026, []string{"23500"}},
		{"Đăk Long", in2022, []string{"23368", "23504"}},
		{"Đăk Long", in2026, []string{"23368"}},
		{"Quang Trung", in2026, []string{"23293"}},
		{"xã Quang Trung", in2026, nil}, // it was a ward
		{"Sa Nghĩa", in2026, []string{"23534"}},
		{"23281", in2022, []string{"23281"}},
		{"23281", in2026, nil},
		{"Quang", in2022, nil},
		{"", in2022, nil},
	} {
		var got []string
		for _, u := range CommunesNamed(c.text, c.on) {
			got = append(got, u.Code)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q on %s: %s", c.text, c.on.Format(time.DateOnly), diff)
		}
	}
}
