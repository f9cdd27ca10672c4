package signin

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed" // the list of common passwords
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"binhan/internal/fault"
	"binhan/internal/gate"
)

// A password has twelve characters or more and no rule about which: whatever she can remember and nobody guesses. It is never trimmed, and two
// spellings of one Vietnamese word are one password (NFC). NIST SP 800-63B-4 and ASVS 6.2: length, a list of what is guessed first, nothing else.

const shortest = 12 // characters of a new password

//go:embed common.txt.gz
var commonList []byte

// common is the list of what is guessed first; its source and licence stand in common.LICENSE.
var common = sync.OnceValue(func() map[string]bool {
	z, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic(fmt.Sprintf("common passwords: %v", err))
	}
	words := make(map[string]bool, 48_000)
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		words[lines.Text()] = true
	}
	if len(words) < 40_000 {
		panic("the list of common passwords is cut")
	}
	return words
})

// local are the words that whoever knows where she works would try.
var local = []string{"binhan", "congan", "phunu", "benhvien", "kontum", "quangngai", "vietnam", "matkhau", "dangnhap", "hoso", "socongviec", "trogiup", "tuvan", "thamvan", "tamlanh",
	"giamsat", "quantri", "ubnd", "hoilhpn", "sonoivu", "iloveyou", "anhyeuem", "emyeuanh", "password", "admin"}

// CheckPassword notes why a password cannot be taken; own are words about its owner: her user name, her name, her organisation.
func CheckPassword(pointer, password string, own []string, ps *fault.Problems) {
	text := norm.NFC.String(password)
	switch {
	case text == "":
		ps.Add(pointer, "required")
	case !utf8.ValidString(password):
		ps.Add(pointer, "password_unreadable")
	case utf8.RuneCountInString(text) < shortest:
		ps.Add(pointer, "password_short", "min", shortest)
	case len(text) > longest || len(password) > longest:
		ps.Add(pointer, "password_long", "max", longest)
	case guessable(text, own):
		ps.Add(pointer, "password_common")
	}
}

// guessable tells whether a password is on the list, or is put together from at most three pieces that are: listed words, words about its owner and her
// work, runs of digits and of one character. Four words of hers that nobody wrote on a list are not guessed.
func guessable(password string, own []string) bool {
	plain := strings.ToLower(password)
	if common()[password] || common()[plain] {
		return true
	}
	if bare(plain) == "" {
		return true // nothing but signs
	}
	words := map[string]bool{}
	for _, list := range [][]string{local, own} {
		for _, w := range list {
			w = bare(strings.ToLower(w))
			words[w] = len(w) >= 3
			for _, part := range strings.FieldsFunc(strings.ToLower(w), func(r rune) bool { return !unicode.IsLetter(r) }) {
				words[part] = words[part] || len(part) >= 4
			}
		}
	}
	for _, list := range own {
		for _, part := range strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			words[bare(part)] = len(part) >= 3
		}
	}
	listed := func(piece string) bool { return words[piece] || len(piece) >= 3 && common()[piece] || poor(piece) }
	// Signs stand for letters, or between words.
	return pieces([]rune(bare(plain)), listed) <= 3 || pieces([]rune(bare(strings.NewReplacer("@", "", "$", "").Replace(plain))), listed) <= 3
}

// pieces is the least number of listed pieces that a text is put together from, a large one when it is not.
func pieces(runes []rune, listed func(string) bool) int {
	const far = 1 << 20
	least := make([]int, len(runes)+1) // pieces that reach so far
	for i := 1; i <= len(runes); i++ {
		least[i] = far
		for j := max(0, i-32); j < i; j++ {
			if least[j] < least[i]-1 && listed(string(runes[j:i])) {
				least[i] = least[j] + 1
			}
		}
	}
	return least[len(runes)]
}

// poor tells whether a piece is digits only or one character again and again.
func poor(piece string) bool {
	digits, same := true, true
	first, _ := utf8.DecodeRuneInString(piece)
	for _, r := range piece {
		digits = digits && unicode.IsDigit(r)
		same = same && r == first
	}
	return digits || same
}

// bare is a text without marks and signs, letters that are written as digits or signs turned back.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'đ':
			return 'd'
		case r == '@':
			return 'a'
		case r == '$':
			return 's'
		case unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r), unicode.IsDigit(r):
			return r
		}
		return -1
	}, norm.NFD.String(s))
}

// newVerifier derives the verifier of a new password, in one of the few places where that is done at a time.
func (s *Service) newVerifier(ctx context.Context, password string) (gate.Verifier, error) {
	leave, err := s.enter(ctx, true)
	if err != nil {
		return gate.Verifier{}, err
	}
	defer leave()
	salt, hash, err := NewVerifier(password, s.o.Argon)
	return gate.Verifier{Salt: salt, Hash: hash, Argon: s.o.Argon}, err
}

// strengthen derives the verifier anew when the parameters have risen since the password was set. It does so with the password that has just been shown to
// be right; when it cannot, the next sign-in will.
func (s *Service) strengthen(ctx context.Context, o Opened, c Credentials) {
	_, argon, ok, err := s.gate.Salt(ctx, c.Username)
	if err != nil || !ok || !weaker(argon, s.o.Argon) {
		return
	}
	v, err := s.newVerifier(ctx, c.Password)
	if err == nil {
		err = s.gate.Rehash(ctx, o.Session.Actor.Handle, v)
	}
	if err != nil {
		s.o.Log.Error("a password could not be derived anew", "cause", err.Error())
	}
}

// weaker tells whether a set of parameters asks less than another in any of its numbers.
func weaker(a, b string) bool {
	am, at, ap, err1 := parameters(a)
	bm, bt, bp, err2 := parameters(b)
	return err1 == nil && err2 == nil && (am < bm || at < bt || ap < bp)
}
