package store

import (
	"time"

	"chunfeng/bot/phone"
)

// BatchState is a batch's place in its life.
type BatchState string

// The states of a batch.
const (
	BatchDraft    BatchState = "draft"    // read and checked; may be previewed and planned
	BatchApproved BatchState = "approved" // immutable; may be sent
)

// Batch is one imported workbook of curated vacancies, with the control totals that it had when it was read.
type Batch struct {
	ID         string     `cbor:"1,keyasint" json:"id"` // one or two letters, also the prefix of its vacancies' codes: "A"
	Name       string     `cbor:"2,keyasint" json:"name"`
	FileName   string     `cbor:"3,keyasint,omitempty" json:"file_name,omitempty"`
	FileHash   string     `cbor:"4,keyasint" json:"file_hash"` // SHA-256 of the file, in hex: the same file twice is one batch
	Employers  int        `cbor:"5,keyasint" json:"employers"`
	Vacancies  int        `cbor:"6,keyasint" json:"vacancies"`
	State      BatchState `cbor:"7,keyasint" json:"state"`
	CreatedAt  time.Time  `cbor:"8,keyasint" json:"created_at"`
	CreatedBy  string     `cbor:"9,keyasint,omitempty" json:"created_by,omitempty"`
	ApprovedAt time.Time  `cbor:"10,keyasint,omitzero" json:"approved_at,omitzero"`
	ApprovedBy string     `cbor:"11,keyasint,omitempty" json:"approved_by,omitempty"`
}

// VacancyState is a vacancy's place in its life.
type VacancyState string

// The states of a vacancy. Only open ones are told.
const (
	VacancyOpen      VacancyState = "open"
	VacancyFilled    VacancyState = "filled"
	VacancyExpired   VacancyState = "expired"
	VacancyWithdrawn VacancyState = "withdrawn"
)

// Both is a text in Chinese and in Korean; either may be empty when the workbook has only the other.
type Both struct {
	Zh string `cbor:"1,keyasint,omitempty" json:"zh,omitempty"`
	Ko string `cbor:"2,keyasint,omitempty" json:"ko,omitempty"`
}

// In answers the text in a language ("ko" or "zh"), or the other one where that is missing.
func (b Both) In(lang string) string {
	if lang == "ko" && b.Ko != "" || b.Zh == "" {
		return b.Ko
	}
	return b.Zh
}

// PayUnit is the time that a pay is for.
type PayUnit string

// The units of pay that workbooks use.
const (
	PayMonth PayUnit = "month"
	PayDay   PayUnit = "day"
	PayHour  PayUnit = "hour"
	PayYear  PayUnit = "year"
	PayPiece PayUnit = "piece"
)

// Pay is a range in yuan. Min and Max are 0 where it is negotiable or not a number; Text is what the workbook said.
type Pay struct {
	Min        int     `cbor:"1,keyasint,omitempty" json:"min,omitempty"`
	Max        int     `cbor:"2,keyasint,omitempty" json:"max,omitempty"`
	Unit       PayUnit `cbor:"3,keyasint,omitempty" json:"unit,omitempty"`
	Negotiable bool    `cbor:"4,keyasint,omitempty" json:"negotiable,omitempty"`
	Text       string  `cbor:"5,keyasint,omitempty" json:"text,omitempty"`
}

// Vacancy is one post in a batch.
type Vacancy struct {
	Code         string         `cbor:"1,keyasint" json:"code"` // what residents quote: "A017"
	Batch        string         `cbor:"2,keyasint" json:"batch"`
	Sheet        string         `cbor:"3,keyasint,omitempty" json:"sheet,omitempty"`
	Row          int            `cbor:"4,keyasint,omitempty" json:"row,omitempty"` // in the sheet, from 1
	Employer     Both           `cbor:"5,keyasint" json:"employer"`
	Post         Both           `cbor:"6,keyasint" json:"post"`
	Headcount    int            `cbor:"7,keyasint,omitempty" json:"headcount,omitempty"` // 0: not said ("several")
	Pay          Pay            `cbor:"8,keyasint" json:"pay"`
	County       string         `cbor:"9,keyasint,omitempty" json:"county,omitempty"` // a code of the prefecture's table: "yanji"; empty: the whole prefecture
	Place        Both           `cbor:"10,keyasint,omitzero" json:"place,omitzero"`
	Industry     Both           `cbor:"11,keyasint,omitzero" json:"industry,omitzero"`
	Hours        Both           `cbor:"12,keyasint,omitzero" json:"hours,omitzero"`
	Requirements Both           `cbor:"13,keyasint,omitzero" json:"requirements,omitzero"`
	Benefits     Both           `cbor:"14,keyasint,omitzero" json:"benefits,omitzero"`
	Contact      string         `cbor:"15,keyasint,omitempty" json:"contact,omitempty"`
	Phones       []phone.Number `cbor:"-" json:"phones,omitempty"` // the employer's own numbers, sealed at rest
	Tags         []string       `cbor:"17,keyasint,omitempty" json:"tags,omitempty"`
	Expires      time.Time      `cbor:"18,keyasint,omitzero" json:"expires,omitzero"` // the end of its last day; zero: none said
	State        VacancyState   `cbor:"19,keyasint" json:"state"`
	StateWhy     string         `cbor:"20,keyasint,omitempty" json:"state_why,omitempty"`
	Sealed       []byte         `cbor:"16,keyasint,omitempty" json:"-"` // Phones, sealed; the store's own
}

// OpenAt tells whether the vacancy may still be told at a moment.
func (v Vacancy) OpenAt(t time.Time) bool {
	return v.State == VacancyOpen && (v.Expires.IsZero() || t.Before(v.Expires))
}
