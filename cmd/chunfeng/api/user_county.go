package api

import "chunfeng/templates/words"

// keepsPeople refuses an administrator of one county who would make, change or let in somebody that sees more than that
// county: whoever can make a person of the whole prefecture is one.
func keepsPeople(c Caller, county string) error {
	if c.Sees(county) {
		return nil
	}
	return words.Refuse("user.other_county", countyText(c.County)).Of(words.Forbidden)
}
