package evidence

import (
	"context"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

// Drop takes the objects of erased files out of the vault. What cannot be removed, because the store must keep it until a day or does not answer, is
// counted as left: nobody can read it, its key is gone, and the sweep removes it when the store lets it.
func (s *Service) Drop(ctx context.Context, objects, versions []string) (left int) {
	for i, object := range objects {
		if err := s.vault.Remove(ctx, Found{Stored: Stored{Key: object, Version: versions[i]}}); err != nil {
			left++
		}
	}
	return left
}

// OfCase tells the files of a case inside another act that opened its evidence, the oldest first.
func OfCase(tx *gate.Tx, caseID uuid.UUID) ([]File, error) {
	var rows []row
	if err := tx.Select(&rows, selectFiles+`
 where e.case_id = $1
 order by e.added_at, e.id`, caseID); err != nil {
		return nil, err
	}
	tx.Opened(access.Evidence)
	files := make([]File, 0, len(rows))
	if len(rows) == 0 {
		return files, nil
	}
	keys, _, err := tx.Salvage(caseID, seal.Wrapped{Compartment: seal.Evidence, Key: rows[0].Key})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		f, _, err := r.open(keys)
		if !keys.Has(seal.Evidence) && err != nil || tx.Damaged("evidence", err) { // its name is lost to the list; whoever opens it is told the same
			f, err = File{ID: r.ID, Case: r.Case, Size: r.Size, AddedBy: casefile.Staff{ID: r.By, Username: r.Username, Name: r.Name}, AddedAt: r.AddedAt, Damaged: true}, nil
		}
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}
