package signup

import (
	"slices"
	"strings"

	"chunfeng/bot/phone"
)

// maxRead is how much of a message is read, in bytes. What people write is shorter by far; what is longer is pasted, with
// their own words before it or behind: tailRead is how much of that is read from the end.
const (
	maxRead  = 4000
	tailRead = 1000
)

// readable is what is read of a text.
func readable(text string) string {
	if len(text) <= maxRead {
		return text
	}
	return strings.ToValidUTF8(text[:maxRead-tailRead], "") + "\n" + strings.ToValidUTF8(text[len(text)-tailRead:], "")
}

// reply is a message taken apart.
type reply struct {
	draft
	said     string // the words, in lower case, without numbers, codes and the employers' names
	people   []spoken
	employer bool // an employer's own number is in it

	employerNamed bool // so is an employer's or a post's name
	unfinished    bool
	quoted        []string // the codes of what it quotes
	quoting       bool     // it quotes vacancies, so it answers a notice
	listed        []string // what the group's message listed
	told          bool
	unread        bool // it is too long to be read whole, and a number is in what was not read
}

// spoken is a number that somebody gave as his own.
type spoken struct {
	number phone.Number
	at     int // its mark in the draft
	doubt  bool
}

func newReply(m Inbound, told Told) reply {
	text := readable(m.Text)
	x := newIndex(told)
	r := reply{told: len(told.Vacancies) > 0}
	employers := map[phone.Number]bool{}
	for _, v := range told.Vacancies {
		for _, n := range v.Phones {
			employers[n] = true
		}
		if v.Listed {
			r.listed = append(r.listed, v.Code)
		}
	}
	var found []phone.Found
	end := 0
	for _, f := range phone.Scan(text) {
		if len(found) == markRoom {
			break
		}
		r.runes = append(append(r.runes, fold(text[end:f.Start])...), rune(phoneMark+len(found)))
		found, end = append(found, f), f.End
	}
	r.runes = append(r.runes, fold(text[end:])...)
	r.unmention()
	r.markCodes(x, true)
	r.unname(told)
	for at, c := range r.runes {
		if !isPhone(c) {
			continue
		}
		f := found[c-phoneMark]
		switch {
		case f.Kind == phone.Unfinished:
			r.unfinished = true
		case employers[f.Number]:
			r.employer = true
		case f.Kind == phone.HotlineCN: // nobody's own
		default:
			doubt := f.Doubt != "" && f.Doubt != phone.DoubtSplit && f.Doubt != phone.DoubtGlued
			r.people = append(r.people, spoken{f.Number, at, doubt})
		}
	}
	if len(m.Text) > maxRead || len(r.codes) == markRoom {
		r.unread = r.leavesOut(m.Text, employers)
	}
	r.said = strings.ToLower(string(r.runes))
	if m.Quote != nil {
		q := draft{runes: fold(m.Quote.Text)}
		q.markCodes(x, false)
		r.quoted = q.all()
		r.quoting = len(r.quoted) > 0
	}
	return r
}

// leavesOut tells whether the whole text holds a number that somebody may have given as his own and that was not read.
func (r *reply) leavesOut(text string, employers map[phone.Number]bool) bool {
	read := map[phone.Number]bool{}
	for _, p := range r.people {
		read[p.number] = true
	}
	return slices.ContainsFunc(phone.Scan(text), func(f phone.Found) bool {
		return f.Kind != phone.Unfinished && f.Kind != phone.HotlineCN && !employers[f.Number] && !read[f.Number]
	})
}

// unmention blanks the nickname that a message is addressed to: it is not the writer's.
func (r *reply) unmention() {
	for i := 0; i < len(r.runes); i++ {
		if r.runes[i] != '@' {
			continue
		}
		for ; i < len(r.runes) && r.runes[i] != ' ' && r.runes[i] != '\n' && !isPhone(r.runes[i]); i++ {
			r.runes[i] = ' '
		}
	}
}

// unname blanks the names of employers and posts, which are full of words that mean something else elsewhere.
func (r *reply) unname(told Told) {
	s := string(r.runes)
	for _, v := range told.Vacancies {
		for _, name := range v.Names {
			if folded := string(fold(name)); len([]rune(folded)) > 1 && strings.Contains(s, folded) {
				s, r.employerNamed = strings.ReplaceAll(s, folded, "  "), true
			}
		}
	}
	r.runes = []rune(s)
}

// brief reports that at most n characters are said besides codes, numbers and politeness.
func (r *reply) brief(n int) bool {
	left := 0
	for _, c := range without(without(without(r.said, polite), signing), wishing) {
		if c > ' ' && !isPhone(c) && !isCode(c) && !strings.ContainsRune("!?.,~:;()[]，。、！？…·-/#번号호", c) {
			left++
		}
	}
	return left <= n
}
