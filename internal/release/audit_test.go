package release

import (
	"slices"
	"testing"
)

// TestEveryShippedPlanWithstandsTheAuditsAttackers sends the attackers of the yearly audit against each plan that comes with the program.
func TestEveryShippedPlanWithstandsTheAuditsAttackers(t *testing.T) {
	t.Parallel()
	for _, v := range ShippedPlans() {
		t.Run(v.Version, func(t *testing.T) {
			t.Parallel()
			p, err := ParsePlan([]byte(v.Spec))
			if err != nil {
				t.Fatal(err)
			}
			p = madeUpPlaces(p)
			n := map[Size]int{Small: 60, Medium: 400, Large: 1500}[v.Size]
			found, err := attackWith(t.Context(), seeded("audit "+v.Version), p, n, 400)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				t.Logf("%-32s naive %.3f ours %.3f bar %.3f", f.Attack, f.Naive, f.Ours, f.Bar)
				oneWay := v.Kind == Quarter || v.Kind == Correction
				if !f.Held() || !f.Sharp() && !(oneWay && f.Attack == "subtraction") {
					t.Errorf("%s: naive %.3f, ours %.3f, bar %.3f (%s)", f.Attack, f.Naive, f.Ours, f.Bar, f.What)
				}
			}
			if !slices.ContainsFunc(found, func(f Finding) bool { return f.Attack == "membership" }) {
				t.Error("no membership attack")
			}
		})
	}
}
