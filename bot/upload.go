package bot

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/broadcast"
	"chunfeng/store"
)

const (
	// maxPicture and maxFile are the most bytes that the server takes of a picture, and of a file without a further
	// handshake, as others reported.
	maxPicture = 20 << 20
	maxFile    = 25 << 20
	// mediaUses and mediaLife are how often and how long an uploaded content is posted before it is uploaded anew.
	mediaUses = 50
	mediaLife = time.Hour
	// uploadTimeout is the most that an upload may take. Nothing is posted by it, so it may be cut.
	uploadTimeout = 3 * time.Minute
)

// mediaShelf keeps what a session uploaded, by content. An id means nothing in another session.
type mediaShelf struct {
	mu     sync.Mutex
	byHash map[string]media
}

type media struct {
	id   string
	uses int
	at   time.Time
}

func newMediaShelf() *mediaShelf { return &mediaShelf{byHash: map[string]media{}} }

// take answers the id under which a content lies on the server, and counts its use.
func (f *mediaShelf) take(hash string) (id string, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.byHash[hash]
	if !ok || m.uses >= mediaUses || time.Since(m.at) >= mediaLife {
		delete(f.byHash, hash)
		return "", false
	}
	m.uses++
	f.byHash[hash] = m
	return m.id, true
}

func (f *mediaShelf) put(hash, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byHash[hash] = media{id, 1, time.Now()}
}

// pictureName gives a picture the ending that its bytes ask for: by the ending alone the server tells pictures from files.
func pictureName(name string, body []byte) string {
	ext := strings.TrimPrefix(http.DetectContentType(body), "image/")
	switch ext {
	case "png", "jpeg", "gif", "bmp":
	default:
		return name
	}
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if base == "" || base == "." {
		base = "picture"
	}
	return base + "." + ext
}

// upload brings a content to the server, once for many posts, and answers its id there. Whatever goes wrong, nothing was
// posted: every error of it is certain.
func (s *session) upload(ctx context.Context, userName string, m broadcast.Message) (string, error) {
	hash := m.Hash
	if hash == "" {
		hash = store.HashContent(m.Kind, m.Name, m.Body)
	}
	if id, ok := s.media.take(hash); ok {
		return id, nil
	}
	name, limit := filepath.Base(m.Name), maxFile
	if m.Kind == store.Image {
		name, limit = pictureName(m.Name, m.Body), maxPicture
	}
	if len(m.Body) == 0 || len(m.Body) > limit {
		return "", &broadcast.SendError{Reason: ReasonTooBig, Certain: true, Err: fmt.Errorf("%d bytes, at most %d and not none", len(m.Body), limit)}
	}
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	sum := md5.Sum(m.Body)
	// The library's own way takes a file of the disk, and tells the server and the residents its path.
	resp, err := s.bot.Caller.Client.WebWxUploadMediaByChunk(ctx, bytes.NewReader(m.Body), &openwechat.ClientWebWxUploadMediaByChunkOptions{
		FromUserName: s.self, ToUserName: userName, BaseRequest: s.request, LoginInfo: s.info,
		Filename: name, FileMD5: hex.EncodeToString(sum[:]), FileSize: int64(len(m.Body)), LastModifiedDate: time.Now(),
	})
	in := answerTo{err: err}
	if err == nil {
		in.status = resp.StatusCode
		in.body, in.err = readAll(resp.Body)
	}
	id, err := uploaded(in)
	if err != nil {
		return "", err
	}
	s.media.put(hash, id)
	return id, nil
}

// uploaded classes what came of an upload by the table of sends, and then takes the doubt away: nothing was posted.
func uploaded(in answerTo) (string, error) {
	if ret, ok := retOf(in.err); ok {
		// A piece was refused; the library read its answer.
		in = answerTo{status: http.StatusOK, body: fmt.Appendf(nil, `{"BaseResponse":{"Ret":%d}}`, ret)}
	}
	var w struct {
		MediaID loose `json:"MediaId"`
	}
	if in.err == nil && in.status == http.StatusOK && json.Unmarshal(in.body, &w) == nil && w.MediaID != "" {
		return string(w.MediaID), nil
	}
	_, err := classify("webwxuploadmedia", in)
	se, ok := err.(*broadcast.SendError)
	if !ok {
		se = &broadcast.SendError{Err: odd("webwxuploadmedia", "no media id")}
	}
	if !se.Certain || se.Reason == ReasonNotConnected && !errors.Is(in.err, openwechat.NetworkErr) {
		se.Reason, se.Certain, se.Temporary, se.After = ReasonUpload, true, true, time.Minute
	}
	return "", se
}
