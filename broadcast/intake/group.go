package intake

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"chunfeng/store"
	"chunfeng/templates/words"

	"golang.org/x/text/unicode/norm"
)

// Groups is a registry of groups as it was understood.
type Groups struct {
	FileHash string        // SHA-256 of the file, in hex
	Rows     int           // rows of data, those with faults too
	Items    []store.Group // active, in the order of the file; without number
	At       []Row         // where each of Items stands
	Faults   []Fault
	Doubts   []Doubt
}

// Row is a row of a file as people count: from 1. Sheet is empty for a CSV file.
type Row struct {
	Sheet string
	N     int
}

// The longest code and name. WeChat shows some thirty characters of a group's name; what it takes is not documented.
const (
	longestCode = 32
	longestName = 100
)

// ReadGroups reads a registry of groups. name is its file name, for messages. An error is a *words.Refusal and comes
// without Groups. A code that stands twice is a fault of the second row, which is not taken; one name twice for one
// account is a doubt, for such groups cannot be told apart by name.
// It takes the options of ReadBatch so that both are called alike; a registry holds no date, and they change nothing.
func ReadGroups(name string, data []byte, _ Options) (*Groups, error) {
	d := newDictionary(GroupHeaders())
	b, err := open(name, data, d)
	if err != nil {
		return nil, err
	}
	defer b.close()
	t := &table{words: d}
	g := &groupReader{table: t, codes: map[string]where{}, names: map[string]where{}}
	if err := t.read(name, b, g.read); err != nil {
		return nil, err
	}
	for _, s := range g.sheets {
		t.doubts = append(t.doubts, Doubt{Sheet: s, Text: words.T("intake.language_missing", g.silent[s])})
	}
	order(b, t.faults)
	order(b, t.doubts)
	return &Groups{FileHash: fileHash(data), Rows: t.data, Items: g.items, At: g.at, Faults: t.faults, Doubts: t.doubts}, nil
}

// where is a row of a file, to be said in a message.
type where struct {
	sheet string
	row   int
}

// In implements words.Localised.
func (w where) In(l words.Lang) string {
	if w.sheet == "" {
		return words.Say(l, "intake.row", w.row)
	}
	return words.Say(l, "intake.sheet_row", w.sheet, w.row)
}

type groupReader struct {
	table  *table
	items  []store.Group
	at     []Row
	codes  map[string]where
	names  map[string]where
	silent map[string]rowsText // rows that give no language
	sheets []string            // of silent, in order
}

func (g *groupReader) fault(l *line, c column, key string, args ...any) {
	g.table.faults = append(g.table.faults, Fault{l.sheet, l.n, c.name(), words.T(key, args...)})
}

func (g *groupReader) read(l *line) {
	at, before := where{l.sheet, l.n}, len(g.table.faults)
	one := store.Group{State: store.GroupActive}

	code, c := l.get(Code)
	one.Code = strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(clean(number(code)))), ""))
	switch was, twice := g.codes[one.Code]; {
	case one.Code == "":
		g.fault(l, c, "intake.code_missing")
	case !codeLike(one.Code):
		g.fault(l, c, "intake.code_shape", shown(one.Code), longestCode)
	case twice:
		g.fault(l, c, "intake.code_twice", one.Code, was)
	default:
		g.codes[one.Code] = at
	}

	name, c := l.get(Name)
	one.Name = oneLine(name)
	switch {
	case one.Name == "":
		g.fault(l, c, "intake.name_missing")
	case utf8.RuneCountInString(one.Name) > longestName:
		g.fault(l, c, "intake.cell_too_long", longestName)
	case formulaError(one.Name):
		g.fault(l, c, "intake.formula_error", one.Name)
	}

	text, c := l.get(CountyField)
	var ok, whole bool
	if one.County, whole, ok = county(text, false); !ok || whole {
		if text == "" {
			g.fault(l, c, "intake.county_missing")
		} else {
			g.fault(l, c, "intake.county_not_ours", shown(text))
		}
	}

	text, c = l.get(Language)
	if one.Language, ok = language(text); !ok {
		g.fault(l, c, "intake.language_unknown", shown(text))
	} else if text == "" {
		if g.silent == nil {
			g.silent = map[string]rowsText{}
		}
		if g.silent[l.sheet] == nil {
			g.sheets = append(g.sheets, l.sheet)
		}
		g.silent[l.sheet] = append(g.silent[l.sheet], l.n)
	}

	for _, f := range []Field{Township, Kind, TagsField, Account} {
		if text, c := l.get(f); utf8.RuneCountInString(text) > longest {
			g.fault(l, c, "intake.cell_too_long", longest)
		}
	}
	if len(g.table.faults) > before {
		return
	}
	text, _ = l.get(Township)
	one.Township = oneLine(text)
	text, _ = l.get(Kind)
	one.Kind = kind(text)
	text, _ = l.get(TagsField)
	one.Tags = tagList(text)
	text, _ = l.get(Account)
	one.Account = strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(clean(text))), ""))

	same := fmt.Sprintf("%s\x00%s", one.Account, strings.Join(strings.Fields(norm.NFKC.String(one.Name)), ""))
	if was, twice := g.names[same]; twice {
		_, c := l.get(Name)
		g.table.doubts = append(g.table.doubts, Doubt{l.sheet, l.n, c.name(), words.T("intake.name_twice", one.Name, was)})
	} else {
		g.names[same] = at
	}
	g.items, g.at = append(g.items, one), append(g.at, Row{l.sheet, l.n})
}

// codeLike tells that a code can be typed and quoted: letters, digits, and - _ . within.
func codeLike(s string) bool {
	if utf8.RuneCountInString(s) > longestCode {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r) {
			return false
		}
	}
	return true
}

// language reads what a group reads. Nothing said means both.
func language(cell string) (lang string, ok bool) {
	s := strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(clean(cell))), ""))
	switch s {
	case "ko", "kr", "korean", "朝", "朝文", "朝鲜语", "朝鲜文", "朝语", "韩语", "韩文", "조", "조선어", "조선문", "조선글", "한국어", "한글", "우리말":
		return "ko", true
	case "zh", "cn", "chinese", "汉", "汉语", "汉文", "中文", "中", "한어", "중국어", "중문", "한문":
		return "zh", true
	case "", "both", "ko+zh", "zh+ko", "ko/zh", "zh/ko", "双语", "汉朝", "朝汉", "中朝", "朝中", "汉/朝", "朝/汉", "中/朝", "朝/中", "이중언어", "쌍어", "두가지", "조한", "한조", "둘다", "모두":
		return "both", true
	}
	return "", false
}

// kind reads whether a group is of a town or of the country; other kinds stay as written.
func kind(cell string) string {
	s := strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(clean(cell))), ""))
	switch s {
	case "urban", "city", "town", "城", "城市", "城镇", "市区", "社区", "도시", "시내", "사회구역", "도심":
		return "urban"
	case "rural", "village", "乡", "农", "农村", "乡村", "村", "乡镇", "농촌", "촌", "시골":
		return "rural"
	}
	return s
}
