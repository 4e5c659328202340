package metrics

import (
	"fmt"
	"strings"

	"chunfeng/store"
)

// digitsInName is how many digits in a row a name may have: telephone numbers have more, a05 and 2026 do not.
const digitsInName = 4

// account is the label of an account: its name, which staff chose, unless that may be a telephone number. # is in no name.
func account(name string, number uint32) string {
	run := 0
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9':
			run++
		case r == '-' || r == '.' || r == '_':
			// 138-0013-8000 is one number.
		default:
			run = 0
		}
		if run > digitsInName {
			return fmt.Sprintf("#%d", number)
		}
	}
	return name
}

// reason is the label of a reason: one stable word, as this program's reasons are.
func reason(r store.Reason) string {
	if len(r) > 32 || strings.ContainsFunc(string(r), func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') }) {
		return "other"
	}
	return string(r)
}
