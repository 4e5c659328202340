package api

import (
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// countyText is a county's code that is said in the reader's language.
type countyText string

// In says the county.
func (c countyText) In(l words.Lang) string { return place.Say(string(l), string(c)) }
