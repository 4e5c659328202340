package api

import (
	"strings"

	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// countyText is a county's code that is said in the reader's language.
type countyText string

// In says the county. What the table does not hold is said as it is written.
func (c countyText) In(l words.Lang) string {
	known, ok := place.ByCode(string(c))
	switch {
	case !ok:
		return string(c)
	case l == words.English:
		return strings.ToUpper(known.Code[:1]) + known.Code[1:]
	}
	return known.Name(string(l))
}
