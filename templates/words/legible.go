package words

import (
	"strings"
	"unicode"
)

// Legible takes from a text that is shown, on a page or in a table, the invisible characters that turn the direction of what
// stands beside them: our languages have no use for them, and a name or a message with one could have a reader see another
// sentence, or another row, than the one that is there. The mark U+FFFD shows where one was; a table that is read in again
// loses the mark as it would have lost the character.
func Legible(text string) string {
	if !strings.Contains(text, "\xe2\x80") && !strings.Contains(text, "\xe2\x81") && !strings.Contains(text, "\u061c") {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
