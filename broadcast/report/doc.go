// Package report writes what the ledger holds in the forms in which people take it away.
//
// # Promise
//
// A table is written row by row: a million rows take no more memory than one, but for a workbook, whose rows wait in a
// temporary file. What strangers wrote stays text: a cell that a spreadsheet program would take for a formula gets an
// apostrophe before it, in CSV and in a workbook alike, because workbooks are saved as CSV.
//
// # Failure cases
//
// An error while rows are read or written ends the table; what was written until then is no whole file, and whoever sends
// it on must say so by breaking off.
//
// # Caveats
//
// Every cell is text, numbers too: a spreadsheet program does not round a long number that it takes for text.
package report
