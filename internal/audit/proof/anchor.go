package proof

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"binhan/internal/seal"
)

// Medium is a place outside of the database that keeps checkpoints and never takes one back.
type Medium interface {
	// Name is said in reports.
	Name() string
	// Anchor keeps a signed checkpoint under a name. A name that is taken is no error: it holds the same.
	Anchor(ctx context.Context, name string, signed []byte) error
	// Anchors gives every checkpoint that it keeps.
	Anchors(ctx context.Context, each func(name string, signed []byte) error) error
}

// anchorName sorts by size. The root is part of it, so that two trees of one size do not hide each other.
func anchorName(c Checkpoint) string { return fmt.Sprintf("anchors/%016d-%x", c.Size, c.Root[:6]) }

// Folder is a medium in the file system: a second disk, a share of another office, a stick.
type Folder struct{ Dir string }

// Name is the folder's.
func (f Folder) Name() string { return "folder " + filepath.Base(f.Dir) }

// Anchor writes the checkpoint to a file of its own, synced before it is named, and never over another.
func (f Folder) Anchor(_ context.Context, name string, signed []byte) error {
	path := filepath.Join(f.Dir, filepath.FromSlash(name)+".txt")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	aside, err := os.CreateTemp(filepath.Dir(path), ".anchor-*")
	if err != nil {
		return err
	}
	defer os.Remove(aside.Name())
	_, err = aside.Write(signed)
	if err = errors.Join(err, aside.Chmod(0o444), aside.Sync(), aside.Close()); err != nil {
		return err
	}
	if err := os.Link(aside.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Anchors reads them all.
func (f Folder) Anchors(_ context.Context, each func(name string, signed []byte) error) error {
	if _, err := os.Stat(f.Dir); err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(f.Dir, "anchors", "*.txt"))
	if err != nil {
		return err
	}
	sort.Strings(paths)
	for _, path := range paths {
		signed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := each(strings.TrimSuffix(filepath.Base(path), ".txt"), signed); err != nil {
			return err
		}
	}
	return nil
}

// Newest is the newest checkpoint, as it was signed; "" before the first seal.
func Newest(ctx context.Context, db *sqlx.DB) (string, error) {
	var signed []string
	err := db.SelectContext(ctx, &signed, `select checkpoint from audit.seals order by size desc limit 1`)
	if err != nil || len(signed) == 0 {
		return "", err
	}
	return signed[0], nil
}

// Anchor takes the newest checkpoint to every medium each minute until ctx ends. A medium that does not answer is tried again the next minute, and said once. seen
// hears of each anchor: its medium and how many entries it holds.
func Anchor(ctx context.Context, db *sqlx.DB, ring seal.Signer, media []Medium, log *slog.Logger, seen func(medium string, size int64)) {
	if len(media) == 0 {
		return
	}
	key := ""
	failing, done := map[string]bool{}, map[string]int64{}
	for {
		if key == "" {
			key, _ = ring.VerifierKey(ctx) // the sealer says why it does not answer
		}
		for _, m := range media {
			size, err := anchorOnce(ctx, db, key, m, done[m.Name()])
			switch {
			case err == nil && size == 0:
			case err == nil:
				delete(failing, m.Name())
				done[m.Name()] = size
				seen(m.Name(), size)
			case ctx.Err() == nil && !failing[m.Name()]:
				failing[m.Name()] = true
				log.Error("the record is not being anchored", "medium", m.Name(), "cause", err.Error())
			}
		}
		wait := time.Minute
		if len(done) < len(media) && len(failing) == 0 { // a young house: its first anchor pins the key
			wait = time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// keyName is where a medium keeps the public key of the record, before all anchors: whoever verifies later need not ask the house for it.
func keyName(key string) string {
	parts := strings.Split(key, "+")
	return "anchors/0000000000000000-key-" + parts[min(1, len(parts)-1)]
}

// FirstKey is the public key of the record as it was first anchored, "" when no medium has one.
func FirstKey(ctx context.Context, media []Medium) (string, error) {
	key := ""
	for _, m := range media {
		err := m.Anchors(ctx, func(_ string, text []byte) error {
			if key == "" && isKey(text) {
				key = strings.TrimSpace(string(text))
			}
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("%s: %w", m.Name(), err)
		}
	}
	return key, nil
}

func isKey(text []byte) bool { return strings.HasPrefix(string(text), seal.SignerName+"+") }

func anchorOnce(ctx context.Context, db *sqlx.DB, key string, m Medium, have int64) (int64, error) {
	signed, err := Newest(ctx, db)
	if err != nil || signed == "" {
		return have, err
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	c, err := parse(text + "\n")
	if err != nil || c.Size == have {
		return have, err
	}
	if have <= 0 && key != "" {
		if err := m.Anchor(ctx, keyName(key), []byte(key+"\n")); err != nil {
			return have, err
		}
	}
	return c.Size, m.Anchor(ctx, anchorName(c), []byte(signed))
}

// AnchorNow takes the newest checkpoint to one medium, for commands and tests.
func AnchorNow(ctx context.Context, db *sqlx.DB, ring seal.Signer, m Medium) (int64, error) {
	key, err := ring.VerifierKey(ctx)
	if err != nil {
		return 0, err
	}
	return anchorOnce(ctx, db, key, m, -1)
}
