package metrics

import (
	"strings"

	"chunfeng/store"
)

// reason is the label of a reason: one stable word, as this program's reasons are.
func reason(r store.Reason) string {
	if len(r) > 32 || strings.ContainsFunc(string(r), func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') }) {
		return "other"
	}
	return string(r)
}
