package signup

import "chunfeng/bot/phone"

// Intent is what a reply means.
type Intent uint8

// The intents.
const (
	Noise      Intent = iota // chatter, advertisements, system notices: nothing to do, and nothing to keep once a Review is done
	Signup                   // somebody wants a vacancy
	Withdrawal               // somebody takes a sign-up back, or wants his number erased
	OptOut                   // the group should get no more of this
	Question                 // asks for the list, for a vacancy, or something that staff must answer
)

// String returns the intent's stable name.
func (i Intent) String() string {
	switch i {
	case Signup:
		return "signup"
	case Withdrawal:
		return "withdrawal"
	case OptOut:
		return "opt_out"
	case Question:
		return "question"
	}
	return "noise"
}

// Topic is what a question is about.
type Topic uint8

// The topics.
const (
	NoTopic      Topic = iota
	TopicList          // what vacancies there are
	TopicVacancy       // the vacancies named in the reading
	TopicHow           // how or where to sign up
	TopicOther         // something that only staff can answer
)

// String returns the topic's stable name.
func (t Topic) String() string {
	switch t {
	case TopicList:
		return "list"
	case TopicVacancy:
		return "vacancy"
	case TopicHow:
		return "how"
	case TopicOther:
		return "other"
	}
	return ""
}

// Review is why a person should look at a reading; "" when it is sure. The strings are stable, to be translated.
type Review string

// The reasons.
const (
	ReviewManyNumbers  Review = "many_numbers"       // more than three people in one message
	ReviewAdvert       Review = "advertisement"      // signs of an advertisement beside signs of a sign-up
	ReviewMixed        Review = "mixed_words"        // takes back and signs up in one breath, or says what he does not want
	ReviewDoubtful     Review = "number_doubtful"    // the number may not be one, see phone.Doubt
	ReviewUnfinished   Review = "number_unfinished"  // a digit too few or too many: ask again
	ReviewUnknownCode  Review = "unknown_code"       // names a vacancy that this group was not told
	ReviewSeveral      Review = "quote_has_several"  // quotes several vacancies and names none
	ReviewAlsoAsks     Review = "also_asks"          // a sure sign-up with a question that somebody should answer
	ReviewNoNumber     Review = "no_number"          // wants to sign up and gives no number
	ReviewNoWords      Review = "no_signup_words"    // Noise: a number in talk that does not say what it is for
	ReviewTalk         Review = "code_in_talk"       // Noise: a vacancy in talk that neither asks nor takes back in words known here
	ReviewNothingTold  Review = "nothing_told"       // a sign-up in a group that was told no vacancy
	ReviewWhichUnclear Review = "withdrawal_unclear" // seems to take something back without saying what
	ReviewLong         Review = "too_long"           // too long to be read whole, and a number is in the part that was not
	ReviewMinor        Review = "minor"              // Noise: says to be under fourteen: keep nothing but the count
)

// MaxPeople is how many people one message may sign up before a person must look.
const MaxPeople = 3

// MinorAge is the age below which nothing about a person is kept without a guardian's consent (the Chinese law on
// personal information, article 31).
const MinorAge = 14

// Person is somebody who signs up or withdraws.
type Person struct {
	Name      string // as written, without blanks inside Hangul and Chinese names; "" when none was found
	Phone     phone.Number
	Vacancies []string // codes in full (A017), in the order named; none when it is not known which
}

// Reading is what a reply means.
type Reading struct {
	Intent    Intent
	People    []Person // for Signup, and for Withdrawal when a number was given
	Vacancies []string // every code that the reply means, also those of the people
	Topic     Topic    // for Question
	Erase     bool     // for Withdrawal: everything that is kept about the person, not one sign-up
	Review    Review
}

// Told is what a group was lately told.
type Told struct {
	// Vacancies of every batch that the group was told of, newest batch first, whether or not each was listed in
	// the group's own message: residents hear of the others elsewhere.
	Vacancies []ToldVacancy
}

// ToldVacancy is one vacancy of a batch that the group was told of.
type ToldVacancy struct {
	Code   string         // A017
	Names  []string       // of the employer and the post, in every language told: they are nobody's name
	Phones []phone.Number // the employer's own
	Listed bool           // the group's message listed it
}
