package evidence

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"filippo.io/age"

	"binhan/internal/seal"
)

// stanzaType names our way of wrapping a file key in the head of an age stream.
const stanzaType = "binhan.vn/evidence/1"

// fileKeys wraps the file key of a stream under the evidence key of a case, for one place.
type fileKeys struct {
	keys  *seal.Keys
	place seal.Place
}

// Wrap seals a file key.
func (f fileKeys) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	sealed, err := f.keys.Seal(f.place, fileKey)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: stanzaType, Body: sealed}}, nil
}

// Unwrap opens the file key of a stream that was sealed for the place and for nobody else.
func (f fileKeys) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanzaType || len(stanzas[0].Args) != 0 {
		return nil, fmt.Errorf("%w: not a stream of ours", seal.ErrForged)
	}
	return f.keys.Open(f.place, stanzas[0].Body)
}

const (
	chunkSize     = 64 << 10 // of the age stream
	chunkOverhead = 16
	nonceSize     = 16
)

// Sealed is a file that is sealed while it is read: a reader of the sealed bytes.
type Sealed struct {
	r     io.Reader
	plain *measured
	size  int64
}

// SealFile reads src and yields it sealed for place. Size is the length of src, or -1; a src of another length makes the reading fail with
// ErrLength before the last chunk is out, so that nothing of the wrong length can be stored.
func SealFile(keys *seal.Keys, place seal.Place, src io.Reader, size int64) (*Sealed, error) {
	head, err := headSize(keys, place)
	if err != nil {
		return nil, err
	}
	plain := &measured{r: src, want: size, sum: sha256.New()}
	r, err := age.EncryptReader(plain, fileKeys{keys, place})
	if err != nil {
		return nil, fmt.Errorf("seal file: %w", err)
	}
	s := &Sealed{r: r, plain: plain, size: -1}
	if size >= 0 {
		s.size = head + sealedSize(size)
	}
	return s, nil
}

// headSize is the length of the head of a stream. It depends on the place's compartment only, whose padding is fixed; measuring an empty
// stream is surer than adding up another package's format.
func headSize(keys *seal.Keys, place seal.Place) (int64, error) {
	r, err := age.EncryptReader(eof{}, fileKeys{keys, place})
	if err != nil {
		return 0, fmt.Errorf("seal file: %w", err)
	}
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return 0, fmt.Errorf("seal file: %w", err)
	}
	return n - sealedSize(0), nil
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// sealedSize is the length of nonce and chunks for n bytes; nothing at all still makes one empty chunk.
func sealedSize(n int64) int64 {
	chunks := max(1, (n+chunkSize-1)/chunkSize)
	return nonceSize + n + chunks*chunkOverhead
}

// Read yields sealed bytes.
func (s *Sealed) Read(p []byte) (int, error) { return s.r.Read(p) }

// Size is how many sealed bytes there will be, -1 when the length of the file was not told.
func (s *Sealed) Size() int64 { return s.size }

// Plain gives length and SHA-256 of the original. It is known once everything has been read.
func (s *Sealed) Plain() (size int64, sum [32]byte, err error) {
	if !s.plain.done {
		return 0, sum, errors.New("evidence: the file has not been read to its end")
	}
	s.plain.sum.Sum(sum[:0])
	return s.plain.n, sum, nil
}

// measured counts and hashes what passes and holds the source to its word.
type measured struct {
	r    io.Reader
	want int64 // -1: any length
	n    int64
	sum  hash.Hash
	done bool
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	_, _ = m.sum.Write(p[:n])
	if m.want >= 0 && (m.n > m.want || err == io.EOF && m.n < m.want) {
		return 0, fmt.Errorf("%w: %d of %d bytes", ErrLength, m.n, m.want)
	}
	m.done = err == io.EOF
	return n, err
}

// Opened is a sealed file opened for reading anywhere in it. Every byte it gives is authentic; a part of the file that is not read is not
// checked. Size has been checked when it is there.
type Opened struct {
	r      io.ReaderAt
	source *source
	size   int64

	mu   sync.Mutex
	room []byte
	held []byte // opened bytes of the original
	at   int64  // where held begins
}

// readChunks is how many chunks are opened at once while somebody reads on.
const readChunks = 4

// OpenFile opens what SealFile sealed for this place and Put stored. seal.ErrForged: it is not that. Close it when done.
func OpenFile(ctx context.Context, keys *seal.Keys, place seal.Place, vault Vault, s Stored) (*Opened, error) {
	src := &source{ctx: ctx, vault: vault, stored: s}
	r, size, err := age.DecryptReaderAt(src, s.Size, fileKeys{keys, place})
	if err != nil {
		src.Close()
		return nil, fmt.Errorf("open file: %w", src.explain(err))
	}
	return &Opened{r: r, source: src, size: size}, nil
}

// Size is the length of the original.
func (o *Opened) Size() int64 { return o.size }

// ReadAt reads the original.
func (o *Opened) ReadAt(p []byte, off int64) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at < 0 || at >= o.size {
			return n, io.EOF
		}
		if at < o.at || at >= o.at+int64(len(o.held)) {
			if err := o.fill(at); err != nil {
				return n, fmt.Errorf("read file: %w", o.source.explain(err))
			}
		}
		n += copy(p[n:], o.held[at-o.at:])
	}
	return n, nil
}

// fill opens the chunk that holds at, and some more when the reading goes on from what is held: the decrypter wants new memory for each call.
func (o *Opened) fill(at int64) error {
	chunks := int64(1)
	if at == o.at+int64(len(o.held)) {
		chunks = readChunks
	}
	if o.room == nil {
		o.room = make([]byte, readChunks*chunkSize)
	}
	start := at / chunkSize * chunkSize
	room := o.room[:min(chunks*chunkSize, o.size-start)]
	o.held = nil
	if _, err := o.r.ReadAt(room, start); err != nil && err != io.EOF {
		return err
	}
	o.held, o.at = room, start
	return nil
}

// Close lets go of the vault and of what is held of the file.
func (o *Opened) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.room)
	o.held = nil
	o.source.Close()
}

// source reads a stored object for the decrypter, which asks for the head, the last chunk and then mostly one chunk after the other. Asking
// the store for each chunk would cost a request for every 64 KiB; so reading on opens a window that grows as long as the reading goes on.
type source struct {
	ctx    context.Context
	vault  Vault
	stored Stored

	mu     sync.Mutex
	body   io.ReadCloser // open window, or nil
	stream *ahead        // reads it
	at     int64         // where it is
	left   int64         // what it still has
	window int64         // its length
	failed error         // what the vault said when it failed
	whole  []byte        // a small object, fetched at once
}

const (
	firstWindow = 1 << 20 // an object no larger than this is fetched whole
	lastWindow  = 64 << 20
	rereads     = 2 // a window that breaks is opened again where it broke; what comes is authenticated anyway
)

// ReadAt fills p.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if off < 0 || off >= s.stored.Size {
		return 0, io.EOF
	}
	short := int64(len(p)) > s.stored.Size-off
	if short {
		p = p[:s.stored.Size-off]
	}
	n, tries := 0, 0
	for n < len(p) {
		got, err := s.readSome(p[n:], off+int64(n))
		n += got
		if err == nil {
			continue
		}
		s.drop()
		if tries++; tries > rereads || s.ctx.Err() != nil || errors.Is(err, ErrAbsent) {
			s.failed = err
			return n, err
		}
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

// readSome reads some of p at off.
func (s *source) readSome(p []byte, off int64) (int, error) {
	if s.stored.Size > firstWindow {
		return s.readOn(p, off)
	}
	if s.whole == nil {
		whole := make([]byte, s.stored.Size)
		if _, err := s.readOn(whole, 0); err != nil {
			return 0, err
		}
		s.whole = whole
	}
	return copy(p, s.whole[off:]), nil
}

// readOn reads some of p at off from the window, moving the window there first if need be.
func (s *source) readOn(p []byte, off int64) (int, error) {
	if s.body == nil || s.at != off || s.left == 0 {
		window := int64(firstWindow)
		if s.at == off && s.window > 0 {
			window = min(4*s.window, lastWindow)
		}
		if len(p) < chunkSize { // the head, or the last chunk: no more will follow here
			window = int64(len(p))
		}
		window = min(max(window, int64(len(p))), s.stored.Size-off)
		s.drop()
		body, err := s.vault.Read(s.ctx, s.stored, off, window)
		if err != nil {
			return 0, err
		}
		s.body, s.stream, s.at, s.left, s.window = body, newAhead(body), off, window, window
	}
	n, err := io.ReadFull(s.stream, p[:min(int64(len(p)), s.left)])
	s.at += int64(n)
	s.left -= int64(n)
	if s.left == 0 {
		s.drop()
	}
	return n, err
}

func (s *source) drop() {
	if s.body != nil {
		s.stream.stop()
		_ = s.body.Close()
		s.body, s.stream = nil, nil
	}
}

// Close lets go of an open window.
func (s *source) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
}

// explain tells a store that fails from bytes that are not ours: what the decrypter refuses although the store answered is forged.
func (s *source) explain(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failed != nil:
		return s.failed
	case errors.Is(err, seal.ErrForged), errors.Is(err, seal.ErrNoKey), errors.Is(err, seal.ErrClosed), errors.Is(err, seal.ErrPlace):
		return err
	}
	return fmt.Errorf("%w: %s.%s: %w", seal.ErrForged, "vault", s.stored.Key, err)
}
