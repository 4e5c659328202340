package api

import (
	"strings"
	"testing"
)

func TestPasswords(t *testing.T) {
	for _, c := range []struct {
		why, name, password string
		ok                  bool
	}{
		{"four words", "", "correct horse battery staple", true},
		{"Korean words, each a character", "", "백두산 아래 첫동네 해란강", true},
		{"Chinese, ten characters", "", "长白山下第一村海兰江", true},
		{"too short", "", "kT9#vQ2!x", false},
		{"sixty-four characters and more", "", strings.Repeat("river of words ", 5) + "and a hill behind it", true},
		{"exactly the least", "", "kT9#vQ2!xB", true},
		{"a hundred characters, of one kind", "", strings.Repeat("milgarusuksonamu ", 6)[:100], true},
		{"far too long", "", strings.Repeat("kT9#vQ2!xB", 30), false},
		{"what everybody tries", "", "password1234567", false},
		{"the same in another dress", "", "P@ssw0rd!2026", false},
		{"the keyboard's row", "", "qwertyuiop123", false},
		{"counting", "", "12345678901234", false},
		{"one letter", "", "aaaaaaaaaaaaaa", false},
		{"in turn", "", "abababababab", false},
		{"what people in love try", "", "woaini5201314", false},
		{"the person's own name", "jinhua", "jinhua-jinhua-88", false},
		{"bytes that are no text", "", "kT9#vQ2!xB\xff\xfe", false},
	} {
		if err := CheckPassword(c.name, c.password); (err == nil) != c.ok {
			t.Errorf("%s: %q: %v", c.why, c.password, err)
		}
	}
}

func TestPasswordIsKeptAsAHash(t *testing.T) {
	const password = "correct horse battery staple"
	a, b := HashPassword(password), HashPassword(password)
	if a == b || strings.Contains(a, "horse") || !strings.HasPrefix(a, "$argon2id$v=19$m=47104,t=1,p=1$") {
		t.Errorf("%s and %s: want two salted argon2id hashes", a, b)
	}
	for _, c := range []struct {
		why, kept, password string
		want                bool
	}{
		{"the right one", a, password, true},
		{"another case", a, "Correct horse battery staple", false},
		{"nothing typed", a, "", false},
		{"no password was set", "", "", false},
		{"no password was set, something typed", "", password, false},
		{"a hash of something else", strings.Replace(a, "argon2id", "bcrypt", 1)[:20], password, false},
		{"a hash that asks for all memory", strings.Replace(a, "m=47104", "m=99999999", 1), password, false},
	} {
		if got := SamePassword(c.kept, c.password); got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}
