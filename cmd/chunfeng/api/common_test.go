package api

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var passwords = flag.String("passwords", "", "write common.bin anew from this JSON list of passwords")

// coreMin is the length of the shortest core that is kept: two and three letters are initials, in good passwords as well.
const coreMin = 4

// TestCommonPasswords looks leaked passwords of ten characters and more up, and what people make of the shorter ones.
func TestCommonPasswords(t *testing.T) {
	if *passwords != "" {
		writeCommon(t, *passwords)
		t.Skip("common.bin is written; run the tests anew")
	}
	n := len(commonHashes) / commonBytes
	if n < 30_000 || len(commonHashes)%commonBytes != 0 {
		t.Fatalf("the list holds %d hashes in %d bytes", n, len(commonHashes))
	}
	for i := commonBytes; i < len(commonHashes); i += commonBytes {
		if commonHashes[i-commonBytes:i] >= commonHashes[i:i+commonBytes] {
			t.Fatalf("hash %d is not behind the one before", i/commonBytes)
		}
	}
	for _, c := range []struct {
		why, password string
		ok            bool
	}{
		{"leaked as it is", "basketball", false},
		{"in another case", "ChristopheR", false},
		{"a leaked one with a year behind it", "strawberry1987", false},
		{"and a birthday", "Michael19870512", false},
		{"and signs on both sides", "!!manchester??", false},
		{"rows of the keyboard", "123qweasdzxc", false},
		{"what people in love try", "woaiwoziji", false},
		{"numbers along the keys", "147258369123", false},
		{"pairs", "112233445566", false},
		{"a name and three digits", "zhangqiang123", false},
		{"a telephone number", "13844331234", false},
		{"an uncommon word is as long", "milgarusuk", true},
		{"a common one within a sentence", "strawberry by the river", true},
		{"four common ones", "correct horse battery staple", true},
		{"a common one with more around it than a date", "dragon#8vK2!xQ07m", true},
	} {
		if err := CheckPassword("", c.password); (err == nil) != c.ok {
			t.Errorf("%s: %q: %v", c.why, c.password, err)
		}
	}
	// Passwords as machines make them are hardly ever refused by chance.
	r, refused := rand.New(rand.NewPCG(1, 2)), 0
	for range 20_000 {
		var b strings.Builder
		for range 12 {
			b.WriteByte("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"[r.IntN(55)])
		}
		if CheckPassword("", b.String()) != nil {
			refused++
		}
	}
	if refused > 5 {
		t.Errorf("%d of 20,000 random passwords are refused", refused)
	}
}

// writeCommon makes the list.
func writeCommon(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for _, one := range all {
		one = strings.ToLower(one)
		if utf8.RuneCountInString(one) >= passwordMin {
			kept[hashCommon(one)] = true
		}
		core := strings.TrimFunc(one, func(r rune) bool { return !unicode.IsLetter(r) })
		if utf8.RuneCountInString(core) >= coreMin {
			kept[hashCommon(core)] = true
		}
	}
	var hashes []string
	for h := range kept {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	if err := os.WriteFile("common.bin", []byte(strings.Join(hashes, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	fmt.Println(len(hashes), "hashes")
}
