package templates

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"text/template"
	"text/template/parse"

	"chunfeng/templates/words"
)

// The names of the built-in templates.
const (
	digest      = "digest"
	list        = "list"
	vacancy     = "vacancy"
	consent     = "consent"
	acknowledge = "acknowledge"
	acknowMany  = "acknowledge-many"
	withdrawn   = "withdrawn"
	optedOut    = "opted-out"
	noneFound   = "none-found"
	askNumber   = "ask-number"
)

// The words that residents answer with, which a template must tell. They are fixed: the reader of replies knows them.
var (
	outWords      = Text{Ko: "수신거부", Zh: "退订"}
	withdrawWords = Text{Ko: "취소", Zh: "取消"}
)

// kind is what a template is for, and what it must not leave out.
type kind struct {
	list    string // "vacancy" or "person": its second kind of block
	must    Text   // words that have to stand in it
	consent bool   // it has to carry the consent notice
}

func kindOf(name string) kind {
	switch name {
	case list, vacancy:
		return kind{list: "vacancy"}
	case acknowMany:
		return kind{list: "person", consent: true}
	case acknowledge:
		return kind{consent: true}
	case consent:
		return kind{must: withdrawWords}
	case withdrawn, optedOut, noneFound, askNumber:
		return kind{}
	}
	return kind{list: "vacancy", must: outWords}
}

// isAnswer tells whether a template that lists vacancies answers a resident, and so is no digest.
func isAnswer(name string) bool { return name == list || name == vacancy }

// The samples on which templates are tried: every field has something in it.
const sampleCode, samplePhone, sampleConsent = "Z999", "138****0000", "§consent§"

func samples() (Fields, VacancyFields, PersonFields) {
	var f Fields
	var v VacancyFields
	var p PersonFields
	for _, sample := range []any{&f, &v, &p} {
		rv := reflect.ValueOf(sample).Elem()
		for i := range rv.NumField() {
			if field := rv.Field(i); field.Kind() == reflect.Int {
				field.SetInt(2)
			} else {
				field.SetString("x")
			}
		}
	}
	v.Code, p.Phone, f.Phone, f.Consent = sampleCode, samplePhone, samplePhone, sampleConsent
	return f, v, p
}

// check tries a template: its blocks are there, every field in every branch exists, nothing fails where data is missing,
// and a resident is told what must be told.
func (s *Set) check(name, text string) error {
	k := kindOf(name)
	every, err := everyBranch(name, text)
	if err != nil {
		return err
	}
	f, v, p := samples()
	for _, language := range []string{Korean, Chinese, Both} {
		type trial struct {
			block      string
			full, zero any
		}
		trials := []trial{{language, f, Fields{Part: 1, Of: 1}}}
		switch block := k.list + " " + language; k.list {
		case "vacancy":
			trials = append(trials, trial{block, v, VacancyFields{}})
		case "person":
			trials = append(trials, trial{block, p, PersonFields{}})
		}
		for _, try := range trials {
			if s.parsed[name].Lookup(try.block) == nil {
				return words.Refuse("templates.block_missing", name+extension, try.block).Of(words.Settings)
			}
			if err := execute(every, try.block, try.full, &strings.Builder{}); err != nil {
				return fault(name, err)
			}
			if err := execute(s.parsed[name], try.block, try.zero, &strings.Builder{}); err != nil {
				return fault(name, err)
			}
		}
		if err := s.checkTold(name, language, k); err != nil {
			return err
		}
	}
	return nil
}

// checkTold holds a template to what it must not leave out, on a message of a single part in which all are told: the
// barest that there is.
func (s *Set) checkTold(name, language string, k kind) error {
	_, v, p := samples()
	f := Fields{Total: 1, Told: 1, Here: 1, Part: 1, Of: 1, Example: "x", Consent: sampleConsent}
	var must []string
	var item any
	switch k.list {
	case "vacancy":
		item, must = v, []string{sampleCode}
	case "person":
		item, must = p, []string{samplePhone}
	}
	if item != nil {
		var b strings.Builder
		if err := execute(s.parsed[name], k.list+" "+language, item, &b); err != nil {
			return fault(name, err)
		}
		f.Vacancies, f.People = b.String(), b.String()
	}
	if k.consent {
		must = append(must, sampleConsent)
	}
	if name == consent {
		if err := s.checkNotice(language); err != nil {
			return err
		}
	}
	if language != Chinese {
		must = append(must, k.must.Ko)
	}
	if language != Korean {
		must = append(must, k.must.Zh)
	}
	var b strings.Builder
	if err := execute(s.parsed[name], language, f, &b); err != nil {
		return fault(name, err)
	}
	for _, m := range must {
		if strings.Contains(b.String(), m) {
			continue
		}
		missing := map[string]string{
			sampleCode: "{{.Code}}, {{.Vacancies}}", samplePhone: "{{.Phone}}, {{.People}}", sampleConsent: "{{.Consent}}",
		}[m]
		if missing == "" {
			missing = m
		}
		return words.Refuse("templates.left_out", name+extension, language, missing).Of(words.Settings)
	}
	return nil
}

// What a consent notice must say beside how to withdraw: what the number is for, in one of these words, and whose it is.
var (
	purposeWords = Text{Ko: "일자리 취업 초빙 소개 목적", Zh: "工作 就业 招聘 岗位 用途 目的"}
	keeperWords  = Text{Ko: "취업 로동 인력 일군", Zh: "就业 劳动 人社 人力"}
)

// checkNotice holds the consent notice to what the law on personal information asks of it, as far as a program can: that a
// purpose, who keeps the number and how long are in it. Whether that is true and enough is for people.
func (s *Set) checkNotice(language string) error {
	const days, bureau = 977, "§bureau§"
	var b strings.Builder
	if err := execute(s.parsed[consent], language, Fields{Part: 1, Of: 1, Kept: days, Bureau: bureau}, &b); err != nil {
		return fault(consent, err)
	}
	says := func(alike string) bool {
		for _, w := range strings.Fields(alike) {
			if strings.Contains(b.String(), w) {
				return true
			}
		}
		return false
	}
	for _, in := range []struct {
		asked           bool
		purpose, keeper string
	}{{language != Chinese, purposeWords.Ko, keeperWords.Ko}, {language != Korean, purposeWords.Zh, keeperWords.Zh}} {
		what := ""
		switch {
		case !in.asked:
			continue
		case !says(in.purpose):
			what = "templates.notice_purpose"
		case !says(in.keeper) && !says(bureau):
			what = "templates.notice_keeper"
		case !says("977"):
			what = "templates.notice_days"
		default:
			continue
		}
		return words.Refuse("templates.notice_lacks", consent+extension, language, words.T(what)).Of(words.Settings)
	}
	return nil
}

// everyBranch parses a template so that its execution walks every branch, whatever the data: a field that does not exist
// is then found now, and not on the day when its branch is first taken.
func everyBranch(name, text string) (*template.Template, error) {
	funcs := textFunctions()
	// The built-in ones stop at the first operand that decides; these look at all.
	funcs["and"] = func(operands ...any) any { return operands[len(operands)-1] }
	funcs["or"] = func(operands ...any) any { return operands[0] }
	t, err := parseFile(name, text, funcs)
	if err != nil {
		return nil, err
	}
	for _, block := range t.Templates() {
		if block.Tree != nil {
			flatten(block.Root)
		}
	}
	return t, nil
}

// flatten makes both branches of every condition run, each of them once. A with keeps its own branch, for its dot, and the
// other runs beside it. There are no loops: checkBounds has refused them, for no field is a list, and a loop over a number
// need never end.
func flatten(l *parse.ListNode) {
	if l == nil {
		return
	}
	var nodes []parse.Node
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			flatten(n.List)
			flatten(n.ElseList)
			nodes = append(nodes, always(&n.BranchNode, n.List, n.ElseList))
		case *parse.WithNode:
			flatten(n.List)
			flatten(n.ElseList)
			other := n.ElseList
			n.ElseList = nil
			nodes = append(nodes, n, always(&n.BranchNode, other))
		default:
			nodes = append(nodes, n)
		}
	}
	l.Nodes = nodes
}

// always answers a condition that runs the same nodes however it is decided: it is kept for its own fields and variables.
func always(b *parse.BranchNode, lists ...*parse.ListNode) *parse.IfNode {
	all := &parse.ListNode{NodeType: parse.NodeList, Pos: b.Pos}
	for _, l := range lists {
		if l != nil {
			all.Nodes = append(all.Nodes, l.Nodes...)
		}
	}
	return &parse.IfNode{BranchNode: parse.BranchNode{
		NodeType: parse.NodeIf, Pos: b.Pos, Line: b.Line, Pipe: b.Pipe, List: all, ElseList: all,
	}}
}

var (
	location     = regexp.MustCompile(`^template: [^:]+:(\d+)(?::\d+)?: (.*)$`)
	unknownField = regexp.MustCompile(`can't evaluate field (\S+) in type templates\.(\w+)`)
)

// fault makes a refusal of what text/template says about a template.
func fault(name string, err error) error {
	var known *words.Refusal
	if errors.As(err, &known) {
		return err
	}
	said, line := strings.ReplaceAll(err.Error(), "\n", " "), "?"
	if m := location.FindStringSubmatch(said); m != nil {
		line, said = m[1], m[2]
	}
	if m := unknownField.FindStringSubmatch(said); m != nil {
		return words.Refuse("templates.unknown_field", name+extension, line, m[1], fieldNames(m[2])).Of(words.Settings)
	}
	return words.Refuse("templates.malformed", name+extension, line, said).Of(words.Settings)
}

// fieldNames lists the fields that a block may name.
func fieldNames(typeName string) string {
	var names []string
	for _, t := range []reflect.Type{
		reflect.TypeFor[Fields](), reflect.TypeFor[VacancyFields](), reflect.TypeFor[PersonFields](),
	} {
		if t.Name() == typeName {
			for i := range t.NumField() {
				names = append(names, t.Field(i).Name)
			}
		}
	}
	return strings.Join(names, ", ")
}
