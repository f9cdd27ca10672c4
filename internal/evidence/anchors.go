package evidence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"binhan/internal/config"
)

// Anchors keeps the checkpoints of the record of acts in a bucket of its own, best of another account: never over another (If-None-Match), and held in compliance mode
// for as long as the record itself must be kept, so that nobody can take one back, we neither.
type Anchors struct {
	vault *Minio
	keep  time.Duration
}

// anchorsKept is how long: ten years, as long as the file of a grown person is kept after its end. No law names a term for this; an archivist may ask for more.
const anchorsKept = 10 * 366 * 24 * time.Hour

// OpenAnchors prepares the way to the bucket.
func OpenAnchors(s config.Store) (*Anchors, error) {
	m, err := OpenMinio(s)
	if err != nil {
		return nil, err
	}
	return &Anchors{m, anchorsKept}, nil
}

// Make makes the bucket, with versions and object lock, on a developer's own machine.
func (a *Anchors) Make(ctx context.Context) error { return a.vault.Make(ctx) }

// Name is the bucket's.
func (a *Anchors) Name() string { return "bucket " + a.vault.bucket }

// Anchor keeps a signed checkpoint under a name. A taken name holds the same checkpoint already; that it is held for long enough is seen to again.
func (a *Anchors) Anchor(ctx context.Context, name string, signed []byte) error {
	stored, err := a.vault.Put(ctx, name, bytes.NewReader(signed), int64(len(signed)))
	if errors.Is(err, ErrTaken) {
		stored, err = Stored{Key: name}, nil
	}
	if err != nil {
		return err
	}
	return a.vault.Keep(ctx, stored, time.Now().Add(a.keep))
}

// Anchors gives every checkpoint of the bucket, every version of it: a second version under a name would be somebody's attempt to replace the first.
func (a *Anchors) Anchors(ctx context.Context, each func(name string, signed []byte) error) error {
	for f, err := range a.vault.List(ctx, "anchors/") {
		if err != nil {
			return err
		}
		if f.Upload != "" || f.Size == 0 { // a delete marker hides an object and deletes nothing
			continue
		}
		body, err := a.vault.Read(ctx, f.Stored, 0, f.Size)
		if errors.Is(err, ErrAbsent) {
			continue
		}
		if err != nil {
			return err
		}
		signed, err := io.ReadAll(io.LimitReader(body, 1<<20))
		body.Close()
		if err != nil {
			return err
		}
		if err := each(strings.TrimPrefix(f.Key, "anchors/"), signed); err != nil {
			return err
		}
	}
	return nil
}
