package intake

import (
	"strings"

	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"

	"golang.org/x/text/unicode/norm"
)

// Pair is two vacancies that look like one: the same employer, post and pay, whatever way they are spelt.
type Pair struct {
	A     store.Vacancy // of the items
	B     store.Vacancy // an earlier item, or a known one
	Known bool          // B is a known one
}

// In says where B is and what it says.
func (p Pair) In(l words.Lang) string {
	lang := "zh"
	if l == words.Korean {
		lang = "ko"
	}
	said := p.B.Employer.In(lang) + " – " + p.B.Post.In(lang)
	if p.B.Code != "" {
		return words.Say(l, "intake.known_as", p.B.Code, said)
	}
	return Fault{Sheet: p.B.Sheet, Row: p.B.Row, Text: words.T("intake.plain", said)}.In(l)
}

// nearest is how many different vacancies of one employer and post a vacancy is compared with.
const nearestMost = 16

// Duplicates finds, for each item, the first earlier item or known vacancy that looks the same: the same employer and
// post once spelling is set aside (full-width forms, spaces, brackets, 有限公司, 吉林省, digits, 员 and 工), the same pay
// or one of them negotiable, and no two different counties. It takes time in proportion to the number of vacancies.
func Duplicates(items, known []store.Vacancy) []Pair {
	all := make([]store.Vacancy, 0, len(known)+len(items))
	all = append(append(all, known...), items...)
	ids := employerIDs(all)
	type key struct {
		employer int
		post     string
	}
	buckets := map[key][]int{}
	var out []Pair
	for i, v := range all {
		found := -1
		for _, p := range postKeys(v.Post) {
			k := key{ids[i], p}
			for _, j := range buckets[k] {
				if alike(v, all[j]) && (found < 0 || j < found) {
					found = j
				}
			}
			if len(buckets[k]) < nearestMost && found < 0 {
				buckets[k] = append(buckets[k], i)
			}
		}
		if found >= 0 && i >= len(known) {
			out = append(out, Pair{A: v, B: all[found], Known: found < len(known)})
		}
	}
	return out
}

// alike compares what is left once employer and post agree.
func alike(a, b store.Vacancy) bool {
	if a.County != "" && b.County != "" && a.County != b.County {
		return false
	}
	x, y := a.Pay, b.Pay
	unsaid := func(p store.Pay) bool { return p.Min == 0 && p.Max == 0 }
	if unsaid(x) || unsaid(y) {
		return true
	}
	return monthly(x) == monthly(y)
}

// monthly makes a year's pay a month's; other units stay.
func monthly(p store.Pay) [3]any {
	if p.Unit == store.PayYear {
		return [3]any{p.Min / 12, p.Max / 12, store.PayMonth}
	}
	return [3]any{p.Min, p.Max, p.Unit}
}

// employerIDs gives each vacancy its employer's number: by the Chinese name, or by the Korean one where there is no
// other.
func employerIDs(items []store.Vacancy) []int {
	zh, ko := map[string]int{}, map[string]int{}
	ids := make([]int, len(items))
	n := 0
	for i, v := range items {
		if v.Employer.Zh == "" {
			continue
		}
		k := employerKey(v.Employer.Zh)
		id, ok := zh[k]
		if !ok {
			id = n
			zh[k] = id
			n++
		}
		ids[i] = id
		if v.Employer.Ko != "" {
			if k := employerKey(v.Employer.Ko); ko[k] == 0 {
				ko[k] = id + 1
			}
		}
	}
	for i, v := range items {
		if v.Employer.Zh != "" {
			continue
		}
		k := employerKey(v.Employer.Ko)
		if ko[k] == 0 {
			n++
			ko[k] = n
		}
		ids[i] = ko[k] - 1
	}
	return ids
}

// employerKey is an employer's name without what people write now one way, now another.
func employerKey(s string) string {
	k := letters(s)
	for _, p := range []string{"中国", "吉林省", "延边朝鲜族自治州", "延边州", "길림성", "연변조선족자치주", "연변주"} {
		k = strings.TrimPrefix(k, p)
	}
	for _, c := range place.All() {
		if rest, ok := strings.CutPrefix(k, c.ZhFull); ok {
			k = c.Zh + rest
		} else if rest, ok := strings.CutPrefix(k, c.KoFull); ok {
			k = c.Ko + rest
		}
	}
	bare := k
	for _, w := range []string{"股份有限公司", "有限责任公司", "有限公司", "公司", "유한책임회사", "유한회사", "유한공사", "주식회사", "회사", "ltd", "coltd"} {
		bare = strings.TrimSuffix(bare, w)
	}
	bare = strings.TrimPrefix(bare, "주식회사")
	if bare == "" {
		return k
	}
	return bare
}

// postKeys are a post's names without endings that say nothing.
func postKeys(b store.Both) []string {
	var out []string
	for _, s := range []string{b.Zh, b.Ko} {
		k := letters(s)
		if k == "" {
			continue
		}
		for _, w := range []string{"人员", "员", "工", "원", "공"} {
			if t := strings.TrimSuffix(k, w); t != k && len([]rune(t)) >= 2 {
				k = t
				break
			}
		}
		out = append(out, k)
	}
	return out
}

// letters keeps letters and digits, in one form.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune("零一二三四五六七八九", r); i >= 0 {
			return rune('0' + i/len("零"))
		}
		switch {
		case r == '〇':
			return '0'
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', isHan(r), isHangul(r), r > 0x7F && !strings.ContainsRune("·・“”‘’《》【】「」、。—–…", r) && r != 0x3000:
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(s)))
}
