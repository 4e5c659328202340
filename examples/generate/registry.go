package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
)

// registry writes the residents' groups as a UTF-8 CSV with a byte order mark.
//
// Groups come county by county and are cut into twelve runs, one an account, so that each account serves about 248
// groups of one or two counties. Names are unique but for four, each borne by two groups of different accounts.
func registry(accounts int) []byte {
	r := rand.New(rand.NewPCG(2971, 433))
	all, total := counties(), 0
	for _, c := range all {
		total += c.groups
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write([]string{"code", "name", "county", "township", "kind", "language", "tags", "account"})
	seen := map[string]bool{}
	n := 0
	for _, c := range all {
		twins := twinNames(c.code)
		for i := range c.groups {
			t := pick(r, c.places)
			language := "zh"
			switch p := r.IntN(100); {
			case p < c.korean:
				language = "ko"
			case p < c.korean+c.both:
				language = "both"
			}
			name := groupName(r, t, language)
			for seen[name] {
				name = groupName(r, t, language)
			}
			if i < len(twins) {
				name, language = twins[i], "both"
			} else {
				seen[name] = true
			}
			kind := "rural"
			if t.urban {
				kind = "urban"
			}
			_ = w.Write([]string{
				fmt.Sprintf("%s%04d", c.prefix, i+1), name, c.zh, t.zh, kind, language,
				strings.Join(interests(r, t.urban), " "), fmt.Sprintf("a%02d", n*accounts/total+1),
			})
			n++
		}
	}
	w.Flush()
	return out.Bytes()
}

// twinNames answers the names that two counties' groups share.
func twinNames(code string) []string {
	return map[string][]string{
		"yanji":    {"新兴就业信息群", "阳光社区招工群"},
		"longjing": {"新兴就业信息群", "春风行动群"},
		"dunhua":   {"阳光社区招工群", "返乡就业服务群"},
		"antu":     {"春风行动群", "返乡就业服务群"},
	}[code]
}

// pick draws a township by weight.
func pick(r *rand.Rand, ts []township) township {
	sum := 0
	for _, t := range ts {
		sum += t.weight
	}
	n := r.IntN(sum)
	for _, t := range ts {
		if n -= t.weight; n < 0 {
			return t
		}
	}
	return ts[len(ts)-1]
}

// groupName makes a name as residents give them: the place, an invented community or village, what it is for.
func groupName(r *rand.Rand, t township, language string) string {
	hood := hoods[r.IntN(len(hoods))]
	number := ""
	if r.IntN(3) == 0 {
		number = fmt.Sprint(1 + r.IntN(9))
	}
	zhKind, koKind := "村", "촌"
	if t.urban {
		zhKind, koKind = "社区", "사회구역"
	}
	zh := zhPurposes[r.IntN(len(zhPurposes))]
	ko := koPurposes[r.IntN(len(koPurposes))]
	switch language {
	case "ko":
		return strings.TrimSpace(fmt.Sprintf("%s %s%s %s%s", t.ko, hood.ko, koKind, ko, number))
	case "both":
		return fmt.Sprintf("%s%s%s%s·%s %s%s", t.zh, hood.zh, zhKind, zh, hood.ko, ko, number)
	}
	return fmt.Sprintf("%s%s%s%s%s", t.zh, hood.zh, zhKind, zh, number)
}

// interests draws what a group's people look for: one to three codes.
func interests(r *rand.Rand, urban bool) []string {
	pool := []string{"farming", "manufacturing", "forestry", "food", "construction", "driving"}
	if urban {
		pool = []string{"food", "cafe", "retail", "manufacturing", "care", "cleaning", "logistics", "office", "tourism"}
	}
	r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	return pool[:1+r.IntN(3)]
}

var (
	hoods = []struct{ zh, ko string }{
		{"民安", "민안"}, {"东明", "동명"}, {"新光", "신광"}, {"春光", "춘광"}, {"长青", "장청"}, {"丰收", "풍수"}, {"园艺", "원예"}, {"光华", "광화"},
		{"白川", "백천"}, {"河龙", "하룡"}, {"兴盛", "흥성"}, {"平安", "평안"}, {"仁坪", "인평"}, {"松林", "송림"}, {"青松", "청송"}, {"柳亭", "류정"},
		{"金谷", "금곡"}, {"明新", "명신"}, {"永昌", "영창"}, {"大成", "대성"}, {"和兴", "화흥"}, {"东新", "동신"}, {"西林", "서림"}, {"南山", "남산"},
		{"北兴", "북흥"}, {"水口", "수구"}, {"杏花", "행화"}, {"梨树", "리수"}, {"桃源", "도원"}, {"新农", "신농"}, {"富民", "부민"}, {"康乐", "강락"},
	}
	zhPurposes = []string{"就业信息群", "招工群", "居民群", "就业服务群", "务工群", "便民群"}
	koPurposes = []string{"취업정보방", "일자리방", "주민방", "취업봉사방", "초빙소식방", "생활정보방"}
)
