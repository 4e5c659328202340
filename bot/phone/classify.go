package phone

// classify says what the digits gathered so far are, by themselves.
func (s *scanner) classify(r *reading) Found {
	val, n, skip := r.val, r.n, 0
	plus := s.plusBefore(s.q[0].start)
	first := int(r.size[0])
	switch {
	case n >= 12 && val/pow10[n-2] == 86 && r.sized(first, 2, 13, 12, 5, 9, 6):
		return s.chinese(r, val%pow10[n-2], n-2, 2, true)
	case n >= 14 && val/pow10[n-4] == 86 && (first >= 4):
		return s.chinese(r, val%pow10[n-4], n-4, 4, true)
	case n >= 11 && val/pow10[n-2] == 82 && (plus || first == 2 || n == 12 || n == 13):
		skip = 2
	case n >= 13 && val/pow10[n-4] == 82 && first >= 4:
		skip = 4
	case plus && n >= 10 && n <= maxDigits && val/pow10[n-2] == 82:
		skip = 2
	case plus && n >= 8 && n <= maxDigits && val/pow10[n-2] != 86 && val/pow10[n-1] != 0 && s.last(r):
		return Found{Number: number(val), Kind: Foreign, Doubt: DoubtForeign}
	}
	if skip > 0 {
		return korean(val%pow10[n-skip], n-skip)
	}
	if plus {
		return Found{}
	}
	return s.chinese(r, val, n, 0, false)
}

// sized reports whether the first group has one of the lengths.
func (r *reading) sized(first int, lengths ...int) bool {
	for _, l := range lengths {
		if first == l {
			return true
		}
	}
	return r.sep == tight
}

// last reports whether the reading cannot grow: the next group is not joined to it.
func (s *scanner) last(r *reading) bool {
	return !s.has(r.k) || s.q[r.k].sep != soft && s.q[r.k].sep != tight || r.n+s.q[r.k].n > maxDigits
}

// korean reads what follows +82, with or without the zero of the area code.
func korean(val uint64, n int) Found {
	if n > 1 && val/pow10[n-1] == 0 {
		n--
	}
	switch {
	case n == 10 && val/pow10[8] == 10:
		return Found{Number: number(82*pow10[10] + val), Kind: MobileKR}
	case digitCount(val) != n:
	case (n == 8 || n == 9) && val/pow10[n-1] == 2 && val/pow10[n-2]%10 >= 2,
		(n == 9 || n == 10) && val/pow10[n-2] >= 31 && val/pow10[n-2] <= 64 && val/pow10[n-3]%10 >= 2,
		n == 10 && val/pow10[8] == 70:
		return Found{Number: number(82*pow10[n] + val), Kind: LandlineKR}
	}
	return Found{}
}

// chinese reads a national number: Chinese, or Korean as it is dialled in Korea. The first skip digits of the
// reading were the country code of China when intl.
func (s *scanner) chinese(r *reading, val uint64, n, skip int, intl bool) Found {
	if n > 1 && val/pow10[n-1] == 1 || intl && n == 10 && val/pow10[8] == 10 {
		if intl && n == 10 && localStart(val/pow10[7]%10) {
			return Found{Number: number(86*pow10[n] + val), Kind: LandlineCN}
		}
		return s.mobile(r, val, n, skip)
	}
	if intl {
		if n > 1 && val/pow10[n-1] == 0 {
			n--
		}
		if hotline(val, n) {
			return Found{Number: number(86*pow10[10] + val), Kind: HotlineCN}
		}
		return landline(val, n)
	}
	if val/pow10[n-1] != 0 {
		if hotline(val, n) && r.k != 2 {
			return Found{Number: number(86*pow10[10] + val), Kind: HotlineCN}
		}
		if n == 7 && localStart(val/pow10[6]) && (r.shape(7) || r.shape(3, 4)) && s.last(r) && s.telephoneBefore(s.q[0].start) {
			return Found{Number: number(86*pow10[10] + LocalArea*pow10[7] + val), Kind: LandlineCN, Doubt: DoubtNoArea}
		}
		return Found{}
	}
	if n >= 10 && n <= 12 && val/pow10[n-3] == 10 {
		return s.zeroTen(r, val, n)
	}
	if (n == 9 || n == 10) && r.k == 3 && r.size[0] == 2 && val/pow10[n-2] == 2 && r.size[2] == 4 && val/pow10[n-3]%10 >= 2 ||
		(n == 10 || n == 11) && r.k == 3 && r.size[0] == 3 && r.size[2] == 4 && val/pow10[n-3] >= 31 && val/pow10[n-3] <= 64 ||
		n == 11 && r.shape(3, 4, 4) && val/pow10[8] == 70 {
		return korean(val, n)
	}
	// An area code stands apart, or nothing does.
	if area := int(r.size[0]); area == 3 || area == 4 || area == n || r.sep == tight {
		f := landline(val, n-1)
		if area < n && f.Kind != None && r.sep != tight && area != len(areaOf(f.Number)) {
			return Found{}
		}
		return f
	}
	return Found{}
}

// hotline reports 400 and 800 numbers; 400-2 and 400-3 are not given out.
func hotline(val uint64, n int) bool {
	next := val / pow10[6] % 10
	return n == 10 && (val/pow10[7] == 400 || val/pow10[7] == 800) && next != 2 && next != 3
}

func areaOf(n Number) string {
	head, _, _ := n.parts()
	return head
}

// landline reads area and local number without the zero.
func landline(val uint64, n int) Found {
	if n < 9 || digitCount(val) != n {
		return Found{}
	}
	ok := false
	switch two := val / pow10[n-2]; {
	case two == 10, two >= 20 && two <= 29 && two != 26:
		ok = n == 10 && localStart(val/pow10[7]%10)
	case two >= 31 && two <= 99 && two != 40 && two != 80:
		size := n - 3
		ok = localStart(val/pow10[size-1]%10) && (size == 7 || size == 8 && !jilinSeven(val/pow10[size]))
	}
	if !ok {
		return Found{}
	}
	return Found{Number: number(86*pow10[n] + val), Kind: LandlineCN}
}

// jilinSeven reports the areas of Jilin province whose local numbers have seven digits.
func jilinSeven(area uint64) bool { return area >= 433 && area <= 439 }

func localStart(d uint64) bool { return d >= 2 && d <= 8 }

// zeroTen decides between Beijing and Korea; the package comment gives the rule.
func (s *scanner) zeroTen(r *reading, val uint64, n int) Found {
	if n != 11 {
		if r.shape(n) && s.last(r) || r.shape(3, 3, 4) || r.shape(3, 4, 3) || r.shape(3, 4, 5) || r.shape(3, 5, 4) {
			if n == 10 {
				return Found{Kind: Unfinished, Doubt: DoubtMissing}
			}
			return Found{Kind: Unfinished, Doubt: DoubtExtra}
		}
		return Found{}
	}
	kr := Found{Number: number(82*pow10[10] + val), Kind: MobileKR}
	cn := Found{Number: number(86*pow10[10] + val), Kind: LandlineCN}
	local := val / pow10[7] % 10
	switch {
	case localStart(local) && (s.bracketed(s.q[0]) || s.beijingBefore(s.q[0].start)):
		return cn
	case r.shape(3, 4, 4) || s.q[0].script == hangul || hasHangul(s.text):
		return kr
	case local == 5 || local == 6 || local == 8:
		cn.Doubt = DoubtBeijingOrKorea
		return cn
	}
	kr.Doubt = DoubtBeijingOrKorea
	return kr
}

// mobile reads eleven digits from 1; ten or twelve are unfinished. The first skip digits of r are a country code.
func (s *scanner) mobile(r *reading, val uint64, n, skip int) Found {
	if n < 10 || n > 12 {
		return Found{}
	}
	second := val / pow10[n-2] % 10
	if second < 3 {
		return Found{}
	}
	if n != 11 {
		if skip > 0 || !assigned(val/pow10[n-3]) || s.q[0].script != plain {
			return Found{}
		}
		if n == 12 && r.shape(12) || n == 12 && r.shape(3, 4, 5) || n == 12 && r.shape(3, 5, 4) {
			return Found{Kind: Unfinished, Doubt: DoubtExtra}
		}
		if n == 10 && (r.shape(10) || r.shape(3, 4, 3) || r.shape(3, 3, 4) || r.shape(3, 7)) && s.last(r) {
			return Found{Kind: Unfinished, Doubt: DoubtMissing}
		}
		return Found{}
	}
	f := Found{Number: number(86*pow10[11] + val), Kind: MobileCN}
	if !assigned(val / pow10[8]) {
		f.Doubt = DoubtPrefix
	}
	switch r.style(skip) {
	case odd:
		f.Doubt = DoubtGrouping
	case usual:
		// Three round sums side by side add up as well: 1500 2000 300.
		if first := s.q[0]; r.k > 1 && first.n == 4 && first.val%100 == 0 {
			f.Doubt = DoubtGrouping
		}
	case never:
		return Found{}
	}
	return f
}

// assigned reports whether a network uses the first three digits: MIIT's numbering plan as libphonenumber has it.
func assigned(three uint64) bool {
	switch three {
	case 140, 141, 142, 143, 144, 146, 148, 149, 154, 160, 161, 163, 164, 168, 169, 179, 194:
		return false
	}
	return three >= 130 && three <= 199
}
