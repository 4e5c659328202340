package api

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// The cost of a password: 46 MiB, one pass, one lane, which is the first of the settings that OWASP's cheat sheet on
// password storage gives as equal for argon2id.
const (
	hashMemory = 46 << 10 // KiB
	hashPasses = 1
	hashLanes  = 1
	hashLength = 32
	saltLength = 16
)

// Lengths of a password, in characters. The lower one is above the eight of OWASP ASVS 6.2.1, for the second factor can be
// switched off; the upper one only keeps somebody from having us hash a novel.
const (
	passwordMin = 10
	passwordMax = 256
)

// hashing lets two passwords be hashed at a time: each takes 46 MiB, and sign-ins must not take the memory of the lanes.
var hashing = make(chan struct{}, 2)

// HashPassword answers a password as it is kept: argon2id with its settings and salt.
func HashPassword(password string) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // it never fails: see crypto/rand
	sum := derive(password, salt, hashMemory, hashPasses, hashLanes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// SamePassword tells whether a password is the one that is kept. For an empty one it takes as long and says no, so that
// nobody learns from the time it takes which people exist.
func SamePassword(kept, password string) bool {
	var version, memory, passes uint32
	var lanes uint8
	parts := strings.Split(kept, "$")
	if len(parts) == 6 {
		_, _ = fmt.Sscanf(parts[2], "v=%d", &version)
		_, _ = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
	}
	var salt, sum []byte
	if version == argon2.Version && memory > 0 && memory <= 1<<20 && passes > 0 && lanes > 0 {
		salt, _ = base64.RawStdEncoding.DecodeString(parts[4])
		sum, _ = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if len(salt) == 0 || len(sum) != hashLength {
		derive(password, make([]byte, saltLength), hashMemory, hashPasses, hashLanes)
		return false
	}
	return subtle.ConstantTimeCompare(sum, derive(password, salt, memory, passes, lanes)) == 1
}

func derive(password string, salt []byte, memory, passes uint32, lanes uint8) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, hashLength)
}

// CheckPassword refuses a password that is too short, too long, or what everybody tries first. name is the person's.
func CheckPassword(name, password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return words.Refuse("user.password_bytes").Of(words.Usage)
	case n < passwordMin:
		return words.Refuse("user.password_short", passwordMin).Of(words.Usage)
	case n > passwordMax:
		return words.Refuse("user.password_long", passwordMax).Of(words.Usage)
	case guessable(name, password):
		return words.Refuse("user.password_common").Of(words.Usage)
	}
	return nil
}

// stems are what common passwords are made of: the heads of the published lists of leaked ones, here and in China, with
// digits and signs around them.
func stems() []string {
	return []string{
		"password", "passwort", "passw0rd", "p@ssw0rd", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn", "1q2w3e4r5t", "1q2w3e4r", "q1w2e3r4",
		"1qaz2wsx", "qazwsx", "abc123", "abcdef", "letmein", "welcome", "monkey", "dragon", "iloveyou", "admin", "administrator", "root", "login", "secret",
		"woaini", "nihao", "woaiwojia", "5201314", "1314520", "7758521", "521521", "caonima", "tiantian", "wangyut", "taobao", "weixin", "wechat", "alibaba",
		"woshi", "woai", "wode", "laopo", "laogong", "baobei", "jiushi", "xihuan", "buzhidao", "mima", "aini", "nishi", "ziji", "tiancai", "zhang", "huang", "wang", "xiao", "qiang", "liang", "jian", "beijing", "shanghai", "zhongguo", "zhonghua", "jiayou",
		"147258", "258369", "741852", "852963", "963852", "789456", "13579", "24680", "314159", "102938", "112233", "445566", "211314",
		"chunfeng", "yanbian", "yanji", "zhaopin", "jiuye", "sarang", "yonsei", "daehan", "hanguk", "wkdrn", "dkssud", "tkfkd", "wlsdud",
	}
}

// dressMax is how many digits and signs before and behind a common password do not make it another: a date has eight.
const dressMax = 8

// guessable tells whether a password is among the leaked ones that are tried first, be it with digits and signs around it, or
// whether little of it is left without its name, common stems, runs and repetitions.
func guessable(name, password string) bool {
	s := strings.ToLower(password)
	if common(s) {
		return true
	}
	core := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if _, err := phone.Parse(s); err == nil && core == "" {
		return true // whoever knows the person knows it
	}
	if utf8.RuneCountInString(s)-utf8.RuneCountInString(core) <= dressMax && common(core) {
		return true
	}
	if name != "" {
		s = strings.ReplaceAll(s, strings.ToLower(name), "")
	}
	for _, stem := range stems() {
		s = strings.ReplaceAll(s, stem, "")
	}
	// What only repeats or counts on (aaaa, 1234, 4321) is worth one character.
	left, before, step := 0, rune(-1), rune(0)
	seen := map[rune]bool{}
	for _, r := range s {
		if unicode.IsSpace(r) {
			continue
		}
		if d := r - before; before >= 0 && d == step && d >= -1 && d <= 1 {
			before = r
			continue
		} else {
			step = d
		}
		before = r
		left++
		seen[r] = true
	}
	return left < 6 || len(seen) < 4
}
