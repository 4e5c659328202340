package signup_test

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/examples"
)

// toldA is what the groups of the labelled file were told: two batches, the newer one's vacancies A001 to A030.
func toldA(t testing.TB) signup.Told {
	t.Helper()
	n, err := phone.Parse("0433-2519900")
	if err != nil {
		t.Fatal(err)
	}
	var told signup.Told
	for i := 1; i <= 30; i++ {
		v := signup.ToldVacancy{Code: fmt.Sprintf("A%03d", i), Listed: i >= 15 && i <= 20}
		if i == 17 {
			v.Names, v.Phones = []string{"해란강식품", "海兰江食品", "포장공", "包装工"}, []phone.Number{n}
		}
		told.Vacancies = append(told.Vacancies, v)
	}
	return told
}

var places = strings.NewReplacer("{code}", "A017", "{code2}", "A018", "{n}", "17", "{n2}", "18", "{employer_phone}", "0433-2519900")

// load reads the labelled file with its places filled in.
func load(t testing.TB) []examples.Reply {
	t.Helper()
	all, err := examples.ReadReplies()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		l := &all[i]
		fill := func(s string) string {
			employer, post := "海兰江食品", "包装工"
			if l.Lang == "ko" {
				employer, post = "해란강식품", "포장공"
			}
			return strings.NewReplacer("{employer}", employer, "{post}", post).Replace(places.Replace(s))
		}
		l.Text = fill(l.Text)
		if l.Quote != nil {
			l.Quote.Text = fill(l.Quote.Text)
		}
		for i := range l.Want.Vacancies {
			l.Want.Vacancies[i] = fill(l.Want.Vacancies[i])
		}
		for _, p := range l.Want.People {
			for i := range p.Vacancies {
				p.Vacancies[i] = fill(p.Vacancies[i])
			}
		}
	}
	return all
}

// onWire writes a labelled message as the server would send it.
func onWire(l examples.Reply) json.RawMessage {
	escape := func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br/>") }
	kind, content := 1, escape(l.Text)
	switch {
	case l.Quote == nil:
	case l.Quote.As == "text":
		content = escape("「" + l.Quote.By + "：" + l.Quote.Text + "」\n- - - - - - - - - - - - - - -\n" + l.Text)
	default:
		kind = 49
		content = html.EscapeString(`<?xml version="1.0"?><msg><appmsg appid="" sdkver="0"><title>`+html.EscapeString(l.Text)+
			`</title><type>57</type><refermsg><type>1</type><svrid>1</svrid><displayname>`+html.EscapeString(l.Quote.By)+
			`</displayname><content>`+html.EscapeString(l.Quote.Text)) + html.EscapeString(`</content></refermsg></appmsg></msg>`)
	}
	b, err := json.Marshal(map[string]any{
		"MsgId": "8" + l.ID[1:], "FromUserName": "@@ab12", "ToUserName": "@5e1f", "MsgType": kind,
		"Content": "@0a1b2c:<br/>" + content, "CreateTime": 1764000000,
	})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return b
}

func read(t testing.TB, l examples.Reply, told signup.Told) signup.Reading {
	t.Helper()
	m, err := signup.Decode(onWire(l), "@5e1f")
	if err != nil {
		t.Fatalf("%s: %v", l.ID, err)
	}
	if m.Text != strings.TrimSpace(l.Text) && l.Quote != nil || l.Quote == nil && m.Text != l.Text || m.Sender != "@0a1b2c" {
		t.Fatalf("%s: decoded %q from %q", l.ID, m.Text, l.Text)
	}
	return signup.Interpret(m, told)
}

// score counts agreement, disagreement by kind.
type score struct{ hit, extra, missed int }

func (s score) precision() float64 { return ratio(s.hit, s.hit+s.extra) }
func (s score) recall() float64    { return ratio(s.hit, s.hit+s.missed) }
func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
func (s score) String() string {
	return fmt.Sprintf("precision %.3f recall %.3f (%d right, %d too many, %d missed)", s.precision(), s.recall(), s.hit, s.extra, s.missed)
}

// TestLabelledReplies prints how the interpreter does on the labelled file, and fails below floors.
//
// The messages of the set "held" were written after the interpreter, by its author, and no word was added to it because
// of them. When they were first read (96 messages), 40 of 40 numbers of people signing up were found, with 3 too many;
// 39 went on without a person's look, of which 2 were wrong; 41 of 41 vacancies were bound, 31 of 40 names right; of 8
// withdrawals 3 were recognised. The set "dev" holds what the interpreter was written with, and two earlier held sets
// of which it had found 66 of 66 and 58 of 58 numbers, with 20 and 13 too many, before it learnt from them. So: numbers
// and vacancies hold up on messages never seen, the words that people take things back with do not, and the review
// queue is needed.
//
// The floors of "held" lie where two more wrong messages fail the test, those of "dev" three points under what was
// measured.
func TestLabelledReplies(t *testing.T) {
	told := toldA(t)
	type tally struct {
		people, sure, bound, review score
		names, named, messages      int
		intents                     map[string]*score
	}
	sets := map[string]*tally{}
	for _, l := range load(t) {
		s := sets[l.Set]
		if s == nil {
			s = &tally{intents: map[string]*score{}}
			sets[l.Set] = s
		}
		s.messages++
		got := read(t, l, told)
		wrong := got.Intent.String() != l.Want.Intent || string(got.Review) != l.Want.Review
		intent := func(name string) *score {
			if s.intents[name] == nil {
				s.intents[name] = &score{}
			}
			return s.intents[name]
		}
		if got.Intent.String() == l.Want.Intent {
			intent(l.Want.Intent).hit++
		} else {
			intent(l.Want.Intent).missed++
			intent(got.Intent.String()).extra++
		}
		mark := func(sc *score, want, got bool) {
			switch {
			case want && got:
				sc.hit++
			case want:
				sc.missed++
			case got:
				sc.extra++
			}
		}
		mark(&s.review, l.Want.Review != "", got.Review != "")
		var want []signup.Person
		for _, p := range l.Want.People {
			n, err := phone.Parse(p.Phone)
			if err != nil {
				t.Fatalf("%s: %v", l.ID, err)
			}
			want = append(want, signup.Person{Name: p.Name, Phone: n, Vacancies: p.Vacancies})
		}
		if l.Want.Intent == "signup" || got.Intent == signup.Signup {
			wanted, gotten := map[phone.Number]signup.Person{}, map[phone.Number]signup.Person{}
			if l.Want.Intent == "signup" {
				for _, p := range want {
					wanted[p.Phone] = p
				}
			}
			if got.Intent == signup.Signup {
				for _, p := range got.People {
					gotten[p.Phone] = p
				}
			}
			for n, p := range wanted {
				q, ok := gotten[n]
				mark(&s.people, true, ok)
				s.named++
				if ok && q.Name == p.Name {
					s.names++
				}
				for _, c := range p.Vacancies {
					mark(&s.bound, true, slices.Contains(q.Vacancies, c))
				}
				for _, c := range q.Vacancies {
					mark(&s.bound, slices.Contains(p.Vacancies, c), true)
					if slices.Contains(p.Vacancies, c) {
						s.bound.hit-- // counted above
					}
				}
			}
			for n, q := range gotten {
				if _, ok := wanted[n]; !ok {
					mark(&s.people, false, true)
					s.bound.extra += len(q.Vacancies)
				}
				// What goes on without a person's look must be right.
				if got.Review == "" {
					_, ok := wanted[n]
					mark(&s.sure, ok, true)
				}
			}
		}
		if d := cmp.Diff(want, got.People); d != "" || wrong || len(want) == 0 && !slices.Equal(l.Want.Vacancies, got.Vacancies) {
			t.Logf("%s %s %q: want %s %q %v %v, got %v %q %v %v", l.Set, l.ID, l.Text, l.Want.Intent, l.Want.Review, want, l.Want.Vacancies,
				got.Intent, got.Review, got.People, got.Vacancies)
		}
	}
	for _, set := range []string{"dev", "held"} {
		s := sets[set]
		macroP, macroR := 0.0, 0.0
		for name, sc := range s.intents {
			t.Logf("%s %-10s %v", set, name, sc)
			macroP, macroR = macroP+sc.precision()/float64(len(s.intents)), macroR+sc.recall()/float64(len(s.intents))
		}
		t.Logf("%s: %d messages", set, s.messages)
		t.Logf("%s signed-up numbers   %v", set, s.people)
		t.Logf("%s without a look      %d, of which wrong %d", set, s.sure.hit+s.sure.extra, s.sure.extra)
		t.Logf("%s intents, macro      precision %.3f recall %.3f", set, macroP, macroR)
		t.Logf("%s vacancies bound     %v", set, s.bound)
		t.Logf("%s names               %d of %d", set, s.names, s.named)
		t.Logf("%s sent to review      %v", set, s.review)
		floor := map[string]struct{ recall, precision, sure, macro, bound float64 }{
			"dev":  {0.97, 0.96, 0.97, 0.96, 0.97},
			"held": {0.95, 0.88, 0.90, 0.68, 0.95},
		}[set]
		for _, f := range []struct {
			what     string
			got, min float64
		}{
			{"recall of numbers", s.people.recall(), floor.recall},
			{"precision of numbers", s.people.precision(), floor.precision},
			{"precision without a look", s.sure.precision(), floor.sure},
			{"recall of intents", macroR, floor.macro},
			{"precision of vacancies", s.bound.precision(), floor.bound},
			{"recall of vacancies", s.bound.recall(), floor.bound},
		} {
			if f.got < f.min {
				t.Errorf("%s: %s %.3f is under %.2f", set, f.what, f.got, f.min)
			}
		}
	}
}
