package console

import "strings"

// diffLine is a line of two texts laid over each other.
type diffLine struct {
	Kind string // "ins", "del" or "same"
	Text string
}

// diffMost is the most lines of a text that are compared line by line: the table of two such texts is a million cells.
// Longer ones are shown as all of the one and all of the other.
const diffMost = 1000

// diff lays two texts over each other by their longest common lines.
func diff(before, after string) (out []diffLine) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(a) > diffMost || len(b) > diffMost {
		for _, l := range a {
			out = append(out, diffLine{"del", l})
		}
		for _, l := range b {
			out = append(out, diffLine{"ins", l})
		}
		return out
	}
	// common[i][j] is how many lines a from i and b from j have in common.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, diffLine{"same", a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, diffLine{"del", a[i]})
			i++
		default:
			out = append(out, diffLine{"ins", b[j]})
			j++
		}
	}
	return out
}
