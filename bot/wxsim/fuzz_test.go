package wxsim_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chunfeng/bot/wxsim"
)

// FuzzRequest sends whatever it likes: the server must answer, or break off, but never fall over.
func FuzzRequest(f *testing.F) {
	const mm = "/cgi-bin/mmwebwx-bin/"
	for _, s := range []struct{ host, path, query, cookie, kind, body string }{
		{"login.wx.qq.com", "/jslogin", "appid=x", "", "", ""},
		{"login.wx.qq.com", mm + "login", "uuid=x", "", "", ""},
		{"login.weixin.qq.com", "/qrcode/AAAA", "", "", "", ""},
		{"wx.qq.com", mm + "webwxnewloginpage", "ticket=x", "", "", ""},
		{"wx.qq.com", mm + "webwxinit", "", "wxuin=1; wxsid=x", "application/json", `{"BaseRequest":{"Uin":1,"Sid":"x","Skey":"","DeviceID":""}}`},
		{"wx.qq.com", mm + "webwxsync", "", "wxuin=1; wxsid=SID", "", `{"BaseRequest":{"Sid":"SID","Skey":"SKEY"},"SyncKey":{"Count":1,"List":[{"Key":2,"Val":-9}]}}`},
		{"webpush.wx.qq.com", mm + "synccheck", "sid=SID&skey=SKEY&synckey=1_2|2_3|_|x", "wxuin=1; wxsid=SID", "", ""},
		{"wx.qq.com", mm + "webwxsendmsg", "", "wxuin=1; wxsid=SID", "", `{"BaseRequest":{"Sid":"SID","Skey":"SKEY"},"Msg":{"ToUserName":"@@x"}}`},
		{"wx.qq.com", mm + "webwxgetcontact", "seq=-5&skey=SKEY", "wxuin=1; wxsid=SID", "", ""},
		{"file.wx.qq.com", mm + "webwxuploadmedia", "", "wxuin=1; wxsid=SID", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\nx\r\n--b--\r\n"},
		{"sim.local", "/_sim/say", "group=g0001&text=x", "", "POST", ""},
		{"sim.local", "/_sim/fault", "spec=send.1205:p=0.1", "", "POST", ""},
	} {
		f.Add(s.host, s.path, s.query, s.cookie, s.kind, s.body)
	}
	f.Fuzz(func(t *testing.T, host, path, query, cookie, kind, body string) {
		sim := wxsim.New(wxsim.Options{Seed: 1, AutoScan: true, ScanDelay: time.Microsecond, Hold: time.Millisecond})
		defer sim.Close()
		a := sim.AddAccount("a01", wxsim.AccountOptions{Uin: 1})
		sim.AddGroup(wxsim.GroupOptions{Name: "g", Count: 3}).Join(a, true)
		r := &raw{t: t, sim: sim, acct: a, http: &http.Client{Transport: sim.Transport(), Jar: newJar()}}
		r.login()
		real := strings.NewReplacer("SID", r.info.WxSid, "SKEY", r.info.SKey)
		method := http.MethodGet
		if body != "" || kind != "" {
			method = http.MethodPost
		}
		req, err := http.NewRequest(method, "https://wx.qq.com/", strings.NewReader(real.Replace(body)))
		if err != nil {
			return
		}
		req.URL.Host, req.URL.Path, req.URL.RawQuery = host, path, real.Replace(query)
		req.Header.Set("Cookie", real.Replace(cookie))
		req.Header.Set("Content-Type", kind)
		resp, err := sim.Transport().RoundTrip(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		// Whatever it was, the witness can still be asked.
		_ = sim.Report()
	})
}

func FuzzParseFaults(f *testing.F) {
	f.Add("send.1205:after=30,for=30m;send.cut_after:p=0.01")
	f.Add(";;:,=;send.echo:delay=1s-2s")
	f.Fuzz(func(t *testing.T, spec string) {
		list, err := wxsim.ParseFaults(spec)
		if err != nil {
			return
		}
		sim := wxsim.New(wxsim.Options{Faults: list})
		sim.Close()
	})
}

// FuzzNames checks that no name breaks the wire's form, and that what is not special stays.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"연변 & 취업", "🇨🇳🔥❤️", "<b>", `"'`, "\xff\xfe", "招工群", strings.Repeat("가", 5000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		sim := wxsim.New(wxsim.Options{Seed: 1, AutoScan: true, ScanDelay: time.Microsecond})
		defer sim.Close()
		a := sim.AddAccount("a01", wxsim.AccountOptions{})
		g := sim.AddGroup(wxsim.GroupOptions{Name: name, Members: []string{name}})
		g.Join(a, true)
		r := (&raw{t: t, sim: sim, acct: a, http: &http.Client{Transport: sim.Transport(), Jar: newJar()}}).login()
		got := r.contactsFirst[1].NickName
		bare := strings.ReplaceAll(got, `<span class="emoji emoji`, "")
		bare = strings.ReplaceAll(bare, `"></span>`, "")
		if bytes.ContainsAny([]byte(bare), "<>") {
			t.Errorf("%q is on the wire as %q", name, got)
		}
		g.Says(name, name)
		if n := len(r.sync().AddMsgList); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}
