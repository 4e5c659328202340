package wxsim_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/url"
)

// upload sends a file in one piece and returns its media id, or what was answered instead.
func (r *raw) upload(kind string, data []byte) string {
	r.t.Helper()
	sum := md5.Sum(data)
	return r.piece(kind, data, len(data), hex.EncodeToString(sum[:]), nil)
}

// piece sends one part of a file, with further fields.
func (r *raw) piece(kind string, data []byte, total int, sum string, more map[string]string) string {
	r.t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	req, _ := json.Marshal(map[string]any{"UploadType": 2, "BaseRequest": r.base(), "ClientMediaId": 1, "TotalLen": total,
		"DataLen": total, "MediaType": 4, "FromUserName": r.self, "ToUserName": "filehelper", "FileMd5": sum})
	ticket := ""
	u, _ := url.Parse("https://file." + r.host + "/")
	for _, ck := range r.http.Jar.Cookies(u) {
		if ck.Name == "webwx_data_ticket" {
			ticket = ck.Value
		}
	}
	fields := map[string]string{"uploadmediarequest": string(req), "mediatype": kind, "name": "a", "webwx_data_ticket": ticket, "pass_ticket": r.info.PassTicket}
	maps.Copy(fields, more)
	for k, v := range fields {
		_ = w.WriteField(k, v)
	}
	f, _ := w.CreateFormFile("filename", "a")
	_, _ = f.Write(data)
	_ = w.Close()
	resp, err := r.http.Post("https://file."+r.host+"/cgi-bin/mmwebwx-bin/webwxuploadmedia?f=json", w.FormDataContentType(), &buf)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return fmt.Sprint("status ", resp.StatusCode)
	}
	var v struct {
		BaseResponse struct{ Ret int }
		MediaId      string
	}
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		r.t.Fatal(err)
	}
	if v.BaseResponse.Ret != 0 {
		return fmt.Sprint("ret ", v.BaseResponse.Ret)
	}
	return v.MediaId
}

func (r *raw) image(id string) int {
	b, err := r.call("webwxsendmsgimg", "fun=async&f=json", map[string]any{"Msg": map[string]any{
		"Type": 3, "MediaId": id, "FromUserName": r.self, "ToUserName": r.rooms[0], "LocalID": "1", "ClientMsgId": "1"}})
	var v rawSent
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return v.BaseResponse.Ret
}
