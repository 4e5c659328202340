package bot

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// emojiSpan is how the server writes an emoji: its code points in hexadecimal, without anything between them.
var emojiSpan = regexp.MustCompile(`<span class="emoji emoji([0-9a-fA-F]+)"></span>`)

// plain turns text as the wire has it into what people see: emoji spans decoded, line breaks and HTML escapes resolved.
func plain(wire string) string {
	s := wire
	if strings.Contains(s, "<span") {
		s = emojiSpan.ReplaceAllStringFunc(s, func(m string) string { return emoji(emojiSpan.FindStringSubmatch(m)[1]) })
	}
	if strings.Contains(s, "<br") {
		s = strings.NewReplacer("<br/>", "\n", "<br />", "\n", "<br>", "\n").Replace(s)
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	return s
}

// emoji splits a run of hexadecimal digits into code points: those of the supplementary planes have five digits and begin
// with 1f or e00, a keycap's digit has two, all others have four. What cannot be split so is left out.
func emoji(digits string) string {
	var b strings.Builder
	digits = strings.ToLower(digits)
	for len(digits) > 0 {
		n := 4
		switch {
		case len(digits) >= 5 && (digits[:2] == "1f" || digits[:3] == "e00"):
			n = 5
		case len(digits)%4 == 2 && (digits[0] == '2' || digits[0] == '3') && b.Len() == 0:
			n = 2
		}
		if n > len(digits) {
			return b.String()
		}
		r, err := strconv.ParseUint(digits[:n], 16, 32)
		if err != nil || r > unicode.MaxRune {
			return b.String()
		}
		b.WriteRune(rune(r))
		digits = digits[n:]
	}
	return b.String()
}

// longestName is how much of a chat's or an account's name is taken, in characters: WeChat shows some thirty of them. What
// is longer is cut, and then is the name of no registered group, for the registry takes none of that length.
const longestName = 200

// cut is as much of a name as is taken.
func cut(name string) string {
	n := 0
	for i := range name {
		if n++; n > longestName {
			return name[:i]
		}
	}
	return name
}

// shown is a name as the wire has it, as people see it.
func shown(wire string) string { return cut(plain(wire)) }

// fold is a name in the form in which names are compared: composed and in compatibility form, small letters, without
// what cannot be seen, spaces collapsed.
func fold(name string) string {
	// Small letters and what was left out can make room for another composition: a few rounds end it.
	for range 4 {
		now := foldOnce(name)
		if now == name {
			break
		}
		name = now
	}
	return name
}

func foldOnce(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKC.String(name) {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
			continue
		case unseen(r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return norm.NFKC.String(b.String())
}

// unseen tells whether a rune leaves nothing on the screen: format characters such as the zero-width joiner, control
// characters, and variation selectors.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc) || r >= 0xFE00 && r <= 0xFE0F || r == utf8Error
}

const utf8Error = '\uFFFD'

// foldWire is fold of a name as the wire has it.
func foldWire(name string) string { return fold(shown(name)) }

// phraseForm is a pairing phrase posted in a group, perhaps behind the word that asks for it.
var phraseForm = regexp.MustCompile(`^(?:(?:绑定|매칭|BIND)[\s:：]*)?([^\s]{1,40}-[2-9A-HJ-NP-Z]{4,8})$`)

// phraseIn answers the pairing phrase that a message consists of, "" when it is anything else.
func phraseIn(text string) string {
	if len(text) > 200 {
		return ""
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unseen(r) && !unicode.IsSpace(r):
			return -1
		case r == '‐', r == '‑', r == '–', r == '—', r == '−':
			return '-'
		}
		return r
	}, norm.NFKC.String(text))
	if m := phraseForm.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text))); m != nil {
		return m[1]
	}
	return ""
}
