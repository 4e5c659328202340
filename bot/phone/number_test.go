package phone_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
)

// parse is Parse for numbers that the test knows to be good.
func parse(t *testing.T, s string) phone.Number {
	t.Helper()
	n, err := phone.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMask(t *testing.T) {
	tests := []struct{ why, in, mask, international, national string }{
		{"Chinese mobile", "13844335678", "138****5678", "+8613844335678", "13844335678"},
		{"landline: four hidden leaves three of seven", "0433-2514567", "0433-****567", "+864332514567", "0433-2514567"},
		{"landline of eight digits", "0431-85123456", "0431-****3456", "+8643185123456", "0431-85123456"},
		{"Beijing", "+86 10 65123456", "010-****3456", "+861065123456", "010-65123456"},
		{"hotline", "400-812-3456", "400-****456", "+864008123456", "400-8123456"},
		{"Korean mobile", "010-1234-5678", "010-****-5678", "+821012345678", "010-1234-5678"},
		{"Korean landline", "02-312-4567", "02-****567", "+8223124567", "02-3124567"},
		{"another country", "+819012345678", "+81******5678", "+819012345678", "+819012345678"},
		{"a short one still hides four", "+37212345678", "+37*****5678", "+37212345678", "+37212345678"},
	}
	for _, tt := range tests {
		n := parse(t, tt.in)
		if n.Mask() != tt.mask || n.Reveal() != tt.international || n.RevealNational() != tt.national {
			t.Errorf("%s: %q %q %q", tt.why, n.Mask(), n.Reveal(), n.RevealNational())
		}
		if back := parse(t, n.Reveal()); back != n {
			t.Errorf("%s: Parse(Reveal()) is another number", tt.why)
		}
	}
	var none phone.Number
	if none.Mask()+none.Reveal()+none.RevealNational() != "" || none.Kind() != phone.None || !none.IsZero() {
		t.Error("the zero value shows something")
	}
}

// TestNothingPrintsANumber tries the ways in which a number ends up in a log by accident.
func TestNothingPrintsANumber(t *testing.T) {
	n := parse(t, "13844331234")
	type hidden struct{ n phone.Number }
	type shown struct{ N phone.Number }
	outs := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%X", "%q", "%o", "%b", "%20v", "%T", "%p", "%t", "%U", "%e"} {
		outs[verb] = fmt.Sprintf(verb, n)
		outs["pointer "+verb] = fmt.Sprintf(verb, &n)
		outs["unexported field "+verb] = fmt.Sprintf(verb, hidden{n})
		outs["slice "+verb] = fmt.Sprintf(verb, []shown{{n}})
		outs["map "+verb] = fmt.Sprintf(verb, map[phone.Number]int{n: 1})
		outs["found "+verb] = fmt.Sprintf(verb, phone.Scan("13844331234"))
	}
	b, err := json.Marshal(map[phone.Number]any{n: shown{n}})
	if err != nil {
		t.Fatal(err)
	}
	outs["json"] = string(b)
	var log bytes.Buffer
	l := zerolog.New(&log)
	l.Info().Stringer("a", n).Interface("b", n).Any("c", hidden{n}).Interface("d", &shown{n}).Msgf("%v", n)
	outs["zerolog"] = log.String()
	for how, out := range outs {
		if strings.Contains(out, "4433") || strings.Contains(out, "13844331234") {
			t.Errorf("%s reveals: %s", how, out)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if outs[verb] != "138****1234" {
			t.Errorf("%s gives %q", verb, outs[verb])
		}
	}
	var read shown
	if json.Unmarshal([]byte(`{"N":"13844331234"}`), &read) == nil {
		t.Error("a Number can be read from JSON, so a masked one could be taken for a number")
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ why, in, want string }{
		{"label", "联系电话：138 4433 1234", "+8613844331234"},
		{"name and number in one cell", "김화 138-4433-1234", "+8613844331234"},
		{"bare landline", "2512345", "+864332512345"},
		{"bare landline in groups", "251-2345", "+864332512345"},
		{"extension", "0433-2512345-801", "+864332512345"},
		{"space around", " 13844331234 ", "+8613844331234"},
	} {
		if n, err := phone.Parse(tt.in); err != nil || n.Reveal() != tt.want {
			t.Errorf("%s: Parse(%q) = %q, %v", tt.why, tt.in, n.Reveal(), err)
		}
	}
	for _, tt := range []struct {
		why, in string
		want    error
	}{
		{"empty", "", phone.ErrNone},
		{"words", "面议", phone.ErrNone},
		{"too short", "1384433123", phone.ErrNone},
		{"other digits beside it", "13844331234 4500元", phone.ErrNone},
		{"two", "13844331234/13944335678", phone.ErrSeveral},
		{"ID card", "222401199001011239", phone.ErrNone},
		{"what a spreadsheet makes of a long number", "1.38443E+10", phone.ErrNone},
	} {
		_, err := phone.Parse(tt.in)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: Parse(%q): %v", tt.why, tt.in, err)
		}
		if err != nil && strings.Contains(err.Error(), "4433") {
			t.Errorf("%s: the error reveals digits: %v", tt.why, err)
		}
	}
}

// TestAgainstLibphonenumber holds what we call certain against libphonenumber's own idea of validity.
func TestAgainstLibphonenumber(t *testing.T) {
	for three := 130; three <= 199; three++ {
		in := fmt.Sprintf("%d04331234", three)
		n, err := phonenumbers.Parse("+86"+in, "CN")
		if err != nil {
			t.Fatal(err)
		}
		found := phone.Scan(in)
		if len(found) != 1 {
			t.Fatalf("%s: %v", in, found)
		}
		if sure, valid := found[0].Doubt == "", phonenumbers.IsValidNumber(n); sure != valid {
			t.Errorf("prefix %d: certain %v, valid %v", three, sure, valid)
		}
	}
	for _, in := range []string{"+861065123456", "+864332512345", "+8643185123456", "+864008123456", "+821023456789", "+8223124567"} {
		n, err := phonenumbers.Parse(in, "")
		if err != nil || !phonenumbers.IsValidNumber(n) || parse(t, in).Reveal() != in {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{
		"A017 138 4433 1234 김화", "13844331234张三", "(0433)2512345转801", "+82 010-1234-5678", "6217 0018 1384 4331 234",
		"1384433123413944335678", "一三八4433一二三四", "1️⃣3️⃣8️⃣", "222401 1990 0101 123X", "\xff138\xe4\xb8", "A01713844331234", "공일공일이삼사오육칠팔",
		"1 3 8 4 4 3 3 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6", "tel:0433-251-2345-801 ext", "+++(((+86)))10 65123456",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, found := range phone.Scan(s) {
			if found.Start < end || found.End <= found.Start || found.End > len(s) {
				t.Fatalf("range %d:%d after %d in %q", found.Start, found.End, end, s)
			}
			end = found.End
			n := found.Number
			if n.IsZero() != (found.Kind == phone.Unfinished) || found.Kind == phone.None || n.Kind() != found.Kind && !n.IsZero() {
				t.Fatalf("kind %v of %q in %q", found.Kind, n.Reveal(), s)
			}
			if n.IsZero() {
				continue
			}
			if strings.Count(n.Mask(), "*") < 4 {
				t.Fatalf("mask %q of %q hides too little", n.Mask(), n.Reveal())
			}
			if d := n.Reveal(); strings.Contains(fmt.Sprintf("%v %d %#v", n, n, found), d[len(d)-8:]) {
				t.Fatalf("%q is printed", d)
			}
			if back, err := phone.Parse(n.Reveal()); err != nil || back != n {
				t.Fatalf("Parse(%q) of %q: %q, %v", n.Reveal(), s, back.Reveal(), err)
			}
		}
	})
}
