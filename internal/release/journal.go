package release

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// A database that is restored to a moment before a draw has forgotten the draw. It would draw the same people again, and the two releases together would say more
// than either promised. So each draw is kept outside of the database, as a file on the medium of the anchors, before anybody is shown it: the noisy measurements
// themselves, which are safe to know. Asked for the same period again, a restored database does not draw: it freezes the period and stores what was
// drawn then, with the same id and the same numbers. Until it has done so, no later period of the scope can be prepared, because the people of the forgotten cube would
// enter a second one.

// Journal is the folder of kept draws. One file a cube, written once.
type Journal struct{ Dir string }

// kept is one draw.
type kept struct {
	ID         uuid.UUID `json:"release_id"`
	Scope      string    `json:"scope"`
	Kind       Kind      `json:"kind"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Plan       string    `json:"plan"` // the resolved plan, as the release cites it
	Approved   string    `json:"approved_plan"`
	SizeFrom   string    `json:"size_from"`
	CutOff     time.Time `json:"cut_off"`
	Definition string    `json:"definition_version"`
	CodeLists  string    `json:"code_lists"`
	Unlinked   bool      `json:"unlinked"`
	SHA256     string    `json:"sha256"`
	Measured   []Drawn   `json:"measurements"`
}

// Drawn are the noisy numbers of one table.
type Drawn struct {
	Table  string  `json:"table"`
	Values []int64 `json:"values"`
}

var journalName = regexp.MustCompile(`[^A-Za-z0-9-]`)

func (j *Journal) path(scope string, k Kind, p Period) string {
	// A scope's name may hold any letter; its bytes in hexadecimal are a name on every file system and different for different scopes.
	name := scope
	if journalName.MatchString(scope) {
		name = "x" + hex.EncodeToString([]byte(scope))
	}
	return filepath.Join(j.Dir, fmt.Sprintf("%s.%s.%s.%s.json", name, k, p.From, p.To))
}

// find gives the kept draw of a period, nil when there is none. A file that cannot be read is an error: nothing is drawn on a guess.
func (j *Journal) find(scope string, k Kind, p Period) (*kept, error) {
	if j == nil {
		return nil, nil
	}
	return readKept(j.path(scope, k, p))
}

func readKept(path string) (*kept, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read kept draw: %w", err)
	}
	var d kept
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("read kept draw %s: %w", filepath.Base(path), err)
	}
	return &d, nil
}

// all gives every kept draw of a scope.
func (j *Journal) all(scope string) ([]*kept, error) {
	if j == nil {
		return nil, nil
	}
	paths, err := filepath.Glob(filepath.Join(j.Dir, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	var out []*kept
	for _, path := range paths {
		d, err := readKept(path)
		if err != nil {
			return nil, err
		}
		if d != nil && d.Scope == scope {
			out = append(out, d)
		}
	}
	return out, nil
}

// keep writes a draw so that it survives a fall of the machine. A draw that is there already must be the same one.
func (j *Journal) keep(d kept) error {
	if j == nil {
		return nil
	}
	path := j.path(d.Scope, d.Kind, Period{d.From, d.To})
	there, err := readKept(path)
	if err != nil {
		return err
	}
	if there != nil {
		if there.ID != d.ID || there.SHA256 != d.SHA256 {
			return fmt.Errorf("the kept draw %s is another one", filepath.Base(path))
		}
		return nil
	}
	if err := os.MkdirAll(j.Dir, 0o700); err != nil {
		return fmt.Errorf("keep draw: %w", err)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(j.Dir, ".draw-*")
	if err != nil {
		return fmt.Errorf("keep draw: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(append(raw, '\n'))
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("keep draw: %w", err)
	}
	if err := os.Link(temp.Name(), path); err != nil { // never over another one
		return fmt.Errorf("keep draw: %w", err)
	}
	dir, err := os.Open(j.Dir)
	if err != nil {
		return fmt.Errorf("keep draw: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// measurements gives the kept numbers as measurements of the plan.
func (d *kept) measurements(l *layout) ([]Measurement, error) {
	if len(d.Measured) != len(l.tables) {
		return nil, fmt.Errorf("the kept draw of %s has %d tables, its plan %d", d.ID, len(d.Measured), len(l.tables))
	}
	out := make([]Measurement, len(l.tables))
	for i := range l.tables {
		t := &l.tables[i]
		if d.Measured[i].Table != t.ID || len(d.Measured[i].Values) != t.cells {
			return nil, fmt.Errorf("the kept draw of %s does not fit table %s", d.ID, t.ID)
		}
		out[i] = Measurement{Table: t.ID, Sigma2: t.sigma2(), Values: d.Measured[i].Values}
	}
	return out, nil
}
