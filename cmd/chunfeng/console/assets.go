package console

// How pages use the scripts and styles. htmx is version 4, which is written anew: what is known of 1 and 2 does not hold.
// assets_browser_test.go tries each of these in a browser, under contentPolicy.
//
// In the head, in this order: icon.svg, pico.css, (uplot.css,) console.css; scripts.js and, where a page has a plot, uplot.js,
// both with defer; and
//
//	<meta name="htmx-config" content='history:"reload" includeIndicatorCSS:false defaultSettleDelay:0
//	  extensions:"sse" sse.reconnectMaxDelay:10000'>
//
// history: going back loads the page, nothing of it is kept in the browser. includeIndicatorCSS: the indicator's style is in
// console.css; htmx would make a style sheet, which needs Chromium 99. defaultSettleDelay: otherwise htmx copies style
// attributes between elements of one id, which the policy forbids and a plot has. extensions: no other may be added.
//
//	hx-get="/x" hx-post="/x"     on a link, button, form or field; triggered by click, submit (form) or change (field)
//	hx-target="#out"             where the answer goes; the element itself when there is none
//	hx-target:inherited="#out"   on a parent, for what is inside. Nothing is inherited without ":inherited"
//	hx-swap="outerHTML"          also innerHTML (default), innerMorph, outerMorph, beforeend, afterbegin, delete, none
//	hx-trigger="input changed delay:300ms"; "every 3s"; "load"; "reply from:#live". A filter ("click[ctrlKey]") is
//	                             evaluated, so the policy forbids it; so are hx-on and "js:" in hx-vals and hx-confirm
//	hx-vals="name:value other:1" values besides the form's; JSON too
//	hx-include="#filters"        fields of elsewhere. A button with hx-get takes none of its form's fields by itself
//	hx-confirm="Really?"         asks first, in a window of the browser's
//	hx-indicator="#wait"         has class htmx-request while asking; .htmx-indicator is seen then
//	hx-disable="this"            is switched off while asking (hx-disabled-elt in version 2); hx-ignore keeps htmx out
//	hx-encoding="multipart/form-data"  for files
//	hx-push-url="/log?county=延吉" the address to show; "true" for the one asked
//	hx-select="#rows"            takes only that part of the answer: a page's own handler serves both
//	hx-status:409="target:#fault" for one status (or 40x, 4xx): target, swap, select, push. Every answer but 204 and 304 is
//	                             swapped in, refusals of 4xx and 5xx as well
//	hx-sync="closest form:replace"  what to do with a second request while one runs (default: one waits)
//
// An answer may carry, before or after its main part, pieces for other places:
//
//	<hx-partial hx-target="#count" hx-swap="innerHTML">12</hx-partial>
//	<hx-partial hx-target="#row-7" hx-swap="outerHTML"><tr id="row-7">…</tr></hx-partial>
//	<p id="state" hx-swap-oob="true">…</p>            the element of that id; not for a tr, which the parser drops after a p
//
// and these headers: HX-Redirect, HX-Refresh: true, HX-Retarget, HX-Reswap, HX-Push-Url, HX-Trigger. A redirection by
// status is followed unseen and its page is swapped in whole: to send an htmx request (HX-Request: true) to the sign-in,
// answer 401, which console.js makes a new load of the page. HX-Request-Type says partial or full.
//
// Live: <div id="live" hx-sse:connect="/live" hx-swap="none">…</div>, around or beside what is live. A message without a
// name is swapped like an answer; with hx-swap="none" only its hx-partial and hx-swap-oob pieces are. A message with
// "event: reply" is an event of the element instead, for hx-trigger="reply from:#live". htmx opens the stream again after
// it ends, at 0.5 s, doubled up to reconnectMaxDelay, and says the last id in Last-Event-ID; while the window is hidden it
// is closed. The stream must answer 401 when the session ended, never a redirection, or it would be opened twice a second
// for ever. A browser keeps at most six connections to us, all windows together.
//
// A form with hx-post keeps method and action, and a link with hx-get its href, so that each works without scripts. Boosted
// links (hx-boost) are not used.

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
	urls   map[string]string // by name, as "console.css"; htmx.js, htmx-sse.js and console.js are one, "scripts.js"
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
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = fs.ReadFile(assetFiles, "assets/"+e.Name()); err != nil {
			return nil, err
		}
	}
	// htmx begins as soon as it has come, even before the scripts after it: a stream would then never be opened, and its
	// first refusal not be heard. So the three come together.
	var scripts [][]byte
	for _, name := range []string{"htmx.js", "htmx-sse.js", "console.js"} {
		scripts = append(scripts, files[name])
		delete(files, name)
	}
	files["scripts.js"] = bytes.Join(scripts, []byte("\n"))
	for name, b := range files {
		if err := a.add(name, b); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// add has a file served.
func (a *assets) add(name string, b []byte) (err error) {
	sum := sha256.Sum256(b)
	one := &asset{plain: b}
	if one.mediaType, err = mediaType(name); err != nil {
		return err
	}
	if one.packed, err = pack(b); err != nil {
		return err
	}
	url := assetsPath + hex.EncodeToString(sum[:8]) + "/" + name
	a.urls[name], a.served[url] = url, one
	return nil
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
