package phone_test

import (
	"testing"

	"chunfeng/bot/phone"
)

// TestHide masks what may be somebody's number and leaves what people look things up by.
func TestHideLeavesWhatIsLookedUp(t *testing.T) {
	const whole = "3f1a13812345678be09c77d0433251990012345678aa91b0c3d4e5f60718293a"
	for _, c := range []struct{ why, text, want string }{
		{"a mobile number", "called 13812345678 twice", "called 138****5678 twice"},
		{"an identity card", "card 222401199001011234", "card 222*************34"},
		{"a plan's hash, though digits in it look like numbers", "hash " + whole + ", 12 groups", "hash " + whole + ", 12 groups"},
		{"a hash cut short", "5fbe1234567c", "5fbe1234567c"},
		{"a number behind a hash", whole + " 13812345678", whole + " 138****5678"},
		{"a number with a few letters is no hash", "13812345678ab", phone.Hide("13812345678") + "ab"},
		{"as long as a short hash, but a number", "a13812345678", "a138******78"},
		{"sixty-four digits are no hash", "1111111111111111111111111111111111111111111111111111111111111111", "111***********************************************************11"},
		{"a hash of capitals is none of ours", "5FBE1234567C", "5FBE123**67C"},
		{"a hash inside a longer word is none", "x" + whole, ""},
		{"nothing", "", ""},
	} {
		got := phone.Hide(c.text)
		if c.want == "" && c.text != "" {
			if got == c.text {
				t.Errorf("%s: %q stays as it is", c.why, c.text)
			}
		} else if got != c.want {
			t.Errorf("%s: %q becomes %q, want %q", c.why, c.text, got, c.want)
		}
	}
	for _, c := range []struct{ why, text, want string }{
		{"a delivery of a large wave", "2026-014/1234567", "2026-014/1234567"},
		{"a group's code", "G1234567", "G1234567"},
		{"a number all the same", "+86 138 1234 5678", phone.Hide("+86 138 1234 5678")},
	} {
		if got := phone.HideNumbers(c.text); got != c.want {
			t.Errorf("%s: %q becomes %q, want %q", c.why, c.text, got, c.want)
		}
	}
}
