package signup

import (
	"slices"
	"strings"
)

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

// advertises reports a post of somebody who has something to offer, and names no vacancy of ours.
func (r *reply) advertises() bool {
	return len(r.all()) == 0 && !r.unknown && !r.quoting && (r.recruits() || count(r.said, trade) > 0)
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
