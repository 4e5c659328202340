package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAssetsAreAsPublished holds the works of others to the sums of assets/VERSIONS, so that nobody changes one unseen.
func TestAssetsAreAsPublished(t *testing.T) {
	list, err := os.ReadFile(filepath.Join("assets", "VERSIONS"))
	if err != nil {
		t.Fatal(err)
	}
	ours := []string{"VERSIONS", "console.css", "console.js", "icon.svg", "licences.txt"}
	named := slices.Clone(ours)
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) != 5 {
			t.Errorf("VERSIONS: %q has %d fields, not name, version, file, sum and place", strings.TrimSpace(line), len(f))
			continue
		}
		b, err := os.ReadFile(filepath.Join("assets", f[2]))
		if err != nil {
			t.Error(err)
			continue
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != f[3] {
			t.Errorf("%s has the sum %s, VERSIONS says %s", f[2], got, f[3])
		}
		named = append(named, f[2])
	}
	entries, err := os.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(named, e.Name()) {
			t.Errorf("assets/%s is neither ours nor named in VERSIONS", e.Name())
		}
	}
	if len(named) != len(entries) {
		t.Errorf("%d files are named and %d are there", len(named), len(entries))
	}
}

// get asks for a path, packed or not.
func fetch(t *testing.T, a *assets, method, path, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

// TestAssetsAreServed asks for every asset as a browser does, and as a client does that takes no gzip.
func TestAssetsAreServed(t *testing.T) {
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
	for name, url := range a.urls {
		files := []string{name}
		if name == "scripts.js" {
			files = []string{"htmx.js", "htmx-sse.js", "console.js"}
		}
		var parts [][]byte
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join("assets", f))
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, b)
		}
		want := bytes.Join(parts, []byte("\n"))
		for _, accept := range []string{"gzip, deflate, br", ""} {
			res := fetch(t, a, http.MethodGet, url, accept)
			body := io.Reader(res.Body)
			if packed := res.Header.Get("Content-Encoding") == "gzip"; packed != (accept != "") {
				t.Errorf("%s for %q: packed %v", url, accept, packed)
			} else if packed {
				if body, err = gzip.NewReader(res.Body); err != nil {
					t.Fatal(err)
				}
			}
			got, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s for %q: not the file's content", url, accept)
			}
			h := res.Header
			if !strings.HasPrefix(h.Get("Content-Type"), types[filepath.Ext(name)]) || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: headers %v", url, h)
			}
		}
	}
}

// TestAssetsRefuse lists what is no asset, with the reason why one might think so.
func TestAssetsRefuse(t *testing.T) {
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	css, err := a.url("console.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		status       int
		why          string
	}{
		{http.MethodHead, css, http.StatusOK, "the one that is there"},
		{http.MethodPost, css, http.StatusMethodNotAllowed, "assets are only read"},
		{http.MethodGet, "/assets/", http.StatusNotFound, "no folder is listed"},
		{http.MethodGet, strings.TrimSuffix(css, "console.css"), http.StatusNotFound, "nor the folder of one hash"},
		{http.MethodGet, "/assets/console.css", http.StatusNotFound, "a name without its hash would be cached for a year"},
		{http.MethodGet, "/assets/0000000000000000/console.css", http.StatusNotFound, "another version's hash"},
		{http.MethodGet, css + "/", http.StatusNotFound, "a slash too many"},
		{http.MethodGet, "/assets/../assets.go", http.StatusNotFound, "a way out of the folder"},
		{http.MethodGet, strings.Replace(css, "console.css", "console.js", 1), http.StatusNotFound, "a script that comes with others"},
		{http.MethodGet, strings.Replace(css, "console.css", "VERSIONS", 1), http.StatusNotFound, "a file that is not served"},
	} {
		res := fetch(t, a, c.method, c.path, "gzip")
		if res.StatusCode != c.status {
			t.Errorf("%s %s: %d, want %d (%s)", c.method, c.path, res.StatusCode, c.status, c.why)
		}
		if cached := strings.Contains(res.Header.Get("Cache-Control"), "immutable"); cached != (c.status == http.StatusOK) {
			t.Errorf("%s %s: Cache-Control %q", c.method, c.path, res.Header.Get("Cache-Control"))
		}
	}
	if u, err := a.url("consol.css"); err == nil {
		t.Errorf("a wrong name has the URL %q", u)
	}
}

// TestAssetsGzipIsAsked reads the header as clients really send it.
func TestAssetsGzipIsAsked(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip, deflate, br": true, "GZIP": true, "br;q=1.0, gzip;q=0.5": true, "gzip; q=0.1": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "identity": false, "xgzip": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if got := takesGzip(r); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

// newer are the words that give away what Chromium 90 does not know, with the version that brought it, for each kind of file.
func newer() map[string]map[string]int {
	return map[string]map[string]int{
		".css": {":has(": 105, "@layer": 99, "@container": 105, "container-type": 105, "color-mix(": 111, "light-dark(": 123, "oklch(": 111, "oklab(": 111, "lch(": 111, "accent-color": 93,
			"dvh": 108, "svh": 108, "lvh": 108, ":user-invalid": 119, "text-wrap": 114, "@scope": 118, "inset-area": 125, "anchor-name": 125, "\n  &": 112, "{&": 112, ":modal": 105, ":popover-open": 114, "@starting-style": 117,
			"subgrid": 117, "field-sizing": 123, "translate:": 104, "rotate:": 104, "scale:": 104, "width >": 104, "width <": 104, "width>": 104, "width<": 104, "scrollbar-gutter": 94,
			"view-transition": 111, "linear(": 113, "round(": 125, "rgb(from": 119, "hwb(": 101, "inert]": 102, ":nth-child(of": 111, "scrollbar-color": 121},
		".js": {".at(": 92, "hasOwn(": 93, "structuredClone": 98, ".findLast": 97, "static {": 94, "static{": 94, "AbortSignal.": 100, ".reason": 98, ".groupBy(": 117, ".toSorted(": 110, ".toSpliced(": 110,
			".toReversed(": 110, ".with(": 110, "fromAsync": 121, "withResolvers": 119, "showPopover": 114, "togglePopover": 114, "navigation.": 102, "scheduler.": 94, ".replaceSync(": 99, "adoptedStyleSheets": 99,
			"moveBefore": 133, "startViewTransition": 111, "isWellFormed": 111, "randomUUID": 92, "canParse": 120, "checkVisibility": 105, "showPicker": 99, "setHTML": 105, "Iterator.": 122, ".inert": 102, "cause:": 93,
			"getSetCookie": 113, "URLPattern": 95,
			" in this": 91},
		".html": {"popover": 114, " inert": 102, "<search": 118, "<selectedcontent": 135, "<selectlist": 119, " fetchpriority": 102, " blocking=": 105, "shadowrootmode": 111,
			" command=": 135, " commandfor": 135, "invoketarget": 135, " writingsuggestions": 124, "<details name": 120, "hidden=\"until-found": 102,
			"closedby": 134, "image-set": 113},
	}
}

// asks are the words of the works of others that ask first whether the browser knows it, or that do no harm where it does not.
func asks() map[string]map[string]string {
	return map[string]map[string]string{
		"htmx.js": {
			".reason":             "compared with a word: undefined is none",
			"moveBefore":          "asked for, and within try",
			"startViewTransition": "asked for, and transitions are off",
			".replaceSync(":       "within try, and includeIndicatorCSS is off",
			"adoptedStyleSheets":  "likewise",
			"navigation.":         "asked for",
		},
		"pico.css": {
			":has(":        "rings of focus around joined fields, which the console has not, the width of a label, and a menu, which it has not either",
			":modal":       "the name of an animation",
			"accent-color": "otherwise the machine's own colour",
		},
	}
}

// TestAssetsAreOldEnough keeps out of every style, script and page what Chromium 90 does not know. It cannot see everything:
// a browser of that time is the real test.
func TestAssetsAreOldEnough(t *testing.T) {
	styles, _ := filepath.Glob("assets/*.css")
	scripts, _ := filepath.Glob("assets/*.js")
	templates, _ := filepath.Glob("html/*.html")
	if len(styles) < 3 || len(scripts) < 4 || len(templates) < 20 {
		t.Fatalf("only %v, %v and %v", styles, scripts, templates)
	}
	known := asks()
	for _, path := range slices.Concat(styles, scripts, templates) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Base(path)
		for word, version := range newer()[filepath.Ext(path)] {
			if !strings.Contains(string(b), word) {
				continue
			}
			if known[file][word] == "" {
				t.Errorf("%s: %q came with Chromium %d", file, word, version)
			}
			delete(known[file], word)
		}
	}
	for file, words := range known {
		for word, why := range words {
			t.Errorf("%s has no %q any more (%s)", file, word, why)
		}
	}
}

// TestGroupsAreNotRows keeps role=group out of pages: Pico lays such an element out as a row of joined buttons.
func TestGroupsAreNotRows(t *testing.T) {
	templates, err := filepath.Glob("html/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range templates {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), `role="group"`) || strings.Contains(string(b), `role="search"`) {
			t.Errorf("%s has an element of role group or search", path)
		}
	}
}

// TestAssetsAreSmall leaves a page room: its first paint may transfer 150,000 bytes, and the HTML is not counted here.
func TestAssetsAreSmall(t *testing.T) {
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	weigh := func(names ...string) (sum int) {
		for _, n := range names {
			u, err := a.url(n)
			if err != nil {
				t.Fatal(err)
			}
			sum += len(a.served[u].packed)
		}
		return sum
	}
	every := weigh("pico.css", "console.css", "scripts.js", "icon.svg")
	plots := weigh("uplot.js", "uplot.css")
	t.Logf("every page %d bytes, one with plots %d", every, every+plots)
	if every > 50_000 {
		t.Errorf("every page carries %d bytes of assets, more than 50,000", every)
	}
	if every+plots > 80_000 {
		t.Errorf("a page with plots carries %d bytes of assets, more than 80,000", every+plots)
	}
}
