// Package evidence keeps the files of a case: photographs, certificates, recordings, as the court will want to see them, byte for byte.
//
// What is where. The bytes lie in a Vault (an S3 bucket) under a random key, sealed before they leave this process: an age stream whose file
// key is sealed under a data key of this one file, which in turn lies, wrapped, in the sealed details of the row. Nobody who can read the
// bucket can read a file, a file that was moved to another case or row does not open, and erasing the case's evidence key erases its files.
// The row holds in the clear what the machinery needs: case, object, sizes, a checksum of the sealed bytes, and a commitment to the file: the
// SHA-256 of a random number and of the file's own SHA-256. The file's name, its description, its type, its SHA-256 and that number are sealed:
// in the clear a hash would let anyone test whether a case holds a picture that he has. Whoever may read the file can prove with the number
// that it is the one that was attached that day.
//
// The order of an upload. She must hold the case before a byte is taken. Then the sealed stream goes to the vault under a key that no row
// names; the vault confirms length and checksum; then the act writes the row. A row therefore never names an object that is not whole, and
// an object that no row names is swept after a day. No transaction is open while bytes travel: uploads and downloads take minutes, and the
// key of one file outlives the act that opened it only in the request that reads it.
//
// Originals are never altered and never overwritten (the vault refuses). What a browser could run or be fooled by is always an attachment,
// under a neutral name, since the list of downloads of a shared machine is read by others.
//
// Who may: the holder of the case (policies/policy.csv, evidence.attach, evidence.list, evidence.read). To everybody else neither the case nor
// the file exists (fault.NotFound).
package evidence

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/casefile"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

// Service is the acts on files.
type Service struct {
	gate  *gate.Gate
	ring  seal.KeyRing
	vault Vault
}

// MaxSize is the largest file that is taken, in bytes.
const MaxSize = 100 << 20

// New makes the service. The ring is asked only for keys of single files: fresh ones, and those that lay in details which the gate opened.
func New(g *gate.Gate, ring seal.KeyRing, vault Vault) *Service {
	return &Service{gate: g, ring: ring, vault: vault}
}

// File is a file as its reader sees it.
type File struct {
	ID          uuid.UUID      `json:"id"`
	Case        uuid.UUID      `json:"case"`
	Size        int64          `json:"size"`
	SHA256      string         `json:"sha256"`
	Type        string         `json:"type"` // found in the bytes, not told by the browser
	Name        string         `json:"name,omitempty"`
	Description string         `json:"description,omitempty"`
	AddedBy     casefile.Staff `json:"added_by"`
	AddedAt     time.Time      `json:"added_at"`
	Damaged     bool           `json:"damaged,omitempty"` // what is sealed of it does not open; its name and type are not known
}

// Location is where the file's metadata is read again.
func (f File) Location() string { return "/api/v1/evidence/" + f.ID.String() }

// details is the sealed part of a row.
type details struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Type        string `json:"type"`
	SHA256      string `json:"sha256"`
	Blind       []byte `json:"blind"` // the random number of the commitment
	Key         []byte `json:"key"`   // wrapped data key of this file
}

// commitment binds the row to the file without telling what the file is.
func (d details) commitment() [32]byte {
	return sha256.Sum256(append(append([]byte("evidence/v1"), d.Blind...), d.SHA256...))
}

const blindSize = 32

func detailsPlace(id, caseID uuid.UUID) seal.Place {
	return seal.Place{Table: "evidence", Column: "details", Row: id, Owner: caseID, Compartment: seal.Evidence}
}

func objectPlace(id, caseID uuid.UUID) seal.Place {
	return seal.Place{Table: "evidence", Column: "object", Row: id, Owner: caseID, Compartment: seal.Evidence}
}

func (d details) seal(keys *seal.Keys, id, caseID uuid.UUID) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("seal details of %s: %w", id, err)
	}
	return keys.Seal(detailsPlace(id, caseID), plain)
}

func openDetails(keys *seal.Keys, id, caseID uuid.UUID, sealed []byte) (d details, err error) {
	plain, err := keys.Open(detailsPlace(id, caseID), sealed)
	if err != nil {
		return d, err
	}
	if json.Unmarshal(plain, &d) != nil || len(d.Blind) != blindSize { // the decoder's error could quote a name
		return d, fmt.Errorf("%w: details of %s", seal.ErrForged, id)
	}
	return d, nil
}

// cleanName keeps of a name what a person can read: the last step of a path, composed, without control characters, at most 200 letters. A
// browser's name is taken as it comes otherwise; it is never used for anything but being read.
func cleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFC.String(name))
	name = strings.TrimSpace(name)
	if runes := []rune(name); len(runes) > 200 {
		ext := path.Ext(name)
		if utf8.RuneCountInString(ext) > 10 {
			ext = ""
		}
		name = string(runes[:200-utf8.RuneCountInString(ext)]) + ext
	}
	return name
}
