package signup

import (
	"strings"
)

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
