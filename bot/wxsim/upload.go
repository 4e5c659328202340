package wxsim

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
)

// Limits of uploads, from reports in public issues: nginx refuses an unchunked body above 512 KiB, pictures and films
// end at 20 MB, files above 25 MB need a signature from webwxcheckupload, and 50 MB is the end of all.
const (
	chunkSize   = 512 << 10
	pictureSize = 20 << 20
	bigFile     = 25 << 20
	fileSize    = 50 << 20
)

type uploadKey struct {
	sid, md5 string
	client   int64
}

// An upload is a file of which some chunks have come. Its bytes are not kept.
type upload struct {
	next int
	size int64
	sum  hash.Hash
}

type media struct {
	account   *Account
	epoch     int
	md5       string
	size      int64
	signature string
}

type uploadReply struct {
	BaseResponse      baseResponse
	MediaId           string
	StartPos          int64
	CDNThumbImgHeight int
	CDNThumbImgWidth  int
	EncryFileName     string
}

func (s *Sim) uploadMedia(c *call) reply {
	form, data, ok := readForm(c)
	var req struct {
		BaseRequest   baseRequest
		ClientMediaId int64
		TotalLen      int64
		FileMd5       string
		Signature     string
	}
	if !ok || json.Unmarshal([]byte(form["uploadmediarequest"]), &req) != nil {
		return answer(uploadReply{BaseResponse: baseResponse{Ret: 1}})
	}
	now := s.lock()
	defer s.mu.Unlock()
	ses, code := s.auth(c, req.BaseRequest, now)
	if code == 0 && (form["webwx_data_ticket"] != ses.data || c.cookies["webwx_data_ticket"] != ses.data) {
		ses.account.stats.cookies("file", false)
		code = 1102
	}
	if code != 0 {
		return answer(uploadReply{BaseResponse: baseResponse{Ret: code}})
	}
	a := ses.account
	if s.hit("upload.1205", a, nil, now) != nil {
		return answer(uploadReply{BaseResponse: baseResponse{Ret: 1205}})
	}
	chunks, _ := strconv.Atoi(form["chunks"])
	chunk, _ := strconv.Atoi(form["chunk"])
	if len(data) > chunkSize || s.hit("upload.502", a, nil, now) != nil {
		return page(502, "502 Bad Gateway")
	}
	limit := int64(fileSize)
	if kind := form["mediatype"]; kind == "pic" || kind == "video" {
		limit = pictureSize
		if f := s.faults["upload.limit"]; f != nil && f.covers(a, nil) {
			limit = int64(f.num("max"))
		}
	}
	if req.TotalLen > limit || req.TotalLen > bigFile && req.Signature != s.signature(a, req.FileMd5) {
		return answer(uploadReply{BaseResponse: baseResponse{Ret: -1}})
	}
	return s.chunk(a, uploadKey{ses.sid, req.FileMd5, req.ClientMediaId}, chunks, chunk, req.TotalLen, form["name"], data)
}

// chunk adds the next piece. Pieces come in order; the whole must have the length and the MD5 that were announced.
func (s *Sim) chunk(a *Account, key uploadKey, chunks, chunk int, total int64, name string, data []byte) reply {
	up := s.uploads[key]
	if up == nil || chunk == 0 {
		up = &upload{sum: md5.New()}
		s.uploads[key] = up
	}
	if chunk != up.next {
		return answer(uploadReply{BaseResponse: baseResponse{Ret: 1}})
	}
	up.next++
	up.size += int64(len(data))
	up.sum.Write(data)
	if chunks > 1 && chunk < chunks-1 {
		return answer(uploadReply{StartPos: up.size})
	}
	delete(s.uploads, key)
	sum := hex.EncodeToString(up.sum.Sum(nil))
	if up.size != total || sum != key.md5 {
		return answer(uploadReply{BaseResponse: baseResponse{Ret: 1}})
	}
	id := "@crypt_" + s.hex("media", a.id, strconv.Itoa(a.epoch), sum)[:8] + "_" + s.hex("media2", a.id, strconv.Itoa(a.epoch), sum)
	s.media[id] = &media{account: a, epoch: a.epoch, md5: sum, size: total, signature: s.signature(a, sum)}
	a.stats.Uploads++
	return answer(uploadReply{MediaId: id, StartPos: total, CDNThumbImgHeight: 100, CDNThumbImgWidth: 75, EncryFileName: name})
}

// readForm reads the multipart body: the small fields, and the part named "filename".
func readForm(c *call) (map[string]string, []byte, bool) {
	_, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, nil, false
	}
	form := map[string]string{}
	var data []byte
	found := false
	r := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return form, data, found
		}
		if err != nil {
			return nil, nil, false
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return nil, nil, false
		}
		if p.FormName() == "filename" {
			data, found = b, true
		} else {
			form[p.FormName()] = string(b)
		}
	}
}

func (s *Sim) signature(a *Account, sum string) string {
	return s.hex("signature", a.id, strconv.Itoa(a.epoch), sum)
}

func (s *Sim) checkUpload(c *call) reply {
	var req struct {
		BaseRequest baseRequest
		FileMd5     string
		FileName    string
		FileSize    int64
	}
	read := decode(c.body, &req)
	now := s.lock()
	defer s.mu.Unlock()
	ses, code := s.admit(c, read, req.BaseRequest, now)
	if code != 0 {
		return retOnly(code)
	}
	if req.FileSize > fileSize {
		return retOnly(-1)
	}
	return answer(map[string]any{"BaseResponse": baseResponse{}, "MediaId": "", "AESKey": s.hex("aes", req.FileMd5)[:32],
		"Signature": s.signature(ses.account, req.FileMd5), "EncryFileName": req.FileName})
}

// getMedia serves files that residents posted: there are none, so that it is always empty.
func (s *Sim) getMedia(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	s.checkCookies(c, s.sessions[c.cookies["wxsid"]], now)
	return reply{status: 200, header: map[string][]string{"Content-Type": {"application/octet-stream"}}}
}
