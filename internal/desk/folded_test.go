package desk_test

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/seal"
)

// countingRing counts the keys that are opened, by compartment.
type countingRing struct {
	seal.Ring
	mu     sync.Mutex
	opened map[seal.Compartment]int
}

func (r *countingRing) Unwrap(ctx context.Context, f seal.For, owner uuid.UUID, ws ...seal.Wrapped) (*seal.Keys, error) {
	r.mu.Lock()
	for _, w := range ws {
		r.opened[w.Compartment]++
	}
	r.mu.Unlock()
	return r.Ring.Unwrap(ctx, f, owner, ws...)
}

// since tells which compartments were asked for since the last question.
func (r *countingRing) since() map[seal.Compartment]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := map[seal.Compartment]bool{}
	for c := range maps.Keys(r.opened) {
		asked[c] = true
	}
	clear(r.opened)
	return asked
}

func TestTheCasePageAsksForNoKeyOfTheStoryUntilItIsShown(t *testing.T) {
	t.Parallel()
	ring := &countingRing{opened: map[seal.Compartment]int{}}
	s := apptest.With(t, func(o *app.Options) { ring.Ring, o.Ring = o.Ring, ring })
	id := recorded(t, s)
	path := "/ho-so/" + id
	// A reason in the record and a witness of a consent are sealed with the story too: the page shows the record and the consents all the same.
	boss := as(t, s, "giamsat.kontum")
	boss.visit(path)
	boss.send(path+"/hien", map[string]any{"classes": "safety", "reason": "Gọi lại thay người phụ trách (thử)."})
	b := as(t, s, "tuvan.kontum")
	b.visit(path + "/dong-y/moi")
	b.send(path+"/dong-y/moi", map[string]any{"purpose": "SHARE_HEALTH", "fields": []string{"name"}, "decision": "GIVEN", "by": "SELF", "method": "WRITTEN", "witness": "Người Chứng Kiến Thử"})
	b.on("/ho-so/*")

	ring.since()
	b.visit(path)
	b.says("Người Thử Nghiệm Một", "Giám Sát Thử", "Chia sẻ với cơ sở y tế", "Hệ thống chưa mở khóa phần này.", "Việc theo nhu cầu nằm trong phần đang gập")
	b.hides("Lời kể thử nghiệm", "Chuyện thử nghiệm", "Kẻ Thử Nghiệm", "Người Chứng Kiến Thử", "Gọi lại thay")
	if diff := cmp.Diff(map[seal.Compartment]bool{seal.Identity: true, seal.Safety: true, seal.Evidence: true}, ring.since()); diff != "" {
		t.Errorf("the keys that the folded page asks for:\n%s", diff)
	}
	if n := strings.Count(b.at.Source, `action="`+path+`/hien"`); n != 1 {
		t.Errorf("%d forms open the story", n)
	}
	b.unfold("Lời kể thử nghiệm.", "Chuyện thử nghiệm.", "Kẻ Thử Nghiệm", "Mở phần đang đóng", "Đóng nội dung")
	if !ring.since()[seal.Narrative] {
		t.Error("the story is shown and its key was not asked for: this test counts nothing")
	}
	b.visit(path)
	b.hides("Lời kể thử nghiệm", "Chuyện thử nghiệm", "Kẻ Thử Nghiệm")
	if ring.since()[seal.Narrative] {
		t.Error("the closed page asks for the key of the story again")
	}
}
