package templates

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"chunfeng/templates/words"
)

// How much one block may do, with the blocks that it calls, each as often as it calls them. The longest built-in one does
// 88 steps and calls two functions that make text. A batch of 286 vacancies runs a block some thousand times a language and
// county: a template at the bound still plans within seconds.
const (
	maxSteps = 2000
	maxCalls = 50
)

// maxMade is the longest text that a function takes or makes, in bytes: five times a whole message. What a run holds in its
// variables is at most maxCalls times as much.
const maxMade = 32 << 10

// textFunctions make text out of text, and could make endlessly much of it: how long it gets is bounded here, and how often
// they are called by checkBounds.
func textFunctions() template.FuncMap {
	within := func(f func(...any) string) func(...any) (string, error) {
		return func(args ...any) (string, error) {
			if size(args) > maxMade {
				return "", errTooLong
			}
			return short(f(args...))
		}
	}
	return template.FuncMap{
		"print": within(fmt.Sprint), "println": within(fmt.Sprintln), "printf": printf,
		"html": within(template.HTMLEscaper), "js": within(template.JSEscaper), "urlquery": within(template.URLQueryEscaper),
		"particle": func(word, particle string) (string, error) {
			if len(word)+len(particle) > maxMade {
				return "", errTooLong
			}
			return short(words.Particles(word + particle))
		},
	}
}

// errTooLong is what a function answers that would make too much text.
var errTooLong = fmt.Errorf("more than %d KB of text", maxMade>>10)

func short(text string) (string, error) {
	if len(text) > maxMade {
		return "", errTooLong
	}
	return text, nil
}

// size is how long arguments are as text, in bytes, a space after each. It stops counting above maxMade.
func size(args []any) (n int) {
	for _, a := range args {
		if s, ok := a.(string); ok {
			n += len(s) + 1
		} else {
			n += len(fmt.Sprint(a)) + 1 // a number, or the fields of a block as a whole
		}
		if n > maxMade {
			break
		}
	}
	return n
}

// What one verb of printf makes at most of an argument besides its text, in bytes: a complex number of the largest exponent
// and of 999 places twice; and how many bytes it makes of each of the text's: %q writes ten for \U0010ffff.
const (
	verbMost   = 4000
	verbFactor = 10
	verbExtra  = 40 // %!s(complex128=…) around what does not fit the verb
)

// printf is fmt.Sprintf within bounds: widths of three digits at most, none from an argument, and no more text than maxMade.
func printf(format string, args ...any) (string, error) {
	most, err := printfMost(format, args)
	if err != nil {
		return "", err
	}
	if most > maxMade {
		return "", errTooLong
	}
	return fmt.Sprintf(format, args...), nil
}

// printfMost is how much text printf makes at most, in bytes, told without making it.
func printfMost(format string, args []any) (int, error) {
	most, longest := len(format)+size(args)+40*len(args), 0 // what no verb takes is named at the end, with its type
	for _, a := range args {
		longest = max(longest, size([]any{a}))
	}
	for start := range len(format) {
		if format[start] != '%' {
			continue
		}
		// Every sign is counted as if a verb began there: which of those in %0%%0700A do is fmt's own affair.
		i, digits, wide, plain := start+1, 0, false, true
		for ; i < len(format) && strings.IndexByte("+-# 0123456789.[]*", format[i]) >= 0; i++ {
			if c := format[i]; c < '0' || c > '9' {
				digits, wide, plain = 0, wide || c == '.', plain && c != '#' && c != '+' && c != ' '
			} else if digits++; c != '0' {
				wide = true
			}
			if format[i] == '*' || digits > 3 {
				return 0, fmt.Errorf("printf: a width of more than three digits, or from an argument, is not allowed")
			}
		}
		switch {
		case i >= len(format) || strings.IndexByte("sdv%", format[i]) < 0 || !plain:
			most += longest*verbFactor + verbMost
		case wide:
			most += longest + 1000
		default:
			most += longest
		}
		most += verbExtra
	}
	return most, nil
}

// weight is what a run of something costs at most.
type weight struct{ steps, calls int }

func (w *weight) add(v weight) { w.steps, w.calls = w.steps+v.steps, w.calls+v.calls }

// scale weighs the blocks of one file. Both branches of a condition count.
type scale struct {
	name    string
	set     *template.Template
	makes   template.FuncMap
	weights map[string]weight
	open    map[string]bool // blocks that are being weighed: who meets one of them calls itself
}

// checkBounds refuses a template whose blocks call themselves, or do more than a message can need: sixteen lines of blocks
// that call each other four times are four thousand million runs. It runs nothing.
func checkBounds(name string, t *template.Template) error {
	s := &scale{name: name, set: t, makes: textFunctions(), weights: map[string]weight{}, open: map[string]bool{}}
	blocks := t.Templates()
	slices.SortFunc(blocks, func(a, b *template.Template) int { return strings.Compare(a.Name(), b.Name()) })
	for _, block := range blocks {
		if _, err := s.block(block.Name(), 0); err != nil {
			return err
		}
	}
	return nil
}

func (s *scale) block(name string, line int) (w weight, err error) {
	if w, ok := s.weights[name]; ok {
		return w, nil
	}
	if s.open[name] {
		return w, words.Refuse("templates.calls_itself", s.name+extension, line, name).Of(words.Settings)
	}
	t := s.set.Lookup(name)
	if t == nil || t.Tree == nil {
		return w, nil // the trial tells of a block that there is not
	}
	s.open[name] = true
	w, err = s.list(t.Root)
	delete(s.open, name)
	if err == nil && (w.steps > maxSteps || w.calls > maxCalls) {
		err = words.Refuse("templates.too_much", s.name+extension, name).Of(words.Settings)
	}
	s.weights[name] = w
	return w, err
}

func (s *scale) list(l *parse.ListNode) (w weight, err error) {
	if l == nil {
		return w, nil
	}
	for _, n := range l.Nodes {
		w.steps++
		switch n := n.(type) {
		case *parse.ActionNode:
			w.add(s.pipe(n.Pipe))
		case *parse.TemplateNode:
			w.add(s.pipe(n.Pipe))
			inner, err := s.block(n.Name, n.Line)
			if err != nil {
				return w, err
			}
			w.add(inner)
		case *parse.IfNode:
			err = s.branch(&w, &n.BranchNode)
		case *parse.WithNode:
			err = s.branch(&w, &n.BranchNode)
		case *parse.RangeNode:
			return w, words.Refuse("templates.loop", s.name+extension, n.Line).Of(words.Settings)
		}
		if err != nil {
			return w, err
		}
	}
	return w, nil
}

func (s *scale) branch(w *weight, b *parse.BranchNode) error {
	w.add(s.pipe(b.Pipe))
	for _, l := range []*parse.ListNode{b.List, b.ElseList} {
		inner, err := s.list(l)
		if err != nil {
			return err
		}
		w.add(inner)
	}
	return nil
}

func (s *scale) pipe(p *parse.PipeNode) (w weight) {
	if p == nil {
		return w
	}
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			w.steps++
			switch a := a.(type) {
			case *parse.PipeNode:
				w.add(s.pipe(a))
			case *parse.ChainNode:
				if inner, ok := a.Node.(*parse.PipeNode); ok {
					w.add(s.pipe(inner))
				}
			case *parse.IdentifierNode:
				if _, makes := s.makes[a.Ident]; makes {
					w.calls++
				}
			}
		}
	}
	return w
}
