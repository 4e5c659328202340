package templates

import "time"

// The languages of a group: Korean, Chinese, or one message in both.
const (
	Korean  = "ko"
	Chinese = "zh"
	Both    = "both"
)

// Text is a text in both languages. Either may be empty; the other then stands for it.
type Text struct{ Ko, Zh string }

// Date is a day. The zero Date is none and is not shown.
type Date struct{ Year, Month, Day int }

// DateOf answers the day of a moment in the moment's own time zone, or none for the zero time.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	return Date{t.Year(), int(t.Month()), t.Day()}
}

// Pay is a range in yuan, put into words by the language. Where neither Min nor Max is known, a negotiable pay says so,
// and any other is shown as Text, what the workbook said; without a Text it counts as negotiable.
type Pay struct {
	Min, Max   int
	Unit       string // month, day, hour, year or piece; anything else: no unit is shown
	Negotiable bool
	Text       string
}

// Vacancy is one post, as far as residents are told of it.
type Vacancy struct {
	Code         string // what residents quote: "A017"
	Employer     Text
	Post         Text
	Headcount    int // 0: several
	Pay          Pay
	County       string // a code of package place; empty: the whole prefecture
	Place        Text
	Industry     Text
	Hours        Text
	Requirements Text
	Benefits     Text
	Until        Date // the last day; none: not said
}

// Data is what a message is about.
type Data struct {
	Bureau    Text   // who speaks; empty: the template's own words for the employment service
	Batch     string // the batch's name
	County    string // the group's county, a code of package place; empty: the whole prefecture
	Date      Date   // the day of sending; none: not shown
	Total     int    // vacancies in all; less than len(Vacancies) counts as that
	Employers int    // in all; 0: not said
	Kept      int    // days for which a sign-up is kept; 0: until the introduction is done
	Vacancies []Vacancy
}

// Person is one sign-up as it is told back to its group.
type Person struct {
	Name  string
	Phone string   // masked by the caller; what looks like a whole number is masked once more
	Codes []string // the vacancies; may be empty
}

// Limits bound what a group gets at once. The zero value is one part of MaxLength.
type Limits struct {
	Parts  int // messages, at most MaxParts; 0: one
	Length int // units a message as Length counts them, at most MaxLength; 0: MaxLength
}

// MaxParts is the most messages that one digest may take. It is politeness, not a limit of WeChat.
const MaxParts = 9

// MaxLength is the most that a message may hold. The package comment tells where the number comes from.
const MaxLength = 1000

// Part is one message.
type Part struct {
	Text   string
	Codes  []string // the vacancies told in it, in order
	Count  int      // how many of the list that was handed over are in it: vacancies or people
	Length int      // as Length counts
}
