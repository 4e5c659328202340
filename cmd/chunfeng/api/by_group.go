package api

// What is known of every group is kept by its number, which is given in the order of import: a million groups are then some
// megabytes, where a map of them is a hundred.

// homes are the counties of all groups.
type homes []string

// of is a group's county; empty where there is no such group.
func (h homes) of(group uint32) string {
	if int64(group) < int64(len(h)) {
		return h[group]
	}
	return ""
}

func (h *homes) set(group uint32, county string) {
	for int64(group) >= int64(len(*h)) {
		*h = append(*h, "")
	}
	(*h)[group] = county
}

// groupSet is a set of groups.
type groupSet []bool

func (s groupSet) has(group uint32) bool { return int64(group) < int64(len(s)) && s[group] }

// add puts a group in, and tells whether it was not there.
func (s *groupSet) add(group uint32) bool {
	for int64(group) >= int64(len(*s)) {
		*s = append(*s, false)
	}
	was := (*s)[group]
	(*s)[group] = true
	return !was
}

// listMost is how many records one answer lists that is not a page: some fifty megabytes of them. The prefecture has 2,971
// groups, and a season some ten thousand sign-ups.
const listMost = 50_000
