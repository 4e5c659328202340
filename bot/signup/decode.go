package signup

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The message types of the web protocol that Decode tells apart.
const (
	typeText   = 1
	typeApp    = 49
	typeStatus = 51
	typeSystem = 10000
	typeRecall = 10002
)

// appQuote is the type of an app message that is a reply to a quoted one.
const appQuote = "57"

// ErrNoMessage is what Decode returns, wrapped, for an element that is not an object.
var ErrNoMessage = errors.New("not a message")

// loose reads a string or a number as text: the server has been seen to send either.
type loose string

// UnmarshalJSON never refuses: what is neither string nor number is empty.
func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case len(b) > 0 && b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*l = loose(s)
	case len(b) > 0 && (b[0] == '-' || b[0]-'0' <= 9):
		*l = loose(b)
	default:
		*l = ""
	}
	return nil
}

func (l loose) int() int64 {
	n, err := strconv.ParseInt(string(l), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Decode reads one raw element of AddMsgList. self is the account's own user name in that session, and tells what
// its holder wrote. Fields of an unexpected JSON type are read as far as they make sense. It fails only, with
// ErrNoMessage, when raw is no JSON object; what it does not understand has OtherSort.
func Decode(raw json.RawMessage, self string) (Inbound, error) {
	var w struct {
		MsgID   loose `json:"MsgId"`
		From    loose `json:"FromUserName"`
		To      loose `json:"ToUserName"`
		Type    loose `json:"MsgType"`
		Content loose `json:"Content"`
		Time    loose `json:"CreateTime"`
	}
	if b := bytes.TrimLeft(raw, " \t\r\n"); len(b) == 0 || b[0] != '{' {
		return Inbound{}, ErrNoMessage
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return Inbound{}, fmt.Errorf("%w: %w", ErrNoMessage, err)
	}
	m := Inbound{ID: string(w.MsgID)}
	if t := w.Time.int(); t > 0 {
		m.At = time.Unix(t, 0)
	}
	from, to, content := string(w.From), string(w.To), string(w.Content)
	switch {
	case self != "" && from == self:
		m.IsSelf = true
		if strings.HasPrefix(to, "@@") {
			m.Room = to
		}
	case strings.HasPrefix(from, "@@"):
		m.Room = from
		// Only a sender's prefix is cut: a text of one's own may well hold ":<br/>".
		if sender, rest, ok := strings.Cut(content, ":<br/>"); ok && userName(sender) {
			m.Sender, content = sender, rest
		}
	default:
		m.Sender = from
	}
	m.Sender = strings.ToValidUTF8(m.Sender, "")
	switch w.Type.int() {
	case typeText:
		m.Sort, m.Text = TextSort, plain(content)
		m.Text, m.Quote = splitQuote(m.Text)
	case typeApp:
		m.readApp(markup(content))
	case typeSystem:
		m.Sort, m.Text = SystemSort, plain(content)
	case typeRecall:
		m.Sort, m.Recalls = RecallSort, element(markup(content), "msgid")
	case typeStatus:
		m.Sort = StatusSort
	}
	return m, nil
}

// userName reports whether s is a member's user name: @ and hexadecimal digits, as the web protocol makes them.
func userName(s string) bool {
	if len(s) < 2 || s[0] != '@' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// plain turns the content of a text message into what its writer saw.
func plain(s string) string {
	s = strings.NewReplacer("<br/>", "\n", "<br />", "\n", "<br>", "\n", "\r\n", "\n").Replace(s)
	return strings.ToValidUTF8(html.UnescapeString(unspan(s)), "\uFFFD")
}

// unspan replaces <span class="emoji emoji1f525"></span> by the emoji.
func unspan(s string) string {
	const open, shut = `<span class="emoji emoji`, `</span>`
	if !strings.Contains(s, open) {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, open)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		code, rest2, ok := strings.Cut(rest, `"`)
		rest2, gone := strings.CutPrefix(rest2, ">"+shut)
		if !ok || !gone {
			b.WriteString(open)
			s = rest
			continue
		}
		b.WriteString(emojiOf(code))
		s = rest2
	}
}

// emojiOf splits code points that are written one after the other in hexadecimal: 1f1e81f1f3 is U+1F1E8 U+1F1F3,
// 3120e3 is the keycap of 1. What does not split gives U+FFFD.
func emojiOf(hex string) string {
	var b strings.Builder
	for hex != "" {
		size := 4
		switch {
		case hex[0] == '1' && len(hex) >= 5 || len(hex) >= 5 && strings.HasPrefix(hex, "e0") && len(hex)%5 == 0:
			size = 5
		case hex[0] == '3' && len(hex) >= 6 && (hex[2:6] == "20e3" || hex[2:6] == "fe0f"),
			(strings.HasPrefix(hex, "23") || strings.HasPrefix(hex, "2a")) && len(hex) >= 6 && (hex[2:6] == "20e3" || hex[2:6] == "fe0f"):
			size = 2
		}
		if len(hex) < size {
			size = len(hex)
		}
		r, err := strconv.ParseUint(hex[:size], 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			return "\uFFFD"
		}
		b.WriteRune(rune(r))
		hex = hex[size:]
	}
	return b.String()
}

// splitQuote takes 「昵称：原文」, a line of dashes and the reply apart. A text without all three quotes nothing.
func splitQuote(s string) (string, *Quote) {
	if !strings.HasPrefix(s, "「") {
		return s, nil
	}
	for at := 0; ; {
		i := strings.Index(s[at:], "」\n")
		if i < 0 {
			return s, nil
		}
		at += i + len("」\n")
		line, reply, ok := strings.Cut(s[at:], "\n")
		if !ok {
			continue
		}
		if bare := strings.ReplaceAll(line, " ", ""); len(bare) < 5 || strings.Trim(bare, "-") != "" {
			continue
		}
		by, text, ok := strings.Cut(s[len("「"):at-len("」\n")], "：")
		if !ok {
			by, text, ok = strings.Cut(by, ":")
		}
		if !ok {
			by, text = "", by
		}
		return strings.TrimSpace(reply), &Quote{By: by, Text: strings.TrimSpace(text)}
	}
}

// markup makes XML of an app or recall message's content.
func markup(s string) string {
	s = strings.ReplaceAll(s, "<br/>", "\n")
	if !strings.Contains(s, "<msg") && !strings.Contains(s, "<sysmsg") && !strings.Contains(s, "<appmsg") {
		s = html.UnescapeString(s)
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// readApp reads an app message: a reply in the newer shape, or something that is not read.
func (m *Inbound) readApp(s string) {
	app, ok := parseApp(s)
	if !ok || app.Type != appQuote {
		return
	}
	m.Sort, m.Text = TextSort, strings.TrimSpace(unspan(app.Title))
	m.Quote = &Quote{By: app.Refer.Name, Text: strings.TrimSpace(unspan(app.Refer.Content))}
	// What is quoted may be a link or a reply itself, and is then XML: its title is what one sees.
	if strings.HasPrefix(m.Quote.Text, "<") {
		m.Quote.Text = element(m.Quote.Text, "title")
	} else if sender, rest, ok := strings.Cut(m.Quote.Text, ":\n"); ok && userName(sender) {
		m.Quote.Text = rest
	}
}

type app struct {
	Title string `xml:"title"`
	Type  string `xml:"type"`
	Refer struct {
		Name    string `xml:"displayname"`
		Content string `xml:"content"`
	} `xml:"refermsg"`
}

func parseApp(s string) (app, bool) {
	var msg struct {
		App app `xml:"appmsg"`
	}
	i := strings.Index(s, "<msg")
	if i < 0 {
		return app{}, false
	}
	d := xml.NewDecoder(strings.NewReader(s[i:]))
	d.Strict = false
	if d.Decode(&msg) != nil {
		return app{}, false
	}
	msg.App.Type = strings.TrimSpace(msg.App.Type)
	return msg.App, true
}

// element returns the text of the first element of this name, without parsing the rest.
func element(s, name string) string {
	_, rest, ok := strings.Cut(s, "<"+name+">")
	if !ok {
		return ""
	}
	text, _, ok := strings.Cut(rest, "</"+name+">")
	if !ok {
		return ""
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "<![CDATA["), "]]>")
	return html.UnescapeString(text)
}
