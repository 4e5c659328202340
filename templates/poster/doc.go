// Package poster draws what a digest says as pictures: the same templates.Data in, PNG pages out.
//
// # Promise
//
//   - Every vacancy that is handed over is on exactly one page, whole, in the caller's order, or, where Options.Pages bounds
//     the pages, the first that they hold; Page.Codes names those on it. Each page alone tells how to sign up, how to get no
//     more, and how many vacancies are not on the poster.
//   - Nothing reaches into the margin, whatever the length of a name. Korean breaks at spaces, Chinese by UAX #14; a
//     number, a telephone number with its spaces and dashes, and a code are never cut in two. Only a word that is wider
//     than the poster is cut, between two characters.
//   - A character that the fonts cannot show is refused by Draw, with the vacancy and the column that it comes from. No box is ever drawn in its place.
//   - Input in any Unicode form comes out the same. The same Data and Options give the same bytes, from any number of
//     goroutines.
//
// # How much is told
//
// As in a digest: all vacancies; then few pages, for every picture costs each group a message; then much detail. So
// benefits, then requirements, then hours are left out of every vacancy before a page is added, and each page says that
// the code alone brings the rest. A vacancy that is too tall for a page alone loses its own details first. The pages of
// a poster are filled evenly. Where the pages are bounded, as many vacancies as can be come before any detail.
//
// # What is refused
//
// A missing character; a vacancy whose post, employer and place alone are taller than a page; a number or code wider than
// its column; a URL too long for a code that a telephone can read; a language, width or height that is not possible;
// nothing to tell.
//
// # The fonts
//
// fonts/ holds two weights of Noto Sans CJK in its Simplified Chinese form, cut down to ASCII, GB2312 (6,763 Chinese
// characters), all 11,172 Hangul syllables and common symbols, under the SIL Open Font Licence 1.1 (fonts/OFL.txt).
//
// # Caveats
//
// Chinese outside GB2312 (some rare characters of personal names, traditional forms) is refused, not drawn, and so are most
// emoji. Letters are set side by side without kerning. The QR code is not tried by a reader in the tests: its bits are
// compared with what was encoded. WeChat's own limit for pictures was not found; a full page measured
// 65 to 85 KB.
package poster
