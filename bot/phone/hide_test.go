package phone

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestHide(t *testing.T) {
	for _, c := range []struct{ text, gone, why string }{
		{"call 13944331234", "4433", "plain"},
		{"139-4433-1234", "4433", "with dashes"},
		{"１３９４４３３１２３４", "４４３３", "full-width"},
		{"+86 139 4433 1234 金花", "4433", "with the country's code"},
		{"0433-2512345", "25123", "a landline"},
		{"id 220101199001011234", "19900101", "an identity card"},
		{"1384433123", "4433", "a digit short"},
	} {
		if got := Hide(c.text); strings.Contains(got, c.gone) {
			t.Errorf("%s: %q", c.why, got)
		}
	}
	for _, plain := range []string{"A017 3월 12일 4500-6000元", "", "2026-11-23 09:30"} {
		if got := Hide(plain); got != plain {
			t.Errorf("%q became %q", plain, got)
		}
	}
}

func FuzzHide(f *testing.F) {
	f.Add("139 4433 1234 １３９")
	f.Add("+86-0433-2512345\x00")
	f.Fuzz(func(t *testing.T, text string) {
		if from, to := hash(text); from < to {
			t.Skip("a hash stays as it is")
		}
		got := Hide(text)
		for _, found := range Scan(text) {
			if n := found.Number.Reveal(); len(n) > 9 && strings.Contains(got, n[len(n)-8:]) {
				t.Fatalf("%q became %q", text, got)
			}
		}
		run := 0
		for _, r := range got {
			if run++; !unicode.IsDigit(r) {
				run = 0
			}
			if run > 6 {
				t.Fatalf("%q became %q, with a long run of digits", text, got)
			}
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
