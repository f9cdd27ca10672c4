package evidence

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Upload is a file on its way in.
type Upload struct {
	Name    string
	Size    int64 // -1 when the sender did not tell
	Content io.Reader
}

// Staged is a file that lies in the vault and belongs to no case yet. Adopt or Discard it.
type Staged struct {
	id      uuid.UUID
	caseID  uuid.UUID
	details details
	size    int64
	stored  Stored
}

const (
	objects    = "files/"
	sniffBytes = 3072
)

// Stage takes the bytes of a file for a case: sealed on the way, confirmed by the vault. Only who may attach to the case gets so far; to
// others the case does not exist. The record holds that she began.
func (s *Service) Stage(ctx context.Context, who access.Actor, caseID uuid.UUID, u Upload) (*Staged, error) {
	if u.Size > MaxSize {
		return nil, fault.New(fault.TooLarge, "too_large")
	}
	if u.Size == 0 {
		return nil, empty()
	}
	begins := who
	begins.Request.Claim = nil // the Idempotency-Key belongs to the act that attaches
	_, err := gate.Do(ctx, s.gate, begins, access.AttachEvidence, access.On("case", caseID), func(tx *gate.Tx) (struct{}, error) {
		tx.Because("begin", nil)
		return struct{}{}, nil
	})
	if err != nil {
		return nil, err
	}
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(u.Content, head)
	switch {
	case errors.Is(err, io.EOF):
		return nil, empty()
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	}
	head = head[:n]
	st := &Staged{id: uuid.Must(uuid.NewV7()), caseID: caseID, details: details{Name: cleanName(u.Name), Type: typeOf(head), Blind: make([]byte, blindSize)}}
	_, _ = rand.Read(st.details.Blind)
	keys, wrapped, err := s.ring.NewKeys(ctx, caseID, seal.Evidence)
	if err != nil {
		return nil, gate.KeyFault(access.AttachEvidence, fmt.Errorf("key of a file: %w", err))
	}
	defer keys.Close()
	st.details.Key = wrapped[0].Key
	content := &atMost{r: io.MultiReader(bytes.NewReader(head), u.Content), left: MaxSize}
	sealed, err := SealFile(keys, objectPlace(st.id, caseID), content, u.Size)
	if err != nil {
		return nil, err
	}
	st.stored, err = s.vault.Put(ctx, objects+uuid.NewString(), sealed, sealed.Size())
	if errors.Is(err, ErrLength) {
		return nil, fault.Bad(fault.Problem{Pointer: "/size", Key: "evidence_other_length"})
	}
	if err != nil {
		return nil, err
	}
	size, sum, err := sealed.Plain()
	if err != nil {
		return nil, err
	}
	st.size, st.details.SHA256 = size, hex.EncodeToString(sum[:])
	return st, nil
}

func empty() error { return fault.Bad(fault.Problem{Pointer: "/file", Key: "evidence_empty"}) }

// typeOf finds the type of a file in its first bytes. What the sender says about it is not asked.
func typeOf(head []byte) string {
	name, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return name
}

// atMost ends with a fault when the source has more than is taken.
type atMost struct {
	r    io.Reader
	left int64
}

func (a *atMost) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if a.left -= int64(n); a.left < 0 {
		return 0, fault.New(fault.TooLarge, "too_large")
	}
	return n, err
}

// Adopt attaches a staged file to its case. When it is refused the file is discarded; when the database did not answer it is left to the
// sweep, since the row may be there.
func (s *Service) Adopt(ctx context.Context, who access.Actor, st *Staged, description string) (File, error) {
	var ps fault.Problems
	survivor.Short("/description", description, 2000, &ps)
	if err := ps.Err(); err != nil {
		s.Discard(ctx, st)
		return File{}, err
	}
	st.details.Description = description
	f, err := gate.Do(ctx, s.gate, who, access.AttachEvidence, access.On("case", st.caseID), func(tx *gate.Tx) (File, error) {
		keys, err := survivor.OpenKeys(tx, st.caseID, seal.Evidence)
		if err != nil {
			return File{}, err
		}
		if !keys.Has(seal.Evidence) { // erased
			return File{}, fault.Missing()
		}
		sealed, err := st.details.seal(keys, st.id, st.caseID)
		if err != nil {
			return File{}, err
		}
		commitment := st.details.commitment()
		tx.Later(`insert into evidence (id, case_id, object, object_version, size, sealed_size, sealed_crc32c, commitment, details, added_by, added_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			st.id, st.caseID, st.stored.Key, st.stored.Version, st.size, st.stored.Size, int64(st.stored.CRC32C), commitment[:], sealed, tx.Who.User, tx.Now)
		tx.Answer(201)
		return File{ID: st.id, Case: st.caseID, Size: st.size, SHA256: st.details.SHA256, Type: st.details.Type, Name: st.details.Name,
			Description: description, AddedBy: casefile.Staff{ID: who.User, Username: who.Username, Name: who.Name}, AddedAt: tx.Now}, nil
	})
	if err != nil && (fault.KindOf(err) != "" && fault.KindOf(err) != fault.Unavailable || errors.Is(err, gate.ErrReplayed)) {
		s.Discard(ctx, st)
	}
	return f, err
}

// Discard takes a staged file out of the vault. It is a kindness: what it cannot remove the sweep will.
func (s *Service) Discard(ctx context.Context, st *Staged) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = s.vault.Remove(ctx, Found{Stored: st.stored})
}
