package desk_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"binhan/internal/app/apptest"
)

// BenchmarkSelfServiceTable tells how long a reader waits for a table of a release of the large plan, over HTTP with the session, the gate and the record: each table of
// the plan in turn, a cross of her own, and the same tables on the open side. The bar is 100 ms at the 95th percentile on an idle machine of two cores.
func BenchmarkSelfServiceTable(b *testing.B) {
	s := apptest.New(b)
	counted(b, s, "51", 4000)
	id := published(b, s, "51", "large", true)
	officer, nobody := s.As(b, "thongke.sldtbxh"), s.As(b, "")
	list := officer.Must(http.StatusOK, "GET", "/api/v1/releases/"+id+"/manifest.json", nil)
	var desk, built, open []string
	for i := range list.Len("tables") {
		table := list.Text("tables." + string(rune('0'+i/10)) + string(rune('0'+i%10)) + ".id")
		if i < 10 {
			table = list.Text("tables." + string(rune('0'+i)) + ".id")
		}
		desk, open = append(desk, "/bang-so/"+id+"/"+table), append(open, "/so-lieu/"+id+"/"+table)
	}
	for _, q := range []string{"rows=area&columns=form", "rows=commune&columns=form&show=share&sort=count", "rows=commune&borders=2025", "rows=age&columns=sex", "rows=month&columns=area"} {
		built = append(built, "/bang-so/xem?release="+id+"&"+q)
	}
	for name, x := range map[string]struct {
		who   *apptest.Client
		paths []string
	}{"desk": {officer, desk}, "built": {officer, built}, "open": {nobody, open}} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			b.ResetTimer()
			for n := 0; b.Loop(); n++ {
				start := time.Now()
				if a := x.who.Do("GET", x.paths[n%len(x.paths)], nil); a.Status != http.StatusOK && a.Status != http.StatusTooManyRequests {
					b.Fatal(x.paths[n%len(x.paths)], a.Status)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		})
	}
}
