package wxsim_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/bot/wxsim"
)

// stripper takes the cookies from requests to one host.
type stripper struct {
	next http.RoundTripper
	host atomic.Value
}

func (s *stripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if h, _ := s.host.Load().(string); h != "" && r.URL.Host == h {
		r = r.Clone(r.Context())
		r.Header.Del("Cookie")
	}
	return s.next.RoundTrip(r)
}

func (c *client) upload(t *testing.T, data []byte, name string) (*openwechat.UploadResponse, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return c.bot.Caller.UploadMedia(c.bot.Context(), f, &openwechat.CallerUploadMediaOptions{
		FromUserName: c.self.UserName, ToUserName: "filehelper", BaseRequest: c.bot.Storage.Request, LoginInfo: c.bot.Storage.LoginInfo,
	})
}

func (c *client) sendImage(user, mediaID string) error {
	resp, err := c.bot.Caller.Client.WebWxSendMsgImg(c.bot.Context(), &openwechat.ClientWebWxSendMsgOptions{
		LoginInfo: c.bot.Storage.LoginInfo, BaseRequest: c.bot.Storage.Request,
		Message: openwechat.NewMediaSendMessage(openwechat.MsgTypeImage, c.self.UserName, user, mediaID),
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	p := openwechat.MessageResponseParser{Reader: resp.Body}
	return p.Err()
}

func TestImageInChunksReusedAndFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, _, gs := world(t, wxsim.Options{})
		defer sim.Close()
		c := newClient(t, clientOptions{rt: sim.Transport()})
		c.login(t)
		rooms := c.groups(t)
		big := bytes.Repeat([]byte{0x89, 'P', 'N', 'G', 1, 2, 3}, 200_000) // 1.4 MB: three chunks
		sum := md5.Sum(big)
		up, err := c.upload(t, big, "poster.png")
		if err != nil || !strings.HasPrefix(up.MediaId, "@crypt_") {
			t.Fatalf("upload: %+v %v", up, err)
		}
		if n := sim.Requests()["webwxuploadmedia"].Total; n != 3 {
			t.Errorf("%d chunks, want 3", n)
		}
		for _, r := range rooms[:2] {
			if err := c.sendImage(r.UserName, up.MediaId); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.sendImage(rooms[0].UserName, "@crypt_0_0"); err == nil {
			t.Error("an invented media id was accepted")
		}
		path := filepath.Join(t.TempDir(), "공고 1.pdf")
		if err := os.WriteFile(path, []byte("%PDF-1.4"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := c.bot.Caller.WebWxSendFile(t.Context(), f, &openwechat.CallerWebWxSendFileOptions{
			FromUserName: c.self.UserName, ToUserName: rooms[2].UserName, BaseRequest: c.bot.Storage.Request, LoginInfo: c.bot.Storage.LoginInfo,
		}); err != nil {
			t.Fatal(err)
		}
		all := sim.Arrivals()
		if len(all) != 3 {
			t.Fatalf("%d arrivals", len(all))
		}
		for i, a := range all[:2] {
			if a.Kind != "image" || a.MediaMD5 != hex.EncodeToString(sum[:]) || a.Group != gs[i].ID() {
				t.Errorf("image %d: %+v", i, a)
			}
		}
		if a := all[2]; a.Kind != "file" || a.FileName != "공고 1.pdf" || a.MediaSize != 8 || a.Group != gs[2].ID() {
			t.Errorf("file: %+v", a)
		}
	})
}

func TestBigFilesNeedASignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, _, _ := world(t, wxsim.Options{})
		defer sim.Close()
		c := newClient(t, clientOptions{rt: sim.Transport()})
		c.login(t)
		big := make([]byte, 26<<20)
		up, err := c.upload(t, big, "film.zip")
		if err != nil || up.Signature == "" {
			t.Fatalf("26 MB with webwxcheckupload: %+v %v", up, err)
		}
		for _, tt := range []struct {
			signature string
			ok        bool
		}{{"", false}, {up.Signature, true}} {
			m := openwechat.NewSendMessage(openwechat.AppMessage, "<appmsg><title>film.zip</title><type>6</type><appattach><totallen>27262976</totallen><attachid>"+
				up.MediaId+"</attachid></appattach></appmsg>", c.self.UserName, "filehelper", "")
			m.Signature = tt.signature
			if _, err := c.bot.Caller.WebWxSendAppMsg(t.Context(), m, c.bot.Storage.Request); (err == nil) != tt.ok {
				t.Errorf("with the signature %q: %v", tt.signature, err)
			}
		}
		if _, err := c.upload(t, big[:21<<20], "poster.png"); err == nil {
			t.Error("a picture of 21 MB was taken")
		}
	})
}

func TestRecall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, _, gs := world(t, wxsim.Options{})
		defer sim.Close()
		other := sim.AddAccount("a02", wxsim.AccountOptions{Nick: "가을"})
		gs[0].Join(other, true)
		c := newClient(t, clientOptions{rt: sim.Transport()})
		c.login(t)
		o := newClient(t, clientOptions{rt: sim.Transport(), handler: true})
		o.login(t)
		room := c.groups(t)[0].UserName
		sent, err := c.send(room, "잘못된 글", "1")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.bot.Caller.WebWxRevokeMsg(t.Context(), sent, c.bot.Storage.Request); err != nil {
			t.Fatal(err)
		}
		late, err := c.send(room, "늦은 글", "2")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		if err := c.bot.Caller.WebWxRevokeMsg(t.Context(), late, c.bot.Storage.Request); err == nil {
			t.Error("a recall after three minutes was taken")
		}
		all := sim.Arrivals()
		if !all[0].Recalled || all[1].Recalled {
			t.Errorf("recalled: %v %v", all[0].Recalled, all[1].Recalled)
		}
		var text, recall bool
		for _, m := range o.messages() {
			text = text || strings.HasSuffix(m.RawContent, ":<br/>잘못된 글")
			recall = recall || m.IsRecalled() && strings.Contains(m.Content, sent.MsgId)
		}
		if !text || !recall {
			t.Errorf("the other account saw the text: %v, the recall: %v", text, recall)
		}
	})
}

func TestQRCodeIsAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := wxsim.New(wxsim.Options{Seed: 3})
		defer sim.Close()
		rt := sim.Transport()
		_, body := get(t, rt, "https://login.wx.qq.com/jslogin?appid=wx782c26e4c19acffb&fun=new")
		uuid, _, ok := strings.Cut(strings.SplitN(string(body), `uuid = "`, 2)[1], `"`)
		if !ok {
			t.Fatalf("jslogin: %s", body)
		}
		resp, err := (&http.Client{Transport: rt}).Get("https://login.weixin.qq.com/qrcode/" + uuid)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		if !bytes.HasPrefix(b, []byte("\x89PNG")) {
			t.Errorf("not a PNG: %d bytes", len(b))
		}
		if code, _ := get(t, rt, "https://login.weixin.qq.com/qrcode/nonsense"); code != 404 {
			t.Errorf("a code that does not exist: %d", code)
		}
	})
}
