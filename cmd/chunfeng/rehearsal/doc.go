// Package rehearsal plays a wave through before it is sent: the program's own planner, lanes, WeChat client and registrar,
// against the simulated WeChat, on virtual time. A wave of days takes seconds, and nothing reaches anybody.
//
// # What it promises
//
// Nothing of the installation is written to, and no request leaves the process: the client's transport is the simulator's
// memory. What is played is what would be sent: the same registry, batch, templates, pacing, calendar and pace memory go in,
// and the same code decides. The same stage, model and seed give the same chances; two runs may differ in what two lanes do
// at the same instant, which is why a range over many seeds is told and never one figure.
//
// A stage (Build) is a ledger made for the rehearsal. It holds groups by their codes, accounts, the batch and the calendar:
// no resident's number, name or message.
//
// # How it works
//
// Virtual time is testing/synctest, which lives inside a test only. A child process (Child) is therefore made a test binary of
// one test for as long as it plays; the parent (Run) starts one a core and reads an Outcome a seed. A child that breaks down
// loses its seeds, which is told.
//
// # What fails, and how
//
//   - The plan is refused, as it would be when the wave is queued: the refusal is the answer.
//   - The wave is not over within Horizon, or nothing goes out any more: the seed counts as not over, and what waited is told
//     as planned.
//   - A seed breaks down: the error names it, and the rehearsal as a whole fails.
//
// # Caveats
//
// Other waves that wait, and what groups had already today, are not on the stage; the forecast of "wave plan" knows the
// first. The simulator's troubles are those that people reported, with chances from this installation's own history where
// there is enough of it and assumed ones otherwise; which is which is told. WeChat itself may do anything. People are taken
// to be at work whenever broadcasts may go out, and to need a while for whatever waits for them.
package rehearsal
