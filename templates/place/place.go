// Package place is the table of the prefecture's eight counties and cities, in Chinese and in Yanbian's Korean.
//
// It promises that every name of a county in the program comes from here: nothing is ever turned from one language into
// the other by machine. A code (yanji, tumen …) is what the ledger keeps and what scripts rely on; it does not change.
// A name that the table does not hold is not guessed at: Find says no, and its caller tells the staff.
//
// Townships are not here: they are the registry's, as the staff wrote them.
package place

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// County is one of the eight: six cities of county rank and two counties.
type County struct {
	Code   string // "yanji": its official Latin spelling in lower case
	Zh, Ko string // "延吉", "연길"
	ZhFull string // with its rank: "延吉市", "汪清县"
	KoFull string // with its rank: "연길시", "왕청현"
}

// Name answers the short name in "ko" or, for any other language, in Chinese.
func (c County) Name(language string) string {
	if language == "ko" {
		return c.Ko
	}
	return c.Zh
}

// Full answers the name with its rank in "ko" or, for any other language, in Chinese.
func (c County) Full(language string) string {
	if language == "ko" {
		return c.KoFull
	}
	return c.ZhFull
}

// All answers the eight in the order in which the prefecture lists them. The slice is the caller's own.
func All() []County {
	return []County{
		{"yanji", "延吉", "연길", "延吉市", "연길시"},
		{"tumen", "图们", "도문", "图们市", "도문시"},
		{"dunhua", "敦化", "돈화", "敦化市", "돈화시"},
		{"hunchun", "珲春", "훈춘", "珲春市", "훈춘시"},
		{"longjing", "龙井", "룡정", "龙井市", "룡정시"},
		{"helong", "和龙", "화룡", "和龙市", "화룡시"},
		{"wangqing", "汪清", "왕청", "汪清县", "왕청현"},
		{"antu", "安图", "안도", "安图县", "안도현"},
	}
}

// ByCode answers the county of a code, as the ledger keeps it: exactly, in lower case.
func ByCode(code string) (County, bool) {
	for _, c := range All() {
		if c.Code == code {
			return c, true
		}
	}
	return County{}, false
}

// Find answers the county that a person wrote: its code or Latin name in any case, its Chinese or Korean name with or
// without its rank, and 용정, as South Korea spells 룡정. Spaces around the name and inside it do not matter, nor does
// the form in which a file keeps its Hangul.
func Find(name string) (County, bool) {
	n := strings.Join(strings.Fields(norm.NFKC.String(name)), "")
	if n == "" {
		return County{}, false
	}
	if strings.HasPrefix(n, "용정") {
		n = "룡정" + strings.TrimPrefix(n, "용정")
	}
	for _, c := range All() {
		switch n {
		case c.Zh, c.ZhFull, c.Ko, c.KoFull:
			return c, true
		}
		if strings.EqualFold(n, c.Code) {
			return c, true
		}
	}
	return County{}, false
}

// Prefecture answers the whole prefecture, under the empty code. It is none of the eight: All, ByCode and Find do not
// answer it.
func Prefecture() County {
	return County{"", "延边", "연변", "延边州", "연변주"}
}

// Say answers the short name of a code in "ko", "zh" or "en", where it is the code with a capital; a code that the table
// does not hold is answered as it is.
func Say(language, code string) string {
	c, ok := ByCode(code)
	switch {
	case !ok:
		return code
	case language == "en":
		return strings.ToUpper(code[:1]) + code[1:]
	}
	return c.Name(language)
}
