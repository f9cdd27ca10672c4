package evidence

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

type row struct {
	ID       uuid.UUID `db:"id"`
	Case     uuid.UUID `db:"case_id"`
	Object   string    `db:"object"`
	Version  string    `db:"object_version"`
	Size     int64     `db:"size"`
	Sealed   int64     `db:"sealed_size"`
	CRC32C   uint32    `db:"sealed_crc32c"`
	Promised []byte    `db:"commitment"`
	Details  []byte    `db:"details"`
	AddedAt  time.Time `db:"added_at"`
	By       uuid.UUID `db:"by_id"`
	Username string    `db:"by_username"`
	Name     string    `db:"by_name"`
	Key      []byte    `db:"case_key"`
}

const selectFiles = `select e.id, e.case_id, e.object, e.object_version, e.size, e.sealed_size, e.sealed_crc32c, e.commitment, e.details, e.added_at,
       u.id as by_id, u.username as by_username, u.name as by_name, k.evidence as case_key
  from evidence e
  join case_keys k on k.case_id = e.case_id
  cross join lateral auth.staff(array[e.added_by]) u`

// open opens the sealed part of a row with the evidence key of its case.
func (r row) open(keys *seal.Keys) (File, details, error) {
	d, err := openDetails(keys, r.ID, r.Case, r.Details)
	if err != nil {
		return File{}, d, err
	}
	if promised := d.commitment(); !bytes.Equal(promised[:], r.Promised) {
		return File{}, d, fmt.Errorf("%w: commitment of %s", seal.ErrForged, r.ID)
	}
	return File{ID: r.ID, Case: r.Case, Size: r.Size, SHA256: d.SHA256, Type: d.Type, Name: d.Name, Description: d.Description,
		AddedBy: casefile.Staff{ID: r.By, Username: r.Username, Name: r.Name}, AddedAt: r.AddedAt}, d, nil
}

// List tells the files of a case, the oldest first.
func (s *Service) List(ctx context.Context, who access.Actor, caseID uuid.UUID) ([]File, error) {
	return gate.Do(ctx, s.gate, who, access.ListEvidence, access.On("case", caseID), func(tx *gate.Tx) ([]File, error) {
		return OfCase(tx, caseID)
	})
}

// opened is a row after its act: what is needed to read the bytes.
type opened struct {
	file   File
	key    seal.Wrapped
	stored Stored
}

// find opens one row inside its act.
func (s *Service) find(ctx context.Context, who access.Actor, id uuid.UUID) (opened, error) {
	return gate.Do(ctx, s.gate, who, access.ReadEvidence, access.On("evidence", id), func(tx *gate.Tx) (opened, error) {
		var r row
		if err := tx.Get(&r, selectFiles+`
 where e.id = $1`, id); err != nil {
			return opened{}, err
		}
		keys, err := tx.Keys(r.Case, seal.Wrapped{Compartment: seal.Evidence, Key: r.Key})
		if err != nil {
			return opened{}, err
		}
		if !keys.Has(seal.Evidence) { // erased
			return opened{}, fault.Missing()
		}
		f, d, err := r.open(keys)
		if err != nil {
			return opened{}, err
		}
		return opened{file: f, key: seal.Wrapped{Compartment: seal.Evidence, Key: d.Key}, stored: Stored{Key: r.Object, Version: r.Version, Size: r.Sealed, CRC32C: r.CRC32C}}, nil
	})
}

// Read tells what is known of a file. Reading is an act: it is on the record.
func (s *Service) Read(ctx context.Context, who access.Actor, id uuid.UUID) (File, error) {
	o, err := s.find(ctx, who, id)
	return o.file, err
}

// Content is a file opened for reading anywhere in it.
type Content struct {
	File
	*Opened
}

// Open opens the bytes of a file. Close it when done; it reads only as long as ctx lives. seal.ErrForged says that the vault or the database
// holds something else than was attached.
func (s *Service) Open(ctx context.Context, who access.Actor, id uuid.UUID) (*Content, error) {
	o, err := s.find(ctx, who, id)
	if err != nil {
		return nil, err
	}
	onBehalf := seal.For{Actor: who.User.String(), Session: who.Request.ID, Act: access.ReadEvidence.Name}
	keys, err := s.ring.Unwrap(ctx, onBehalf, o.file.Case, o.key)
	if err != nil {
		return nil, gate.KeyFault(access.ReadEvidence, fmt.Errorf("key of file %s: %w", id, err))
	}
	defer keys.Close()
	content, err := OpenFile(ctx, keys, objectPlace(id, o.file.Case), s.vault, o.stored)
	if err != nil {
		return nil, err
	}
	if content.Size() != o.file.Size {
		content.Close()
		return nil, fmt.Errorf("%w: file %s has another size", seal.ErrForged, id)
	}
	return &Content{o.file, content}, nil
}
