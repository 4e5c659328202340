// Package intake reads what the staff really have: workbooks of vacancies and registries of groups, as .xlsx or .csv.
//
// # Promise
//
// A file is read whole or refused whole, and reading changes nothing. A row that cannot be a vacancy is a [Fault] with
// its sheet, row and column; every row's faults are told, not the first only. What could be read but looks odd is a
// [Doubt] and does not stop anything. What is not read at all (a hidden row, a sheet without a header, a column that
// nobody knows, an example, a note) is named among the doubts, so that nothing is lost in silence; only blank rows,
// titles that span the table, total rows, repeated headers and the report that Mark adds are passed over without a word.
// The same bytes give the same Result, but for dates without a year, which depend on Options.Now.
//
// [BatchForm] makes the workbook to begin with, and [Mark] hands a workbook back with its faults in their places.
//
// # What is understood
//
// Which headers are known is in [Headers] and [GroupHeaders], in three languages and in any order, with title rows
// above them, over one row or two. Pay, dates, head counts and bilingual cells are read as people write them; what the
// cell said is kept in Pay.Text. An empty employer cell takes the employer above it, with that employer's place and
// telephone, because merged cells look so once they are read; an empty row in between ends that.
//
// # Failure cases
//
// No workbook, an old .xls, a password, another program's format, a zip bomb, more than [MaxRows] rows, no header with
// employer and post, nothing below the header: each is a *words.Refusal that says what to do.
//
// # Caveats
//
// Cells that are hidden are not published: a hidden sheet, row or filtered-out row is left out and named. A formula
// counts with the value that was last saved with it. A CSV file in an encoding other than UTF-8, UTF-16 or GB18030 is
// not recognised by its bytes, and is refused because its header makes no sense. Old Korean Windows files (CP949) are
// such. The year of "3月31日" is the one that brings it nearest to Options.Now. Pay is kept in whole yuan.
package intake
