package poster

import (
	_ "embed"
	"strings"
	"sync"
	"text/template"
)

//go:embed files/poster.tmpl
var phraseFile string

// phrases is parsed once. A file that does not parse is a fault of the build, held by the tests.
var phrases = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("poster").Option("missingkey=error").Parse(phraseFile))
})

// phrase says a block of the file in a language, one text a line.
func phrase(block, language string, data any) ([]string, error) {
	var b strings.Builder
	if err := phrases().ExecuteTemplate(&b, block+" "+language, data); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(b.String()), "\n"), nil
}
