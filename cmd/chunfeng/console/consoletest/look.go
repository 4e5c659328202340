package consoletest

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1 as published (npm axe-core, axe.min.js), the checker of accessibility.
//
//go:embed axe.min.js
var axe string

// finding is one rule of axe that a page breaks.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target         []any
		HTML           string
		FailureSummary string
	}
}

// Axe checks the page as it is with axe-core, and fails the test for every finding but minor ones, which are logged.
func (p *Tab) Axe() {
	p.t.Helper()
	var found []finding
	p.Eval(axe+`; axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help,
		Nodes: v.nodes.map(n => ({Target: n.target, HTML: n.html.slice(0, 300), FailureSummary: n.failureSummary || ""}))})))`, &found)
	for _, f := range found {
		var b strings.Builder
		fmt.Fprintf(&b, "axe: %s: %s (%s)", f.Impact, f.Help, f.ID)
		for i, n := range f.Nodes {
			if i == 5 {
				fmt.Fprintf(&b, "\n  and %d more", len(f.Nodes)-i)
				break
			}
			fmt.Fprintf(&b, "\n  %v  %s\n    %s", n.Target, n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
		}
		if f.Impact != "minor" {
			p.t.Errorf("%s: %s", p.URL(), b.String())
		} else {
			p.t.Logf("%s: %s", p.URL(), b.String())
		}
	}
}

// Fits fails the test when the page scrolls sideways, and names what is too wide. Boxes that scroll by themselves may.
func (p *Tab) Fits() {
	p.t.Helper()
	var wide struct {
		By   float64
		What []string
	}
	p.Eval(`(() => {
		const room = document.documentElement.clientWidth, inBox = e => { for (let b = e.parentElement; b && b !== document.body; b = b.parentElement) if (getComputedStyle(b).overflowX !== "visible") return true; };
		return {By: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - Math.max(room, 0), What: [...document.body.querySelectorAll("*")].filter(e =>
			e.getBoundingClientRect().right > room + 1 && e.getClientRects().length && !inBox(e)).slice(0, 5).map(e => e.outerHTML.slice(0, 160))};
	})()`, &wide)
	if wide.By > 1 {
		p.t.Errorf("%s is %v pixels wider than its window: %s", p.URL(), wide.By, strings.Join(wide.What, "\n  "))
	}
}

// Whole fails the test when the page has no title, no language, not exactly one h1 and one main, or two elements of one id.
func (p *Tab) Whole() {
	p.t.Helper()
	var faults []string
	p.Eval(`(() => {
		const ids = [...document.querySelectorAll("[id]")].map(e => e.id), twice = [...new Set(ids.filter((s, i) => ids.indexOf(s) !== i))];
		return [!document.title && "no title", !document.documentElement.lang && "no language", document.querySelectorAll("h1").length !== 1 && document.querySelectorAll("h1").length + " h1",
			document.querySelectorAll("main").length !== 1 && document.querySelectorAll("main").length + " main", twice.length > 0 && "ids twice: " + twice].filter(Boolean);
	})()`, &faults)
	if len(faults) > 0 {
		p.t.Errorf("%s: %s", p.URL(), strings.Join(faults, "; "))
	}
}

// Screenshot writes a picture of the whole page, as PNG, and makes the folder where it is missing.
func (p *Tab) Screenshot(file string) {
	p.t.Helper()
	var png []byte
	p.run("take a picture", chromedp.FullScreenshot(&png, 100))
	p.write(file, png)
}

// PDF writes the page as it is printed on A4, and answers the file's bytes.
func (p *Tab) PDF(file string) []byte {
	p.t.Helper()
	var pdf []byte
	p.run("print", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
		return err
	}))
	p.write(file, pdf)
	return pdf
}

// write writes a file.
func (p *Tab) write(file string, b []byte) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// fetched is what Fetch answers.
type fetched struct {
	Status int
	Type   string
	Name   string // Content-Disposition
	Body   string // base64
}

// Fetch asks for a path with the page's own session, as a link to download does, and answers status, type, disposition
// and content. A status of 400 and above must be expected.
func (p *Tab) Fetch(path string) (status int, mediaType, disposition string, body []byte) {
	p.t.Helper()
	var f fetched
	p.Eval(fmt.Sprintf(`fetch(%s).then(async r => { const b = new Uint8Array(await r.arrayBuffer()); let s = "";
		for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.subarray(i, i + 8192));
		return {Status: r.status, Type: r.headers.get("Content-Type") || "", Name: r.headers.get("Content-Disposition") || "", Body: btoa(s)}; })`, quote(path)), &f)
	b, err := base64.StdEncoding.DecodeString(f.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return f.Status, f.Type, f.Name, b
}
