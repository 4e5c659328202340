package signup_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"chunfeng/bot/signup"
)

const self = "@5e1f"

func TestDecode(t *testing.T) {
	at := time.Unix(1764000000, 0)
	base := func(m signup.Inbound) signup.Inbound {
		m.ID, m.Room, m.At = "81", "@@ab", at
		return m
	}
	wire := func(kind int, content string) string {
		b, err := json.Marshal(map[string]any{"MsgId": "81", "FromUserName": "@@ab", "ToUserName": self, "MsgType": kind, "Content": content, "CreateTime": 1764000000})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	tests := []struct {
		why, raw string
		want     signup.Inbound
	}{
		{"a line break, an escape and an emoji", wire(1, `@0c:<br/>A017 &lt;김화&gt;<br/>138<span class="emoji emoji1f4f1"></span>`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "A017 <김화>\n138📱"})},
		{"a flag is two code points in one span", wire(1, `@0c:<br/><span class="emoji emoji1f1e81f1f3"></span>ok`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "🇨🇳ok"})},
		{"a keycap is a digit and a mark in one span", wire(1, `@0c:<br/><span class="emoji emoji3120e3"></span>`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "1\u20e3"})},
		{"a family is joined by U+200D", wire(1, `@0c:<br/><span class="emoji emoji1f468200d1f469"></span>`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "👨\u200d👩"})},
		{"a span that is no emoji stays", wire(1, `@0c:<br/><span class="emoji emojixyz">`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: `<span class="emoji emojixyz">`})},
		{"a colon and a line break of the writer's own stay", wire(1, `@0c:<br/>联系人:<br/>张三`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "联系人:\n张三"})},
		{"no prefix, and a colon that looks like one", wire(1, `电话:<br/>138`),
			base(signup.Inbound{Sort: signup.TextSort, Text: "电话:\n138"})},
		{"an escaped escape is unescaped once", wire(1, `@0c:<br/>&amp;lt;`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "&lt;"})},
		{"quoted in a text", wire(1, `@0c:<br/>「춘풍：A017 포장공<br/>둘째 줄」<br/>- - - - - - - - - - - - - - -<br/>신청<br/>13844331234`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "신청\n13844331234", Quote: &signup.Quote{By: "춘풍", Text: "A017 포장공\n둘째 줄"}})},
		{"corner brackets without the dashes quote nothing", wire(1, `@0c:<br/>「春风」<br/>报名`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "「春风」\n报名"})},
		{"quoted in an app message", wire(49, `@0c:<br/>&lt;msg&gt;&lt;appmsg&gt;&lt;title&gt;신청 &amp;lt;1&amp;gt;&lt;/title&gt;&lt;type&gt;57&lt;/type&gt;&lt;refermsg&gt;&lt;displayname&gt;춘풍&lt;/displayname&gt;&lt;content&gt;A017&lt;/content&gt;&lt;/refermsg&gt;&lt;/appmsg&gt;&lt;/msg&gt;`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "신청 <1>", Quote: &signup.Quote{By: "춘풍", Text: "A017"}})},
		{"an app message that quotes an app message shows its title", wire(49, `@0c:<br/><msg><appmsg><title>报名</title><type>57</type><refermsg><displayname>x</displayname><content>&lt;msg&gt;&lt;appmsg&gt;&lt;title&gt;A018&lt;/title&gt;&lt;/appmsg&gt;&lt;/msg&gt;</content></refermsg></appmsg></msg>`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "报名", Quote: &signup.Quote{By: "x", Text: "A018"}})},
		{"a link is not read", wire(49, `@0c:<br/>&lt;msg&gt;&lt;appmsg&gt;&lt;title&gt;13844331234&lt;/title&gt;&lt;type&gt;5&lt;/type&gt;&lt;/appmsg&gt;&lt;/msg&gt;`),
			base(signup.Inbound{Sender: "@0c"})},
		{"an app message that is no XML is not read", wire(49, `@0c:<br/>&lt;msg&gt;&lt;appmsg`), base(signup.Inbound{Sender: "@0c"})},
		{"a picture", wire(3, `@0c:<br/>&lt;msg&gt;&lt;img/&gt;&lt;/msg&gt;`), base(signup.Inbound{Sender: "@0c"})},
		{"a voice message", wire(34, `@0c:<br/>`), base(signup.Inbound{Sender: "@0c"})},
		{"a video", wire(43, `@0c:<br/>`), base(signup.Inbound{Sender: "@0c"})},
		{"a sticker", wire(47, `@0c:<br/>`), base(signup.Inbound{Sender: "@0c"})},
		{"traffic between devices", wire(51, ``), base(signup.Inbound{Sort: signup.StatusSort})},
		{"a system notice", wire(10000, `"김화"邀请"박옥"加入了群聊`), base(signup.Inbound{Sort: signup.SystemSort, Text: `"김화"邀请"박옥"加入了群聊`})},
		{"a message taken back", wire(10002, `@0c:<br/>&lt;sysmsg type="revokemsg"&gt;&lt;revokemsg&gt;&lt;session&gt;1&lt;/session&gt;&lt;oldmsgid&gt;1&lt;/oldmsgid&gt;&lt;msgid&gt;77&lt;/msgid&gt;&lt;/revokemsg&gt;&lt;/sysmsg&gt;`),
			base(signup.Inbound{Sender: "@0c", Sort: signup.RecallSort, Recalls: "77"})},
		{"one's own, from the telephone: no prefix", `{"MsgId":"81","FromUserName":"@5e1f","ToUserName":"@@ab","MsgType":1,"Content":"@0c:<br/>x","CreateTime":1764000000}`,
			base(signup.Inbound{IsSelf: true, Sort: signup.TextSort, Text: "@0c:\nx"})},
		{"to the account alone", `{"MsgId":"81","FromUserName":"@0c","ToUserName":"@5e1f","MsgType":1,"Content":"hi"}`,
			signup.Inbound{ID: "81", Sender: "@0c", Sort: signup.TextSort, Text: "hi"}},
		{"numbers for strings and strings for numbers", `{"MsgId":81,"FromUserName":"@@ab","ToUserName":null,"MsgType":"1","Content":"@0c:<br/>x","CreateTime":"1764000000","Status":{}}`,
			base(signup.Inbound{Sender: "@0c", Sort: signup.TextSort, Text: "x"})},
		{"fields that make no sense are empty", `{"MsgId":[1],"FromUserName":{"a":1},"MsgType":true,"Content":[],"CreateTime":1e99}`, signup.Inbound{}},
		{"nothing at all", `{}`, signup.Inbound{}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			got, err := signup.Decode(json.RawMessage(tt.raw), self)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.raw, diff)
			}
		})
	}
	for _, raw := range []string{"", "null", "[]", "7", `"x"`, `{"MsgId":`, "\xff"} {
		if _, err := signup.Decode(json.RawMessage(raw), self); !errors.Is(err, signup.ErrNoMessage) {
			t.Errorf("Decode(%q): %v", raw, err)
		}
	}
}

// FuzzReply decodes and interprets foreign bytes: no panic, no markup that passes for a mark, people only with numbers,
// and only codes that were told.
func FuzzReply(f *testing.F) {
	for _, l := range load(f)[:60] {
		f.Add([]byte(onWire(l)))
	}
	f.Add([]byte(`{"MsgType":1,"FromUserName":"@@a","Content":"@b:<br/>「a：b」<br/>-----<br/>` + "\ue000\ue400" + `A017 13844331234"}`))
	f.Add([]byte(`{"MsgType":49,"Content":"<msg><appmsg><type>57</type><refermsg><content><title>"}`))
	told := toldA(f)
	codes := map[string]bool{}
	for _, v := range told.Vacancies {
		codes[v.Code] = true
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := signup.Decode(raw, self)
		if err != nil {
			return
		}
		if !utf8.ValidString(m.Text) || m.Quote != nil && !utf8.ValidString(m.Quote.Text) {
			t.Fatalf("not UTF-8: %q %+v", m.Text, m.Quote)
		}
		check := func(m signup.Inbound) {
			r := signup.Interpret(m, told)
			for _, p := range r.People {
				if p.Phone.IsZero() || strings.ContainsFunc(p.Name, func(c rune) bool { return c >= 0xE000 && c <= 0xF8FF }) {
					t.Fatalf("person %+v in %q", p, m.Text)
				}
			}
			for _, c := range r.Vacancies {
				if !codes[c] {
					t.Fatalf("code %q in %q", c, m.Text)
				}
			}
			if r.Intent == signup.Noise && len(r.People)+len(r.Vacancies) > 0 {
				t.Fatalf("noise with %+v in %q", r, m.Text)
			}
		}
		check(m)
		check(signup.Inbound{Sort: signup.TextSort, Text: string(raw), Quote: &signup.Quote{Text: string(raw)}})
	})
}
