package evidence

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"iter"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"binhan/internal/config"
)

// Minio is a Vault in a bucket of any S3 store.
//
// The client library is held short: three tries instead of ten; no upload of unknown size without parts of a known one; parts counted by us,
// since it cuts off silently what exceeds ten thousand; the condition "only when new" set on the request that makes the object, which the
// library's own multipart upload forgets. After every upload the store is asked what it has.
type Minio struct {
	core   *minio.Core
	bucket string
	stall  time.Duration
}

const (
	tries     = 3
	stall     = 30 * time.Second // the longest that a transfer may stand still
	spoolSize = 4 << 20          // below it an upload is held in memory and can be tried again
	partSize  = 8 << 20
	partsOpen = 2 // parts in memory at once
	maxParts  = 10_000
	maxSingle = 5 << 30 // the largest single upload that S3 takes
)

// OpenMinio prepares the way to a bucket. It does not ask the store anything yet: see Probe.
func OpenMinio(s config.Store) (*Minio, error) {
	roots := (*x509.CertPool)(nil)
	if len(s.CA) > 0 {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(s.CA) {
			return nil, errors.New("open vault: no certificate in the given authority")
		}
	}
	region := s.Region
	if region == "" {
		region = "us-east-1"
	}
	core, err := minio.NewCore(s.Endpoint, &minio.Options{
		Creds:           credentials.NewStaticV4(s.AccessKey.Reveal(), s.SecretKey.Reveal(), ""),
		Secure:          !s.Plain, // plain is for the loopback only, and config holds it to that
		Region:          region,
		BucketLookup:    minio.BucketLookupPath,
		TrailingHeaders: true,
		MaxRetries:      tries,
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: stall,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       time.Minute,
			MaxIdleConnsPerHost:   16,
			DisableCompression:    true, // sealed bytes do not shrink, and lengths must be what they are
			WriteBufferSize:       64 << 10,
			ReadBufferSize:        64 << 10,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	return &Minio{core: core, bucket: s.Bucket, stall: stall}, nil
}

// Put stores r under a new key.
func (m *Minio) Put(ctx context.Context, key string, r io.Reader, size int64) (Stored, error) {
	if err := checkKey(key); err != nil {
		return Stored{}, err
	}
	if size > maxSingle {
		return Stored{}, fmt.Errorf("%w: %d bytes", ErrLength, size)
	}
	ctx, watch := watched(ctx, m.stall)
	defer watch.stop()
	if size < 0 || size > spoolSize {
		a := newAhead(r)
		defer a.stop()
		r = a
	}
	sent := &tally{r: r, want: size, watch: watch, crc: crc32.New(castagnoli)}
	version, err := m.put(ctx, key, sent, size)
	if err == nil || sent.failure() == nil && !errors.Is(err, ErrLength) && ctx.Err() == nil {
		version, err = m.confirm(ctx, key, version, sent, err)
	}
	if err != nil {
		return Stored{}, fmt.Errorf("store %s: %w", key, putError(ctx, sent, err))
	}
	return Stored{Key: key, Version: version, Size: sent.n, CRC32C: sent.crc.Sum32()}, nil
}

// put sends what sent yields and gives the version that the store made of it.
func (m *Minio) put(ctx context.Context, key string, sent *tally, size int64) (string, error) {
	if size > spoolSize {
		return m.putWhole(ctx, key, sent, size)
	}
	head := make([]byte, spoolSize)
	if size >= 0 {
		head = head[:size]
	}
	n, err := io.ReadFull(sent, head)
	switch {
	case sent.failure() != nil:
		return "", sent.failure()
	case size < 0 && err == nil:
		return m.putParts(ctx, key, io.MultiReader(bytes.NewReader(head), sent))
	case size == 0: // nothing was read yet, and nothing must come
		if _, _ = sent.Read(make([]byte, 1)); sent.failure() != nil {
			return "", sent.failure()
		}
	}
	return m.putWhole(ctx, key, bytes.NewReader(head[:n]), int64(n))
}

// onlyNew makes the store refuse when there is an object under the key.
func onlyNew() minio.PutObjectOptions {
	opts := minio.PutObjectOptions{
		ContentType:          "application/octet-stream",
		DisableMultipart:     true,
		DisableContentSha256: true, // TLS and the checksum in the trailer hold the transfer; see confirm
		Checksum:             minio.ChecksumFullObjectCRC32C,
	}
	opts.SetMatchETagExcept("*")
	return opts
}

func (m *Minio) putWhole(ctx context.Context, key string, r io.Reader, size int64) (string, error) {
	info, err := m.core.Client.PutObject(ctx, m.bucket, key, r, size, onlyNew())
	return info.VersionID, err
}

// putParts sends parts of a known size while the next one fills.
func (m *Minio) putParts(ctx context.Context, key string, r io.Reader) (version string, err error) {
	const algorithm, kind, sum = "X-Amz-Checksum-Algorithm", "X-Amz-Checksum-Type", "X-Amz-Checksum-Crc32c"
	id, err := m.core.NewMultipartUpload(ctx, m.bucket, key, minio.PutObjectOptions{
		ContentType:  "application/octet-stream",
		UserMetadata: map[string]string{algorithm: "CRC32C", kind: "FULL_OBJECT"},
	})
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil { // also when ctx has ended
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			_ = m.core.AbortMultipartUpload(ctx, m.bucket, key, id)
		}
	}()
	group, groupCtx := errgroup.WithContext(ctx)
	free := make(chan []byte, partsOpen)
	for range partsOpen {
		free <- make([]byte, partSize)
	}
	var parts []minio.CompletePart
	whole := crc32.New(castagnoli)
	done := make([]minio.CompletePart, maxParts+1)
	for more := true; more; {
		var buf []byte
		select {
		case buf = <-free:
		case <-groupCtx.Done():
			return "", errors.Join(group.Wait(), ctx.Err())
		}
		n, readErr := io.ReadFull(r, buf)
		more = readErr == nil
		if readErr != nil && !errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF) {
			_ = group.Wait()
			return "", readErr
		}
		if n == 0 {
			break
		}
		number := len(parts) + 1
		if number > maxParts {
			_ = group.Wait()
			return "", fmt.Errorf("%w: more than %d parts", ErrLength, maxParts)
		}
		parts = append(parts, minio.CompletePart{PartNumber: number})
		_, _ = whole.Write(buf[:n])
		group.Go(func() error {
			part, err := m.core.PutObjectPart(groupCtx, m.bucket, key, id, number, bytes.NewReader(buf[:n]), int64(n), minio.PutObjectPartOptions{
				DisableContentSha256: true,
				CustomHeader:         http.Header{sum: {crcText(crc32.Checksum(buf[:n], castagnoli))}, algorithm: {"CRC32C"}},
			})
			done[number] = minio.CompletePart{PartNumber: number, ETag: part.ETag, ChecksumCRC32C: part.ChecksumCRC32C}
			free <- buf
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	opts := minio.PutObjectOptions{UserMetadata: map[string]string{sum: crcText(whole.Sum32()), kind: "FULL_OBJECT"}}
	opts.SetMatchETagExcept("*")
	info, err := m.core.CompleteMultipartUpload(ctx, m.bucket, key, id, done[1:len(parts)+1], opts)
	return info.VersionID, err
}

// confirm asks the store what it has under the key, and takes away what it made of our bytes if it is not what was sent.
//
// It asks also when the upload failed: an answer that got lost leaves our object there, and a second try is then refused as if the key were
// taken; and a store that refuses a taken key in the middle of a long upload hangs up, which looks like a store that is down.
func (m *Minio) confirm(ctx context.Context, key, version string, sent *tally, failed error) (string, error) {
	info, err := m.core.Client.StatObject(ctx, m.bucket, key, minio.StatObjectOptions{VersionID: version, Checksum: true})
	switch {
	case err != nil && failed != nil:
		return "", failed
	case err != nil:
		return "", err
	case sent.ended && info.Size == sent.n && (info.ChecksumCRC32C == crcText(sent.crc.Sum32()) || sent.n == 0): // of nothing no checksum is sent
		return info.VersionID, nil
	case failed != nil:
		return "", fmt.Errorf("%w: %w", ErrTaken, failed)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = m.Remove(ctx, Found{Stored: Stored{Key: key, Version: info.VersionID}})
	return "", fmt.Errorf("%w: %d bytes of %d", ErrNotWhole, info.Size, sent.n)
}

// putError tells the three who can be at fault apart: the source, the caller who went away, the store.
func putError(ctx context.Context, sent *tally, err error) error {
	switch {
	case sent.failure() != nil:
		return sent.failure()
	case errors.Is(err, ErrLength), errors.Is(err, ErrNotWhole), errors.Is(err, ErrTaken):
		return err
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	}
	return storeError(err)
}

// storeError reads what the store answered.
func storeError(err error) error {
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case minio.NoSuchKey, minio.NoSuchVersion, "InvalidRange", "NotFound", "MethodNotAllowed": // the last: a delete marker
		return fmt.Errorf("%w: %w", ErrAbsent, err)
	case minio.PreconditionFailed, "ConditionalRequestConflict":
		return fmt.Errorf("%w: %w", ErrTaken, err)
	}
	return unavailable(err)
}

// Read streams a part of an object.
func (m *Minio) Read(ctx context.Context, s Stored, off, n int64) (io.ReadCloser, error) {
	if err := checkKey(s.Key); err != nil {
		return nil, err
	}
	if off < 0 || n <= 0 {
		return nil, fmt.Errorf("read %s: %w: %d bytes from %d", s.Key, ErrAbsent, n, off)
	}
	opts := minio.GetObjectOptions{VersionID: s.Version}
	if err := opts.SetRange(off, off+n-1); err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Key, err)
	}
	ctx, watch := watched(ctx, m.stall)
	body, _, header, err := m.core.GetObject(ctx, m.bucket, s.Key, opts)
	if err != nil {
		defer watch.stop()
		if cause := context.Cause(ctx); cause != nil {
			return nil, fmt.Errorf("read %s: %w", s.Key, cause)
		}
		return nil, fmt.Errorf("read %s: %w", s.Key, storeError(err))
	}
	var first, last, whole int64
	if _, err := fmt.Sscanf(header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &whole); err != nil || first != off || last != off+n-1 {
		_ = body.Close()
		watch.stop()
		return nil, fmt.Errorf("read %s: %w: not the %d bytes from %d", s.Key, ErrAbsent, n, off)
	}
	return &reading{body, watch, s.Key}, nil
}

// reading is a body under a watch.
type reading struct {
	body  io.ReadCloser
	watch *watch
	key   string
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.watch.moved()
	if err != nil && err != io.EOF {
		if cause := context.Cause(r.watch.ctx); cause != nil {
			err = cause
		} else {
			err = unavailable(err)
		}
		return n, fmt.Errorf("read %s: %w", r.key, err)
	}
	return n, err
}

func (r *reading) Close() error {
	r.watch.stop()
	return r.body.Close()
}

// Remove deletes one version for good, or calls off an upload.
func (m *Minio) Remove(ctx context.Context, f Found) error {
	if err := checkKey(f.Key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.stall)
	defer cancel()
	var err error
	if f.Upload != "" {
		err = m.core.AbortMultipartUpload(ctx, m.bucket, f.Key, f.Upload)
	} else {
		err = m.core.Client.RemoveObject(ctx, m.bucket, f.Key, minio.RemoveObjectOptions{VersionID: f.Version})
	}
	switch code := minio.ToErrorResponse(err).Code; {
	case err == nil || code == minio.NoSuchUpload:
		return nil
	case code == minio.AccessDenied, code == "ObjectLocked", code == "InvalidRequest":
		return fmt.Errorf("remove %s: %w: %w", f.Key, ErrHeld, err)
	}
	if err := storeError(err); !errors.Is(err, ErrAbsent) {
		return fmt.Errorf("remove %s: %w", f.Key, err)
	}
	return nil
}

// List tells objects, all versions of them, and unfinished uploads.
func (m *Minio) List(ctx context.Context, prefix string) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for object := range m.core.Client.ListObjectsIter(ctx, m.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, WithVersions: true}) {
			if object.Err != nil {
				yield(Found{}, fmt.Errorf("list vault: %w", storeError(object.Err)))
				return
			}
			version := object.VersionID
			if version == "null" {
				version = ""
			}
			if !yield(Found{Stored: Stored{Key: object.Key, Version: version, Size: object.Size}, At: object.LastModified}, nil) {
				return
			}
		}
		for upload := range m.core.Client.ListIncompleteUploads(ctx, m.bucket, prefix, true) {
			if upload.Err != nil {
				yield(Found{}, fmt.Errorf("list uploads: %w", storeError(upload.Err)))
				return
			}
			if !yield(Found{Stored: Stored{Key: upload.Key, Size: upload.Size}, At: upload.Initiated, Upload: upload.UploadID}, nil) {
				return
			}
		}
	}
}

// Keep makes the object undeletable until a day, in compliance mode: nobody can shorten it, we neither.
func (m *Minio) Keep(ctx context.Context, s Stored, until time.Time) error {
	if err := checkKey(s.Key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.stall)
	defer cancel()
	mode := minio.Compliance
	err := m.core.Client.PutObjectRetention(ctx, m.bucket, s.Key, minio.PutObjectRetentionOptions{Mode: &mode, RetainUntilDate: &until, VersionID: s.Version})
	if err != nil {
		return fmt.Errorf("keep %s: %w", s.Key, storeError(err))
	}
	return nil
}

// Make makes the bucket with versions and object lock if it is not there. It is for a development machine and for installing.
func (m *Minio) Make(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.stall)
	defer cancel()
	err := m.core.Client.MakeBucket(ctx, m.bucket, minio.MakeBucketOptions{ObjectLocking: true})
	if code := minio.ToErrorResponse(err).Code; err != nil && code != minio.BucketAlreadyOwnedByYou && code != minio.BucketAlreadyExists {
		return fmt.Errorf("make bucket: %w", storeError(err))
	}
	return nil
}

// Probe tries out what we rely on and says what the store does not do: keeping versions, refusing to overwrite, refusing a wrong checksum, exact
// ranges, and holding an object. A server that fails it must not be started with. It leaves one small object behind that is held for a minute.
func (m *Minio) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for old, err := range m.List(ctx, "probe/") {
		if err != nil {
			return fmt.Errorf("probe vault: %w", err)
		}
		_ = m.Remove(ctx, old) // what is still held stays for the next time
	}
	key := "probe/" + uuid.NewString()
	content := bytes.Repeat([]byte("Bình An "), 1000)
	stored, err := m.Put(ctx, key, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fmt.Errorf("probe vault: put: %w", err)
	}
	if stored.Version == "" {
		return errors.New("probe vault: the bucket keeps no versions")
	}
	if _, err := m.Put(ctx, key, bytes.NewReader(content[1:]), int64(len(content)-1)); !errors.Is(err, ErrTaken) {
		return fmt.Errorf("probe vault: an object can be overwritten (%v)", err)
	}
	body, err := m.Read(ctx, stored, 5, 100)
	if err != nil {
		return fmt.Errorf("probe vault: read: %w", err)
	}
	part, err := io.ReadAll(body)
	_ = body.Close()
	if err != nil || !bytes.Equal(part, content[5:105]) {
		return fmt.Errorf("probe vault: a range is not what was stored (%v)", err)
	}
	wrong := minio.PutObjectOptions{DisableMultipart: true, UserMetadata: map[string]string{"X-Amz-Checksum-Crc32c": crcText(1)}}
	if _, err := m.core.Client.PutObject(ctx, m.bucket, key+"-wrong", bytes.NewReader(content), int64(len(content)), wrong); err == nil {
		return errors.New("probe vault: a wrong checksum is taken")
	}
	if err := m.Keep(ctx, stored, time.Now().Add(time.Minute)); err != nil {
		return fmt.Errorf("probe vault: %w", err)
	}
	if err := m.Remove(ctx, Found{Stored: stored}); !errors.Is(err, ErrHeld) {
		return fmt.Errorf("probe vault: a held object can be deleted (%v)", err)
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// crcText writes a checksum as S3 does.
func crcText(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// tally counts and sums what is sent, holds the source to its length and remembers when the source failed. The last bytes are given out only
// when the source has ended: a store that has got all it was told to expect takes the object whatever comes after.
//
// One goroutine reads at a time, but a transport that was given up may still be in the middle of a Read when the upload has returned.
type tally struct {
	r     io.Reader
	want  int64 // -1: any length
	watch *watch
	n     int64
	crc   hash.Hash32
	ended bool

	mu     sync.Mutex
	failed error
}

func (t *tally) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

func (t *tally) fail(err error) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = err
	return 0, err
}

func (t *tally) Read(p []byte) (int, error) {
	if err := t.failure(); err != nil {
		return 0, err
	}
	n, err := t.r.Read(p)
	t.watch.moved()
	t.n += int64(n)
	if t.want >= 0 && t.n == t.want && err == nil {
		var more int
		if more, err = io.ReadFull(t.r, make([]byte, 1)); more > 0 {
			t.n++
		}
	}
	switch {
	case err != nil && err != io.EOF:
		return t.fail(err)
	case t.want >= 0 && (t.n > t.want || err == io.EOF && t.n < t.want):
		return t.fail(fmt.Errorf("%w: %d of %d bytes", ErrLength, t.n, t.want))
	}
	_, _ = t.crc.Write(p[:n])
	t.ended = err == io.EOF
	return n, err
}

// watch ends a transfer that stands still.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	stall  time.Duration
}

func watched(ctx context.Context, stall time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{ctx: ctx, cancel: cancel, stall: stall}
	w.timer = time.AfterFunc(stall, func() { cancel(unavailable(fmt.Errorf("the transfer stood still for %v", stall))) })
	return ctx, w
}

func (w *watch) moved() { w.timer.Reset(w.stall) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}
