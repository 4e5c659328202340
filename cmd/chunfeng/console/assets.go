package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// contentPolicy is the one Content-Security-Policy of every page. Nothing is loaded from elsewhere, nothing inline runs
// or styles, nothing is evaluated; data: is for the marks that Pico draws into check boxes and selects.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'none'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// assetsPath is the path under which assets are served.
const assetsPath = "/assets/"

// assetFiles are the scripts, styles and pictures of the console; assets/VERSIONS says where those of others come from.
//
//go:embed assets/*.css assets/*.js assets/*.svg assets/licences.txt
var assetFiles embed.FS

// assets are the console's scripts, styles and pictures, each under a URL that changes with its content: a browser may
// keep what it has for a year, and never mixes two versions of the program.
type assets struct {
	urls   map[string]string // by name, as "console.css"
	served map[string]*asset // by path, as "/assets/0123456789abcdef/console.css"
}

// asset is one file as it goes over the wire.
type asset struct {
	mediaType string
	plain     []byte
	packed    []byte // gzip; empty where it would not be smaller
}

// newAssets reads, hashes and packs the embedded files, once a start (about 20 ms).
func newAssets() (*assets, error) {
	a := &assets{urls: map[string]string{}, served: map[string]*asset{}}
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b, err := fs.ReadFile(assetFiles, "assets/"+e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		one := &asset{plain: b}
		if one.mediaType, err = mediaType(e.Name()); err != nil {
			return nil, err
		}
		if one.packed, err = pack(b); err != nil {
			return nil, err
		}
		url := assetsPath + hex.EncodeToString(sum[:8]) + "/" + e.Name()
		a.urls[e.Name()], a.served[url] = url, one
	}
	return a, nil
}

// mediaType answers the type of a file by its ending. It asks no table of the machine's, for those differ.
func mediaType(name string) (string, error) {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8", nil
	case ".js":
		return "text/javascript; charset=utf-8", nil
	case ".svg":
		return "image/svg+xml", nil
	case ".txt":
		return "text/plain; charset=utf-8", nil
	}
	return "", fmt.Errorf("assets/%s: no type is known for this ending", name)
}

// pack answers b as gzip, or nothing where that is no smaller.
func pack(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if out.Len() >= len(b) {
		return nil, nil
	}
	return out.Bytes(), nil
}

// url answers the path of an asset by its name, for templates: {{asset "console.css"}}. A name that is not there is an
// error, so that a page with a wrong one fails in its first test and not at a reader's.
func (a *assets) url(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return u, nil
}

// ServeHTTP answers an asset, packed for those who take it so. Whatever is not exactly the path of one is not found: no
// folder is listed, and a path with another version's hash is not answered with this version's content.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	one, ok := a.served[r.URL.Path]
	if !ok {
		h.Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	body := one.plain
	h.Set("Content-Type", one.mediaType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if one.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = one.packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader who went away is nobody's trouble
	}
}

// takesGzip reports whether the client takes an answer in gzip. A client that gives it any weight but 0 does.
func takesGzip(r *http.Request) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ","), func(s string) bool {
		coding, weight, _ := strings.Cut(s, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return false
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		f, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && f > 0
	})
}
