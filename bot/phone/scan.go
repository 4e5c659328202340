package phone

// Doubt is why a reading is not certain; "" is certain. The strings are stable and lower-case, to be translated.
type Doubt string

// The doubts, by what is seen.
const (
	DoubtSplit          Doubt = "split"             // a line break or an emoji stands inside the number
	DoubtGrouping       Doubt = "grouping"          // the digits add up, but nobody groups them so
	DoubtPrefix         Doubt = "unassigned_prefix" // eleven digits from 1, but no network has this prefix
	DoubtGlued          Doubt = "glued"             // letters, or a vacancy's code, stick to the number
	DoubtTrailing       Doubt = "trailing_digits"   // one more group follows in the same style
	DoubtBeijingOrKorea Doubt = "beijing_or_korea"  // 010 and eight digits with nothing to tell which
	DoubtNoArea         Doubt = "no_area"           // a local number behind a word for telephone; LocalArea is assumed
	DoubtForeign        Doubt = "foreign"           // only the length was checked
	DoubtMissing        Doubt = "digits_missing"    // Unfinished, one digit short
	DoubtExtra          Doubt = "digits_extra"      // Unfinished, one digit too many
)

// Found is a number found in a text.
type Found struct {
	Number Number // none when Kind is Unfinished
	Kind   Kind
	// Start and End are the bytes of the text that the number covers, country code, brackets around the
	// area code and extension included. Ranges do not overlap and are in order.
	Start, End int
	Doubt      Doubt
}

// Scan finds the telephone numbers in text, in order. It allocates only for what it returns, and nothing when it
// finds nothing. Text that is not valid UTF-8 is read as far as it makes sense.
func Scan(text string) []Found {
	var found []Found
	s := scanner{text: text}
	for s.has(0) {
		if f, used := s.match(); f.Kind != None {
			found = append(found, f)
			s.drop(used)
			s.skipTo(f.End)
		} else {
			s.drop(max(used, 1))
		}
	}
	return found
}

// skipTo drops what lies before end: an extension that the number took in.
func (s *scanner) skipTo(end int) {
	for s.has(0) && s.q[0].end <= end {
		s.drop(1)
	}
}

// reading is a number in the making: the groups so far.
type reading struct {
	val  uint64
	n    int // digits
	size [queued]uint8
	k    int // groups
	sep  separator
}

// match reads the number that begins with the first group in the queue. It returns how many groups to leave
// behind: those of the number, or those of something that is certainly none, such as a card.
func (s *scanner) match() (Found, int) {
	first := &s.q[0]
	if first.n > 19 {
		return s.matchPair(first)
	}
	if first.script == hangul && first.n < 3 || first.script == hanzi && first.n < 2 && !s.tightNext() {
		return Found{}, 1
	}
	var r reading
	var short Found
	shortUsed := 0
	for k := 0; k < queued && s.has(k); k++ {
		g := &s.q[k]
		if k > 0 && g.sep == hard || r.n+g.n > 19 {
			break
		}
		r.val, r.n = r.val*pow10[g.n]+g.val, r.n+g.n
		r.size[k], r.k = uint8(g.n), k+1
		if k > 0 {
			r.sep = max(r.sep, g.sep)
		}
		if r.n < 7 {
			continue
		}
		if s.card(&r) {
			return Found{}, r.k
		}
		f := s.classify(&r)
		if f.Kind == None {
			continue
		}
		f.Start, f.End = s.open(first.start), g.end
		if f.Kind == Unfinished {
			if short.Kind == None {
				short, shortUsed = f, r.k
			}
			continue
		}
		if !s.finish(&f, &r) {
			return Found{}, r.k
		}
		return f, r.k
	}
	if short.Kind != None {
		r.k = shortUsed
		if s.finish(&short, &r) {
			return short, shortUsed
		}
		return Found{}, shortUsed
	}
	if f, ok := s.gluedCode(first); ok {
		return f, 1
	}
	return Found{}, 1
}

func (s *scanner) tightNext() bool { return s.has(1) && s.q[1].sep == tight }

// shape reports whether the reading's groups have exactly these lengths.
func (r *reading) shape(lengths ...int) bool {
	if r.k != len(lengths) {
		return false
	}
	for i, l := range lengths {
		if int(r.size[i]) != l {
			return false
		}
	}
	return true
}

type style uint8

const (
	usual style = iota
	odd
	never
)

// usualSizes are the ways in which people group a mobile, a hex digit a group.
var usualSizes = [...]uint64{0xB, 0x344, 0x38, 0x74, 0x443, 0x434, 0x335, 0x353, 0x56, 0x65, 0x3224, 0x3422, 0x32222, 0x11111111111}

// style judges how the digits after the country code are grouped.
func (r *reading) style(skip int) style {
	var code uint64
	ones := true
	for i := range r.k {
		size := int(r.size[i])
		if skip > 0 {
			cut := min(size, skip)
			skip -= cut
			if size -= cut; size == 0 {
				continue
			}
		}
		code = code<<4 | uint64(min(size, 15))
		ones = ones && size == 1
	}
	if r.sep == tight || ones {
		return usual
	}
	for _, u := range usualSizes {
		if code == u {
			return usual
		}
	}
	if r.k > 6 || r.size[0] == 1 && r.k > 2 {
		return never
	}
	return odd
}

// gluedCode finds a mobile behind a vacancy's code with nothing between: A01713844331234.
func (s *scanner) gluedCode(g *group) (Found, bool) {
	if g.script != plain || g.n < 12 || g.n > 14 || !s.codeLetterBefore(g.start) || g.end-g.start != g.n {
		return Found{}, false
	}
	val := g.val % pow10[11]
	if val/pow10[10] != 1 || !assigned(val/pow10[8]) {
		return Found{}, false
	}
	return Found{Number: number(86*pow10[11] + val), Kind: MobileCN, Start: g.end - 11, End: g.end, Doubt: DoubtGlued}, true
}

// matchPair reads two mobiles typed without a gap, the first of which it returns; the second stays in the queue.
func (s *scanner) matchPair(g *group) (Found, int) {
	if g.n != 22 || g.script != plain || g.end-g.start != g.n {
		return Found{}, 1
	}
	val := g.val / pow10[8]
	if val/pow10[10] != 1 || !assigned(val/pow10[8]) {
		return Found{}, 1
	}
	f := Found{Number: number(86*pow10[11] + val), Kind: MobileCN, Start: g.start, End: g.start + 11, Doubt: DoubtGlued}
	*g = group{start: g.start + 11, end: g.end, n: 11, script: plain, sep: soft}
	for i := g.start; i < g.end; i++ {
		g.val = g.val*10 + uint64(s.text[i]-'0')
	}
	return f, 0
}
