package phone

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Number is one telephone number. The zero value is no number. Numbers are comparable, and equal when their
// international forms are. A Number means nothing to another process: store what Reveal returns, sealed.
type Number struct {
	// fmt prints the unexported fields of a struct without calling their methods, so a Number that lies
	// in another struct's unexported field would be printed as it is in memory. Hence the digits are veiled.
	veiled uint64
}

// veil is different in each process and never changes in one. Its top bit makes every veiled number differ from zero.
var veil = rand.Uint64() | 1<<63

// maxDigits is the longest international number, country code included (ITU-T E.164).
const maxDigits = 15

func number(digits uint64) Number { return Number{digits ^ veil} }

func (n Number) digits() uint64 {
	if n.veiled == 0 {
		return 0
	}
	return n.veiled ^ veil
}

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n.veiled == 0 }

// Equal reports whether n and m are the same number, or both none.
func (n Number) Equal(m Number) bool { return n == m }

// Reveal returns the number in international form, +8613844331234, and "" for no number.
// Parse reads it back to an equal Number.
func (n Number) Reveal() string {
	if n.IsZero() {
		return ""
	}
	return "+" + strconv.FormatUint(n.digits(), 10)
}

// RevealNational returns the number in full as people in its country write it: 13844331234, 0433-2512345,
// 010-1234-5678. Numbers of other countries than China and Korea stay international.
func (n Number) RevealNational() string {
	head, tail, sep := n.parts()
	if n.Kind() == MobileKR {
		return head + "-" + tail[:len(tail)-4] + "-" + tail[len(tail)-4:]
	}
	return head + sep + tail
}

// Mask returns what may be shown to anyone: 138****1234, 010-****-5678, 0433-****345. At least four digits
// are hidden, whatever the number. No number gives "".
func (n Number) Mask() string {
	if n.IsZero() {
		return ""
	}
	head, tail, sep := n.parts()
	switch n.Kind() {
	case MobileCN:
		return head + "****" + tail[4:]
	case MobileKR:
		return head + "-****-" + tail[len(tail)-4:]
	}
	shown := min(len(tail)-4, 4)
	return head + sep + strings.Repeat("*", len(tail)-shown) + tail[len(tail)-shown:]
}

// parts splits the national form into what a mask shows (prefix or area), the subscriber's part, which has
// at least five digits, and what people write between the two.
func (n Number) parts() (head, tail, sep string) {
	d := strconv.FormatUint(n.digits(), 10)
	switch n.Kind() {
	case None:
		return "", "", ""
	case MobileCN:
		return d[2:5], d[5:], ""
	case HotlineCN:
		return d[2:5], d[5:], "-"
	case LandlineCN:
		area := 5
		if d[2] == '1' || d[2] == '2' {
			area = 4
		}
		return "0" + d[2:area], d[area:], "-"
	case MobileKR:
		return "0" + d[2:4], d[4:], "-"
	case LandlineKR:
		area := 4
		if d[2] == '2' {
			area = 3
		}
		return "0" + d[2:area], d[area:], "-"
	}
	return "+" + d[:2], d[2:], ""
}

// Kind tells what sort of number n is; None for no number.
func (n Number) Kind() Kind {
	d := n.digits()
	if d == 0 {
		return None
	}
	size := digitCount(d)
	first := func(k int) uint64 { return d / pow10[size-k] }
	switch first(2) {
	case 86:
		switch {
		case size == 13 && first(3) == 861:
			return MobileCN
		case size == 12 && (first(5) == 86400 || first(5) == 86800):
			return HotlineCN
		case size >= 12:
			return LandlineCN
		}
	case 82:
		if first(4) == 8210 && size == 12 {
			return MobileKR
		}
		if size >= 10 {
			return LandlineKR
		}
	}
	return Foreign
}

// String returns Mask.
func (n Number) String() string { return n.Mask() }

// GoString returns Mask.
func (n Number) GoString() string { return n.Mask() }

// Format writes the mask for every verb and flag, so that no format string can reveal a number.
func (n Number) Format(s fmt.State, verb rune) {
	if verb == 'q' {
		io.WriteString(s, strconv.Quote(n.Mask())) //nolint:errcheck // a formatter has nowhere to report it
		return
	}
	io.WriteString(s, n.Mask()) //nolint:errcheck // a formatter has nowhere to report it
}

// MarshalJSON writes the mask. There is deliberately no way to read a Number from JSON.
func (n Number) MarshalJSON() ([]byte, error) { return json.Marshal(n.Mask()) }

// MarshalText writes the mask.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.Mask()), nil }

// Kind is a sort of telephone number.
type Kind uint8

// The kinds of number.
const (
	None       Kind = iota // no number
	MobileCN               // a mainland Chinese mobile, eleven digits from 13 to 19
	LandlineCN             // a mainland Chinese landline with its area code
	HotlineCN              // a 400 or 800 hotline, which no resident has
	MobileKR               // a Korean mobile, 010
	LandlineKR             // a Korean landline, or an internet number under 070
	Foreign                // any other country's number
	Unfinished             // a mobile with a digit too few or too many; it has no Number
)

// String returns the kind's stable name.
func (k Kind) String() string {
	switch k {
	case MobileCN:
		return "mobile_cn"
	case LandlineCN:
		return "landline_cn"
	case HotlineCN:
		return "hotline_cn"
	case MobileKR:
		return "mobile_kr"
	case LandlineKR:
		return "landline_kr"
	case Foreign:
		return "foreign"
	case Unfinished:
		return "unfinished"
	}
	return "none"
}

// Mobile reports whether a person carries such a number.
func (k Kind) Mobile() bool { return k == MobileCN || k == MobileKR }

var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

func digitCount(d uint64) int {
	n := 1
	for n < len(pow10) && d >= pow10[n] {
		n++
	}
	return n
}
