package evidence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/google/uuid"

	"binhan/internal/seal"
)

// FuzzForm reads the form of an upload as Receive does, part by part: names of files come out as the last step of a path without a sign that cannot be seen, lengths are
// lengths, and nothing but a fault comes of the rest.
func FuzzForm(f *testing.F) {
	form := func(parts ...string) []byte {
		return []byte("--x\r\n" + strings.Join(parts, "\r\n--x\r\n") + "\r\n--x--\r\n")
	}
	for _, name := range []string{"anh.png", `C:\\Anh\\anh.png`, "../../etc/passwd", "a\x00b", "a%00b", "Ảnh\u202egnp.exe", strings.Repeat("a", 300) + ".png", "", ".", "con", `\"x\"`, "x;y", "=?utf-8?q?a?="} {
		f.Add(form("Content-Disposition: form-data; name=\"description\"\r\n\r\nthử", "Content-Disposition: form-data; name=\"size\"\r\n\r\n20", "Content-Disposition: form-data; name=\"file\"; filename=\""+name+"\"\r\nContent-Type: image/png\r\n\r\nx"))
	}
	f.Add(form("Content-Disposition: form-data; name=\"size\"\r\n\r\n-1"))
	f.Add(form("Content-Disposition: attachment; filename*=UTF-8''%e1%ba%a3nh.png\r\n\r\nx"))
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := multipart.NewReader(bytes.NewReader(body), "x")
		into := fields{size: -1}
		for {
			part, err := r.NextPart()
			if err != nil {
				return
			}
			if part.FormName() == "file" {
				name := cleanName(fileName(part))
				if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 200 || strings.ContainsAny(name, "/\\") || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
					t.Fatalf("a file is called %q", name)
				}
				if again := cleanName(name); again != name {
					t.Fatalf("%q is cleaned again to %q", name, again)
				}
				_, _ = io.Copy(io.Discard, part)
				continue
			}
			if err := into.take(part); err != nil {
				return
			}
			if into.size < -1 || !utf8.ValidString(into.description) {
				t.Fatalf("%d %q", into.size, into.description)
			}
		}
	})
}

// FuzzStanza opens streams of anybody's making: nothing opens but what was sealed for this place.
func FuzzStanza(f *testing.F) {
	ring, err := seal.OpenFileRing(filepath.Join(f.TempDir(), "keyring.json"), true)
	if err != nil {
		f.Fatal(err)
	}
	owner := uuid.New()
	keys, _, err := ring.NewKeys(context.Background(), owner, seal.Evidence)
	if err != nil {
		f.Fatal(err)
	}
	place := objectPlace(uuid.New(), owner)
	sealed, err := SealFile(keys, place, strings.NewReader("Nội dung thử nghiệm."), -1)
	if err != nil {
		f.Fatal(err)
	}
	whole, err := io.ReadAll(sealed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, s := range []string{"", "age-encryption.org/v1\n", "age-encryption.org/v1\n-> " + stanzaType + "\n\n--- AAAA\n", "age-encryption.org/v1\n-> X25519 AAAA\nAAAA\n--- AAAA\n", "age-encryption.org/v1\n-> " + stanzaType + " x\nAAAA\n-> " + stanzaType + "\nAAAA\n--- AAAA\n", "age-encryption.org/v2\n"} {
		f.Add([]byte(s))
	}
	for _, n := range []int{1, len(whole) / 2, len(whole) - 1} {
		f.Add(whole[:n])
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		r, err := age.Decrypt(bytes.NewReader(stream), fileKeys{keys, place})
		if err != nil {
			return
		}
		plain, err := io.ReadAll(r)
		if err == nil && !bytes.Equal(stream, whole) {
			t.Fatalf("%d bytes opened as %q", len(stream), plain)
		}
		if err == nil || errors.Is(err, io.EOF) {
			return
		}
	})
}
