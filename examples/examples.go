// Package examples holds the files that a newcomer and the demonstration begin with: two workbooks of vacancies, a
// registry of residents' groups, and a file of labelled replies.
//
// Its promise is their totals: the first workbook has 94 employers and 167 vacancies, the second 83 and 286, and the
// registry 2,971 groups over the eight counties and cities of Yanbian, shared out among twelve accounts. Townships and
// streets are the true ones of the statistical division codes of 2023. Everything else is invented: employers carry
// names made of two plain nouns, persons and telephone numbers come out of a seeded generator, and a number that
// happens to belong to somebody does so by accident. Nothing here may be posted to a real group.
//
// The workbooks are as untidy as real ones on purpose: title rows, merged cells, full-width digits, headers in two
// languages, dates both as dates and as text, a total row, a sheet that only explains. The files are written by
//
//	go run ./examples/generate
//
// which gives the same bytes each time.
package examples

import "embed"

// The names of the files in FS.
const (
	Batch1   = "batch-1.xlsx"  // manufacturing, internet-famous restaurants and cafés
	Batch2   = "batch-2.xlsx"  // broader industries
	Registry = "registry.csv"  // UTF-8 with a byte order mark, as spreadsheet programs want it
	Replies  = "replies.jsonl" // what residents write, labelled by what a person would decide
)

// The control totals of the files, as the bureau would write them on the covering letter.
const (
	Batch1Employers = 94
	Batch1Vacancies = 167
	Batch2Employers = 83
	Batch2Vacancies = 286
	Groups          = 2971
	Accounts        = 12 // a01 to a12
)

// FS holds the files, read-only.
//
//go:embed batch-1.xlsx batch-2.xlsx registry.csv replies.jsonl
var FS embed.FS
