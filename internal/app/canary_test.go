package app_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// canary makes a word that occurs nowhere else in the world. It does not compress, so that no store can hide it.
func canary() string { return "Canary" + strings.ToLower(rand.Text()) }

// spellings are the ways in which a word could lie somewhere.
func spellings(word string) map[string][]byte {
	little, big := make([]byte, 0, 2*len(word)), make([]byte, 0, 2*len(word))
	for _, u := range utf16.Encode([]rune(word)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	m := map[string][]byte{"plain": []byte(word), "UTF-16": little, "UTF-16 BE": big, "hex": []byte(hex.EncodeToString([]byte(word))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(word)))), "folded": []byte(strings.ToLower(word))}
	for before := range 3 { // in base64 a word looks otherwise at each of three distances from the beginning
		inside := base64.StdEncoding.EncodeToString(append(make([]byte, before), word...))
		m[fmt.Sprintf("base64 +%d", before)] = []byte(inside[(before*4+2)/3+1 : len(inside)/4*4-4])
	}
	return m
}

// sweep looks for words in a folder and tells where they lie. It reads everything, in overlapping pieces.
func sweep(t *testing.T, dir string, words map[string][]byte) (hits []string, read int64) {
	t.Helper()
	const piece, overlap = 1 << 20, 512
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			if os.IsNotExist(err) {
				return nil // the server tidies while we look
			}
			return err
		}
		f, err := os.Open(path)
		if os.IsNotExist(err) {
			return nil
		} else if err != nil {
			return err
		}
		defer f.Close()
		buf := make([]byte, overlap+piece)
		kept := 0
		for {
			n, err := io.ReadFull(f, buf[kept:])
			read += int64(n)
			for how, w := range words {
				if bytes.Contains(buf[:kept+n], w) {
					hits = append(hits, fmt.Sprintf("%s (%s)", strings.TrimPrefix(path, dir), how))
				}
			}
			if err != nil {
				return nil
			}
			kept = copy(buf, buf[len(buf)-overlap:])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return hits, read
}

// TestAMarkedNameLiesNowhere puts a mark of its own into every protected text, lives a whole story, and then reads all that the database, its
// write-ahead log, the object store and the log of the program have on disk. A mark in an unprotected text must be found, or the sweep is blind.
func TestAMarkedNameLiesNowhere(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	mark, open := canary(), canary()
	super := s.DB.Open(t, pg.Superuser)
	super.MustExec(`update organisations set predecessor = $1 where code = 'noivu'`, open)

	counsellor, police, supervisor := s.As(t, "tuvan.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "giamsat.kontum")
	made := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", map[string]any{
		"survivor":     map[string]any{"name": mark + " tên", "sex": "F", "age": 30, "address": mark + " địa chỉ", "commune": "23377"},
		"safe_contact": map[string]any{"channel": "OTHER", "value": mark + " liên lạc", "hours": mark + " giờ", "code_word": mark + " mật khẩu", "must_not": []string{mark + " đừng"}},
		"intake":       map[string]any{"channel": "IN_PERSON"},
		"incident":     map[string]any{"description": mark + " sự việc", "acts": []string{"A"}, "perpetrators": []any{map[string]any{"name": mark + " người kia"}}},
		"narrative":    mark + " lời kể",
		"consents":     []any{map[string]any{"purpose": "SHARE_POLICE", "fields": []string{"name", "narrative", "incident", "perpetrator", "address", "safe_contact"}, "decision": "GIVEN", "witness": mark + " người làm chứng"}},
	}, "Idempotency-Key", "canary")
	path := "/api/v1/cases/" + made.Text("id")
	counsellor.Must(http.StatusOK, "PATCH", path, map[string]any{"narrative": mark + " lời kể khác"}, "If-Match", `"1"`)
	counsellor.Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"name": mark})
	supervisor.Must(http.StatusOK, "POST", path+"/reveal", map[string]any{"classes": []string{"identity", "narrative"}, "reason": mark + " lý do"})
	consent := counsellor.Must(http.StatusOK, "GET", path+"/consents", nil).Text("items.0.id")
	ref := counsellor.Must(http.StatusCreated, "POST", path+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "consent": consent,
		"fields": []string{"name", "narrative", "incident", "perpetrator", "address", "safe_contact"}, "reason": mark + " lý do chuyển", "needs_note": mark + " nhu cầu"})
	moves := "/api/v1/referrals/" + ref.Text("id")
	police.Must(http.StatusOK, "POST", moves+"/question", map[string]any{"text": mark + " hỏi"})
	counsellor.Must(http.StatusOK, "POST", moves+"/answer", map[string]any{"text": mark + " đáp"})
	if a := police.Must(http.StatusOK, "POST", moves+"/acceptance", nil); !strings.Contains(string(a.Body), mark) {
		t.Fatal("the mark does not travel at all")
	}
	police.Must(http.StatusOK, "POST", moves+"/outcome", map[string]any{"result": "DELIVERED", "note": mark + " kết quả"})
	// Bad input and failures must not carry it out either.
	counsellor.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/cases", map[string]any{"survivor": map[string]any{"phone": mark, "id_number": mark, "sex": mark}, "intake": map[string]any{"channel": mark}})
	counsellor.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+mark, nil)
	counsellor.Must(http.StatusUnprocessableEntity, "GET", "/api/v1/cases?status="+mark, nil)
	counsellor.Must(http.StatusUnauthorized, "POST", "/api/v1/sessions", map[string]any{"username": mark, "password": mark})
	canaryEvidence(t, s, counsellor, path, mark)

	super.MustExec(`checkpoint`)
	var dir string
	if err := super.Get(&dir, `show data_directory`); err != nil {
		t.Fatal(err)
	}
	var own string
	if err := super.Get(&own, `select oid::text from pg_database where datname = current_database()`); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "pg_wal")
	dir = filepath.Join(dir, "base", own)
	dirs := append([]string{dir, log}, canaryStores(t)...)
	for _, d := range dirs {
		hits, read := sweep(t, d, spellings(mark))
		if read == 0 {
			t.Errorf("nothing to read in %s", d)
		}
		for _, h := range hits {
			t.Errorf("the mark lies in %s", h)
		}
	}
	if hits, _ := sweep(t, dir, spellings(open)); len(hits) == 0 {
		t.Error("the sweep does not find what lies there openly")
	}
	for how, w := range spellings(mark) {
		if strings.Contains(s.Log.String(), string(w)) {
			t.Errorf("the log holds the mark (%s)", how)
		}
	}
	if !strings.Contains(s.Log.String(), "POST /api/v1/cases") {
		t.Error("the log holds nothing at all")
	}
}
