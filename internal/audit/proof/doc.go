// Package proof makes the record of acts provable: whoever changes an entry, takes one out, puts one in or cuts the end off, the owner of the database included, is
// found, and the entry is named.
//
// Over the entries grows an RFC 6962 tree. The Sealer, one in the whole house, takes what is committed each second, in the order (transaction, number), writes each
// entry as a leaf that says every column, and signs a checkpoint: size and root of the tree, and the time. The signing key lies in the key ring, not in the
// database. Each minute the newest checkpoint goes to media outside: a bucket that lets nobody delete, a folder on a second medium, and, by hand, two agencies
// that print it and a witness who signs it too when it continues what she signed last.
//
// Verify reads the whole record again and compares: leaf by leaf, seal by seal, with every anchor and with any checkpoint that somebody brings. It promises to find
// what is done to sealed entries, and a record that was cut back behind an anchor. It cannot find what happens in the second before an entry is sealed to an entry
// that then never was, and it cannot find a record that was written anew together with its anchors and by somebody who holds the signing key: that
// is what the witness and the two agencies are for. Numbers that no entry has are acts that were rolled back.
//
// The tree is laid out as golang.org/x/mod/sumdb/tlog does, checkpoints are notes of sumdb/note, so that others' tools can follow it.
package proof
