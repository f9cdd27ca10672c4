package proof

import (
	"crypto/sha256"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of an RFC 6962 tree: the root of each whole subtree that has no partner yet, by its height. It is all that is needed to go on.
type tree struct {
	n    int64
	edge [64]tlog.Hash
}

// add appends a leaf and appends to stored the hashes that the store gets with it, in the order of package tlog (StoredHashIndex): the leaf, then each subtree that
// it completes.
func (t *tree) add(leaf tlog.Hash, stored []byte) []byte {
	h := leaf
	stored = append(stored, h[:]...)
	level := 0
	for ; t.n>>level&1 == 1; level++ {
		h = tlog.NodeHash(t.edge[level], h)
		stored = append(stored, h[:]...)
	}
	t.edge[level] = h
	t.n++
	return stored
}

// root is the hash of the whole tree.
func (t *tree) root() tlog.Hash {
	if t.n == 0 {
		return tlog.Hash(sha256.Sum256(nil))
	}
	low := bits.TrailingZeros64(uint64(t.n))
	h := t.edge[low]
	for level := low + 1; t.n>>level != 0; level++ {
		if t.n>>level&1 == 1 {
			h = tlog.NodeHash(t.edge[level], h)
		}
	}
	return h
}

// loadTree reads the edge of a tree of n leaves out of a store.
func loadTree(n int64, r tlog.HashReader) (tree, error) {
	t := tree{n: n}
	var at []int64
	var levels []int
	for level := 0; n>>level != 0; level++ {
		if n>>level&1 == 1 {
			at, levels = append(at, tlog.StoredHashIndex(level, n>>level-1)), append(levels, level)
		}
	}
	if len(at) == 0 {
		return t, nil
	}
	hashes, err := r.ReadHashes(at)
	if err != nil {
		return t, err
	}
	for i, level := range levels {
		t.edge[level] = hashes[i]
	}
	return t, nil
}
