package signup_test

import (
	"testing"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/store"
)

// TestErasureIsHeard reads what people write who want to be forgotten, and what only sounds like it.
func TestErasureIsHeard(t *testing.T) {
	told := signup.Told{Vacancies: []signup.ToldVacancy{{Code: "A002", Listed: true}}}
	for _, c := range []struct {
		text  string
		erase bool
		why   string
	}{
		{"请删除我的所有信息", true, "everything"},
		{"把我的个人信息全部删掉", true, "everything of mine"},
		{"我的资料删了吧", true, "my data"},
		{"我要注销我的信息", true, "cancel, as accounts are"},
		{"请把本人数据清除 13904331234", true, "with the number"},
		{"내 정보를 모두 삭제해주세요", true, "everything"},
		{"제 개인정보 지워주십시오", true, "personal data"},
		{"제 기록을 다 없애주세요", true, "every record"},
		{"A002 取消", false, "one sign-up taken back"},
		{"请删除我的电话", false, "a withdrawal: the sign-up and its number"},
		{"취소", false, "a withdrawal"},
		{"群里的信息太多了，能不能少发点", false, "talk of too many messages"},
		{"手机里的照片全部删了", false, "talk of photographs"},
	} {
		r := signup.Interpret(signup.Inbound{Sort: signup.TextSort, Text: c.text}, told)
		if got := r.Intent == signup.Withdrawal && r.Erase; got != c.erase {
			t.Errorf("%q (%s) is read as %s, erase %v", c.text, c.why, r.Intent, r.Erase)
		}
	}
}

// TestErasedByReply has somebody who signed up in two batches ask in the group to be erased.
func TestErasedByReply(t *testing.T) {
	h := newHall(t, nil)
	h.says("@@1", "@a1", "A002 张三 13904331234")
	h.says("@@1", "@b2", "A002 李四 13904335678")
	asked := h.says("@@1", "@a1", "请删除我的所有个人信息")
	if asked.Intent != "withdrawal" || asked.State != store.ReplyDone || asked.Raw != nil {
		t.Errorf("%+v", asked)
	}
	for number, want := range map[string]int{"13904331234": 0, "13904335678": 1} {
		p, err := phone.Parse(number)
		if err != nil {
			t.Fatal(err)
		}
		found, err := h.s.SignupsByPhone(p)
		if err != nil || len(found) != want {
			t.Errorf("%s: %v %v, want %d", p, found, err, want)
		}
		if at, err := h.s.ErasedAt(p); err != nil || at.IsZero() != (want == 1) {
			t.Errorf("%s was erased at %v %v", p, at, err)
		}
	}
	// Nobody can have somebody else erased who has signed up in another group, or not at all.
	if r := h.says("@@1", "@c3", "请删除我的所有信息 13904339999"); r.State != store.ReplyReview {
		t.Errorf("%+v", r)
	}
}

// TestMinorIsNotKept has a child sign up: nothing but the count is kept.
func TestMinorIsNotKept(t *testing.T) {
	h := newHall(t, nil)
	for _, text := range []string{"我13岁 想报名 A002 13904331234", "저는 12살인데 A002 신청합니다 13904331234"} {
		r := h.says("@@1", "@a1", text)
		if r.State != store.ReplyNoise || r.Intent != "minor" || r.Raw != nil {
			t.Errorf("%q: %+v", text, r)
		}
	}
	p, _ := phone.Parse("13904331234")
	if found, err := h.s.SignupsByPhone(p); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}
