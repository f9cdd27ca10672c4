package app_test

import (
	"net/http"
	"testing"

	"binhan/internal/app/apptest"
)

func TestAHolderFindsHerCaseAgainByWhateverSheRemembers(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor := s.As(t, "tuvan.kontum")
	made := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	id := made.Text("id")
	counsellor.Must(http.StatusOK, "PATCH", "/api/v1/cases/"+id, map[string]any{"risk": "HIGH"}, "If-Match", made.Header.Get("ETag"))
	counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", map[string]any{"intake": map[string]any{"channel": "LETTER"}, "survivor": map[string]any{"name": "Người Khác Hẳn", "phone": "0900 000 077"}})
	for name, q := range map[string]map[string]any{
		"her name as written":          {"name": "Người Thử Nghiệm Một"},
		"without marks":                {"name": "nguoi thu nghiem mot"},
		"in another order, decomposed": {"name": "một Thu\u031b\u0309 nghiệm"},
		"a middle name forgotten":      {"name": "Người Nghiệm Một"},
		"her telephone, spaced":        {"phone": "0900.000.001"},
		"her telephone, abroad":        {"phone": "+84 900 000 001"},
		"her number":                   {"id_number": "051191000001"},
		"the whole code":               {"code": made.Text("code")},
		"the letters of the code":      {"code": made.Text("code")[:4]},
		"her commune":                  {"commune": "23377"},
		"risk":                         {"risk": "HIGH"},
		"name, status and risk":        {"name": "thử nghiệm", "status": "NEW", "risk": "HIGH"},
	} {
		if a := counsellor.Must(http.StatusOK, "POST", "/api/v1/cases/search", q); a.Len("items") != 1 || a.Text("items.0.id") != id {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	for name, q := range map[string]map[string]any{"another name": {"name": "Người Chưa Từng Đến"}, "another phone": {"phone": "0900 000 099"}, "another risk": {"name": "thử nghiệm", "risk": "LOW"}} {
		if a := counsellor.Must(http.StatusOK, "POST", "/api/v1/cases/search", q); a.Len("items") != 0 {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	if a := counsellor.Must(http.StatusOK, "GET", "/api/v1/cases?risk=HIGH&status=NEW&commune=23377", nil); a.Len("items") != 1 {
		t.Errorf("filtered list: %s", a.Body)
	}
	// What she may not see is not found, whatever is asked.
	if a := s.As(t, "tuvan.ngochoi").Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"name": "Người Thử Nghiệm Một"}); a.Len("items") != 0 {
		t.Errorf("a stranger finds: %s", a.Body)
	}
}
