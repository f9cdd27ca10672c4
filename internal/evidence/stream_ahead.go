package evidence

import (
	"io"
	"sync"
)

// ahead reads its source some steps ahead in a goroutine of its own, so that sealing and sending, or receiving and opening, use two cores.
type ahead struct {
	full    chan filled
	empty   chan []byte
	stopped chan struct{}
	once    sync.Once
	now     filled
}

type filled struct {
	buf  []byte // the whole buffer, to be given back
	left []byte // what has not been read of it
	err  error
}

const (
	aheadBuffers = 4
	aheadSize    = 128 << 10
)

// newAhead begins to read r. After stop, or after an error was given out, no further Read of r is begun; one may still be under way.
func newAhead(r io.Reader) *ahead {
	a := &ahead{full: make(chan filled, aheadBuffers), empty: make(chan []byte, aheadBuffers), stopped: make(chan struct{})}
	for range aheadBuffers {
		a.empty <- make([]byte, aheadSize)
	}
	go func() {
		for {
			var buf []byte
			select {
			case buf = <-a.empty:
			case <-a.stopped:
				return
			}
			n, err := 0, error(nil)
			for n < len(buf) && err == nil {
				var got int
				got, err = r.Read(buf[n:])
				n += got
			}
			select {
			case a.full <- filled{buf, buf[:n], err}:
			case <-a.stopped:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

// Read gives what the source gave, its error after its last byte.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.now.left) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.buf != nil {
			a.empty <- a.now.buf
		}
		select {
		case a.now = <-a.full:
		case <-a.stopped:
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(p, a.now.left)
	a.now.left = a.now.left[n:]
	return n, nil
}

func (a *ahead) stop() { a.once.Do(func() { close(a.stopped) }) }
