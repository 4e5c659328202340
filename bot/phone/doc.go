// Package phone reads telephone numbers out of what people really type, and keeps them from being shown by accident.
//
// # Promise
//
// A [Number] is masked wherever it is printed, logged or marshalled; [Number.Reveal] and [Number.RevealNational] are
// the only ways to its digits, so that a reviewer finds every disclosure by searching for one word. [Scan] finds the
// numbers in a text in one pass, with the bytes that each one covers; [Parse] reads a cell or an argument that holds
// exactly one.
//
// # What is found
//
//   - Chinese mobiles: 13844331234, 138 4433 1234, +86 138-4433-1234, 0086…, １３８…, ①③⑧…, 一三八…, 幺三八….
//   - Chinese landlines: 0433-2512345, (0433) 251-2345, 010-65123456, +86 433 2512345, with an extension (转801, -801).
//   - Chinese hotlines: 400-812-3456.
//   - Korean mobiles and landlines: 010-1234-5678, +82 10 1234 5678, 공일공 일이삼사 오육칠팔, 02-312-4567.
//   - Other countries' numbers, only when written with a plus sign; their length is checked and nothing else.
//   - Mobiles with one digit too few or too many: [Unfinished], without a Number, so that a person can ask again.
//
// A number is whole groups of digits: it never begins or ends inside a longer row of digits. ID cards, bank cards,
// amounts, dates, order numbers and the like therefore do not yield one; cards that are typed in groups are recognised
// as cards first, so that no part of them is taken for a mobile.
//
// # The 010 rule
//
// 010 and eight digits is a Beijing landline and a Korean mobile. A country prefix decides. Otherwise brackets around
// the 010, or a word such as 北京, 座机 or 传真 in the twenty characters before it, make it Beijing; three groups
// (010-1234-5678) or any Hangul in the text make it Korean; what is left is Beijing when the local number begins with
// 5, 6 or 8, as nearly all of Beijing's do, and Korean otherwise, either with [DoubtBeijingOrKorea].
//
// # Caveats
//
// Nothing here knows whether a number is in use. A doubtful reading carries a [Doubt]; what to do with it is the
// caller's affair. Extensions are covered by the range of bytes but are no part of the Number. The former Korean
// mobile prefixes 011 and 016 to 019 were closed in 2021 and are not read.
package phone
