package phone

import (
	"errors"
	"fmt"
)

// Errors that Parse returns, wrapped. Neither holds a digit of what was read.
var (
	ErrNone    = errors.New("no telephone number")
	ErrSeveral = errors.New("more than one telephone number")
)

// LocalArea is the area code that Parse gives to a bare seven-digit landline: 0433, Yanbian prefecture.
const LocalArea = 433

// Parse reads one number, as it stands in a cell or on a command line. Words around it are allowed (联系电话：…);
// other digits beside it are not. A bare seven-digit landline is taken to be in LocalArea.
// It returns ErrNone, with the count of digits seen, or ErrSeveral.
func Parse(s string) (Number, error) {
	found := Scan(s)
	digits, covered := 0, 0
	sc := scanner{text: s}
	var local group
	for sc.has(0) {
		g := sc.q[0]
		digits += g.n
		for _, f := range found {
			if g.start >= f.Start && g.end <= f.End {
				covered += g.n
			}
		}
		if local.n < 19 && g.n < 19 && local.n+g.n < 19 {
			local.val, local.n = local.val*pow10[g.n]+g.val, local.n+g.n
		}
		sc.drop(1)
	}
	switch {
	case len(found) > 1:
		return Number{}, fmt.Errorf("%w: %d", ErrSeveral, len(found))
	case len(found) == 1 && found[0].Kind != Unfinished && covered == digits:
		return found[0].Number, nil
	case len(found) == 0 && digits == 7 && local.n == 7 && localStart(local.val/1e6):
		return number(86*pow10[10] + LocalArea*pow10[7] + local.val), nil
	}
	return Number{}, fmt.Errorf("%w among %d digits", ErrNone, digits)
}
