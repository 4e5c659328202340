// Package templates turns what is to be told into the texts that residents read: Data in, text out.
//
// # Promise
//
//   - A part holds at most Limits.Length units as Length counts them; a vacancy is never cut in two; the vacancies told are
//     told in the caller's order, and Part.Codes names exactly those.
//   - A template that does not parse, names a field that does not exist, or leaves out what a resident must be told (the
//     vacancies, the way out, the consent notice) is refused by Load with its file and line. It stops the queueing,
//     never the send.
//   - Data is text, never template: braces in a company's name come out as braces. Control and direction characters are
//     dropped, and a field is one line.
//   - A telephone number is never repeated in full, whatever the caller hands over as a name or a number.
//   - The same Set, Data and Limits give the same bytes. A Set never changes and may be used by many goroutines at once.
//
// # For authors of templates
//
// The built-in files are files/*.tmpl, in the syntax of Go's text/template. A file of the same name in the data folder's
// templates/ takes the place of the built-in one; a file of another name is a further digest. Each file defines the blocks
// "ko", "zh" and "both"; those that list vacancies also "vacancy ko", "vacancy zh" and "vacancy both", and those that list
// people "person ko" and so on. Fields, VacancyFields and PersonFields are all that a block may name: strings and whole
// numbers, already in the block's language; there is nothing to loop over, so range is refused. {{particle .Name "이(가)"}} puts a Korean particle behind a word.
//
// # How much is told
//
// A digest prefers, in this order: all vacancies told; few messages, for every message costs each group a place in the
// day's limit; much detail. So benefits, then requirements, then hours are left out of every vacancy before a vacancy is
// left out or a message is added, and a resident gets them by answering with the code. What does not fit even so is
// counted, and the message says how to ask for it.
//
// # Length
//
// WeChat publishes no limit for messages between persons, and how its server counts was not found: users report texts of
// more than 10,000 characters that arrived (zhayujie/CowAgent#1064), others a cut at 2,013 in the same thread, and the
// newer official bot interface cuts at 2,000 characters (NousResearch/hermes-agent#16411). MaxLength stays at half of the
// lowest. Length counts UTF-16 units, the stricter of the two ways of counting characters (an emoji is two). Official
// accounts and WeCom count 2,048 bytes of UTF-8, where Chinese and Korean take three each: to send the same texts there,
// set Limits.Length to 680.
//
// # Caveats
//
// A text that exists in one language only is shown in that language in all three. The consent notice's version covers its
// words, not the number of days put into it.
package templates
