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

// Interpret says what a message means in a group that was told these vacancies. It is pure, and safe for use by
// several at once.
func Interpret(m Inbound, told Told) Reading {
	if m.IsSelf || m.Sort != TextSort {
		return Reading{}
	}
	r := newReply(m, told)
	reading := r.read()
	switch reading.Review {
	case "", ReviewNoNumber, ReviewUnfinished:
		// Nobody's number is thrown away unread, unless the whole is an advertisement.
		if r.unread && (reading.Intent != Noise || !r.advertises()) {
			reading.Review = ReviewLong
		}
	}
	return reading
}

func (r *reply) read() Reading {
	switch {
	case r.minor():
		return Reading{Intent: Noise, Review: ReviewMinor}
	case len(r.people) == 0 && r.optsOut():
		return Reading{Intent: OptOut}
	}
	if reading, ok := r.withdrawal(); ok {
		return reading
	}
	if reading, ok := r.signup(); ok {
		return reading
	}
	if reading, ok := r.question(); ok {
		return reading
	}
	if len(r.all()) > 0 {
		// Talk, as far as one can tell; but what it says of a vacancy may be a refusal or a question in words unknown here.
		return Reading{Intent: Noise, Review: ReviewTalk}
	}
	return Reading{}
}

// reply is a message taken apart.
type reply struct {
	draft
	said     string // the words, in lower case, without numbers, codes and the employers' names
	people   []spoken
	employer bool // an employer's own number is in it

	employerNamed bool // so is an employer's or a post's name
	hotline       bool
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
		case f.Kind == phone.HotlineCN:
			r.hotline = true
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

// advertises reports a post of somebody who has something to offer, and names no vacancy of ours.
func (r *reply) advertises() bool {
	return len(r.all()) == 0 && !r.unknown && !r.quoting && (r.recruits() || count(r.said, trade) > 0)
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

// minor reports that the writer says to be under fourteen and gives a number.
func (r *reply) minor() bool {
	if len(r.people) == 0 {
		return false
	}
	for i, c := range r.runes {
		if c != '살' && c != '岁' && c != '세' && !(c == '周' && i+1 < len(r.runes) && r.runes[i+1] == '岁') {
			continue
		}
		if c == '세' && i+1 < len(r.runes) && strings.ContainsRune("트대번집금탁", r.runes[i+1]) {
			continue
		}
		j := i
		for j > 0 && r.runes[j-1] == ' ' {
			j--
		}
		k := j
		for k > 0 && digit(r.runes[k-1]) {
			k--
		}
		age := atoi(string(r.runes[k:j]))
		if k == j || j-k > 2 || age < 5 || age >= MinorAge || has(string(r.runes[max(0, k-10):k]), children) {
			continue
		}
		return true
	}
	return false
}

func (r *reply) optsOut() bool {
	switch strings.Trim(r.said, " !.~。！\n") {
	case "td", "t", "退", "n":
		return true
	}
	return has(r.said, opting) || strings.Contains(r.said, "그만") && has(r.said, []string{"보내", "올리", "올립", "올려", "광고", "문자"}) ||
		has(r.said, []string{"别再", "别老", "别往", "别在", "以后别", "不要再"}) && strings.Contains(r.said, "发")
}

// withdrawal reads a message that takes something back.
func (r *reply) withdrawal() (Reading, bool) {
	if !has(r.said, taking) && !(has(r.said, erasing) && has(r.said, personal) && has(r.said, mine)) || has(r.said, kept) {
		return Reading{}, false
	}
	codes := r.all()
	// Whoever takes one back and asks for another in one breath is for a person to sort out.
	if len(codes) > 1 && has(without(r.said, taking), []string{"신청", "지원", "改报", "报", "하겠", "할게"}) && len(r.people) > 0 {
		return Reading{}, false
	}
	bare := strings.Trim(without(without(r.said, taking), polite), " !.~。！,，\n")
	unclear := !has(without(r.said, barely), taking)
	reading := Reading{Intent: Withdrawal, Vacancies: codes, People: r.assign(), Erase: len(codes) == 0 && has(r.said, erasing) && has(r.said, personal)}
	switch {
	case len(codes) > 0, len(r.people) > 0, reading.Erase && has(r.said, mine):
	case r.quoting:
		reading.Vacancies = r.quoted
	case has(without(r.said, taking), subject):
	case unclear && len([]rune(bare)) <= 12 && !has(r.said, []string{"?", "吗"}):
		reading.Review = ReviewWhichUnclear
	case len([]rune(bare)) <= 3 && !has(r.said, []string{"?", "吗"}), !unclear && has(r.said, []string{"취소할게", "취소요", "취소합니다", "취소해", "취소함"}):
	default:
		return Reading{}, false
	}
	return reading, true
}

// signup reads a message that wants a vacancy.
func (r *reply) signup() (Reading, bool) {
	words, wishes, ads := has(r.said, signing), has(r.said, wishing), count(r.said, trade)
	codes := r.all()
	named := len(codes) > 0 || r.unknown
	reading := Reading{Intent: Signup}
	if len(r.people) == 0 {
		asked := r.asks() || has(r.said, howto)
		switch {
		case r.unfinished && (named || words || r.quoting):
			reading.Review = ReviewUnfinished
		case words && !asked && !has(r.said, spokenOf) && ads == 0 && !r.employer && (named || r.quoting || r.brief(10)):
			reading.Review = ReviewNoNumber
		default:
			return Reading{}, false
		}
		reading.Vacancies = codes
		if len(codes) == 0 {
			reading.Vacancies = r.quoted
		}
		return reading, true
	}
	if r.recruits() && !named || ads > 0 && !named && !words && !r.quoting || ads > 1 && !named && !r.quoting {
		return Reading{}, false
	}
	if !r.told && !words {
		return Reading{}, false
	}
	mixed := r.dropRefused() || has(r.said, kept) || has(r.said, taking)
	reading.People = r.assign()
	several := r.bind(reading.People)
	review := Review("")
	doubt := slices.ContainsFunc(r.people, func(s spoken) bool { return s.doubt })
	switch {
	case len(reading.People) > MaxPeople:
		review = ReviewManyNumbers
	case ads > 1 || ads == 1 && !named && !r.quoting:
		review = ReviewAdvert
	case mixed:
		review = ReviewMixed
	case doubt:
		review = ReviewDoubtful
	case r.unfinished:
		review = ReviewUnfinished
	case r.unknown:
		review = ReviewUnknownCode
	case !r.told:
		review = ReviewNothingTold
	case several:
		review = ReviewSeveral
	case !named && !words && !wishes && !r.quoting && !r.brief(2+namesLength(reading.People)):
		return Reading{Intent: Noise, Review: ReviewNoWords}, true
	case r.alsoAsks():
		review = ReviewAlsoAsks
	}
	reading.Review = review
	for _, p := range reading.People {
		for _, c := range p.Vacancies {
			if !slices.Contains(reading.Vacancies, c) {
				reading.Vacancies = append(reading.Vacancies, c)
			}
		}
	}
	return reading, true
}

// recruits reports a post that looks for people rather than for work.
func (r *reply) recruits() bool {
	if has(r.said, offering) {
		return true
	}
	_, rest, ok := strings.Cut(without(r.said, still), "招")
	head := string([]rune(rest)[:min(6, len([]rune(rest)))])
	return ok && has(head, []string{"工", "员", "名", "人", "师"}) && !has(head, []string{"吗", "么", "?"})
}

// namesLength is how much of what is said are names, as far as surnames vouch for them.
func namesLength(people []Person) int {
	n := 0
	for _, p := range people {
		if name := []rune(p.Name); len(name) > 0 && strings.ContainsRune(surnamesKorean+surnamesChinese+"小老", name[0]) {
			n += len(name)
		}
	}
	return n
}

// alsoAsks reports a question beside a sign-up, other than whether the vacancy is open: the call answers that.
func (r *reply) alsoAsks() bool {
	plain := without(r.said, polite)
	said := without(plain, still)
	if said != plain && strings.Count(said, "?") <= 1 {
		return false
	}
	return (asksInKorean(said) || has(said, []string{"?", "나요", "얼마", "언제", "吗", "多少", "几点", "什么材料", "怎么"})) &&
		!has(said, []string{"什么活"})
}

// question reads a message that asks.
func (r *reply) question() (Reading, bool) {
	codes := r.all()
	asked := r.asks() || r.eitherOr()
	reading := Reading{Intent: Question, Topic: TopicVacancy, Vacancies: codes}
	switch {
	case len(r.people) > 0:
		return Reading{}, false
	case len(codes) > 0 && (asked || has(r.said, paying) || r.brief(2)):
	case has(r.said, listing) && (asked || r.brief(10)), strings.Trim(r.said, " !.。~") == "全部", strings.Trim(r.said, " !.。~") == "전체":
		reading.Topic = TopicList
	case r.quoting && asked && len(codes) == 0:
		reading.Vacancies = r.quoted
	case (r.employer || r.employerNamed) && asked:
		reading.Topic = TopicOther
	case asked && has(r.said, howto):
		reading.Topic = TopicHow
	case asked && r.told && has(r.said, topics) && count(r.said, trade) == 0:
		reading.Topic = TopicOther
	default:
		return Reading{}, false
	}
	return reading, true
}

func (r *reply) asks() bool { return has(r.said, asking) || asksInKorean(r.said) }

// asksInKorean reports an ending that asks: 합니까, 함까, 할까. 하니까 (because) and 아까 (just now) do not.
func asksInKorean(s string) bool {
	const b, l, m = 17, 8, 16 // the places of ㅂ, ㄹ and ㅁ among the finals of a syllable
	var one, two rune
	for _, r := range s {
		if r == '까' && (final(one) == m || final(one) == l || one == '니' && final(two) == b) {
			return true
		}
		one, two = r, one
	}
	return false
}

// final returns the final consonant of a Hangul syllable by its place in Unicode's table, 0 for none.
func final(r rune) int {
	if r < 0xAC00 || r > 0xD7A3 {
		return 0
	}
	return int(r-0xAC00) % 28
}

// eitherOr reports a question of the form 远不远, or one that leaves out its second half: 能去不.
func (r *reply) eitherOr() bool {
	if end := strings.TrimRight(r.said, " .。!~啊呀\n"); strings.HasSuffix(end, "不") || strings.HasSuffix(end, "没") {
		return true
	}
	for i := 1; i+1 < len(r.runes); i++ {
		if (r.runes[i] == '不' || r.runes[i] == '没') && r.runes[i-1] == r.runes[i+1] && r.runes[i-1] > 0x4E00 {
			return true
		}
	}
	return false
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
