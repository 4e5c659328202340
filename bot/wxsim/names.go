package wxsim

import (
	"fmt"
	"strings"
)

// wireText writes a text as the web protocol does: HTML-escaped, <br/> for line breaks, emoji as spans.
func wireText(s string) string {
	s = wireName(s)
	return strings.ReplaceAll(s, "\n", "<br/>")
}

// wireXML writes an inner document: as text, with its quotation marks as they are.
func wireXML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// wireName writes a name: HTML-escaped with emoji as spans whose class is the code points in hexadecimal.
func wireName(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '&' || c == '<' || c == '>' || c >= 0xE2 && c != 0xE3 && (c < 0xE4 || c > 0xED) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	rs := []rune(wireXML(s))
	for i := 0; i < len(rs); i++ {
		r := rs[i]
		switch {
		case isFlag(r) && i+1 < len(rs) && isFlag(rs[i+1]):
			fmt.Fprintf(&b, `<span class="emoji emoji%x%x"></span>`, r, rs[i+1])
			i++
		case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2600 && r <= 0x27BF:
			fmt.Fprintf(&b, `<span class="emoji emoji%x"></span>`, r)
			// The variation selector belongs to the picture.
			if i+1 < len(rs) && rs[i+1] == 0xFE0F {
				i++
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isFlag(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

func surnames() []string {
	return []string{"김", "이", "박", "최", "정", "강", "조", "윤", "장", "림", "金", "李", "朴", "崔", "郑", "王", "张", "刘", "孙", "赵"}
}

func givens() []string {
	return []string{"영희", "철수", "미란", "춘화", "성철", "해란", "광호", "금옥", "용길", "순애", "정숙", "동욱",
		"春梅", "海燕", "丽华", "建国", "文杰", "秀兰", "志强", "小红", "桂花", "晓东", "美玉", "龙"}
}

func suffixes() []string {
	return []string{"", "", "", "", "", "", "", "🌸", "😊", "(延吉)", "-图们", " 룡정", "88", "❤️", " & 家人", "妈妈", "엄마", "~"}
}

// inventName makes a person's nick from a number. No such person is known to the author.
func inventName(n uint64) string {
	a, b, c := surnames(), givens(), suffixes()
	name := a[n%uint64(len(a))]
	n /= uint64(len(a))
	name += b[n%uint64(len(b))]
	n /= uint64(len(b))
	return name + c[n%uint64(len(c))]
}
