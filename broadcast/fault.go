package broadcast

import (
	"fmt"
	"runtime/debug"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// fault, deferred, turns a panic into a refusal: a batch that the program cannot lay out or draw is refused, and does not end the
// daemon, which would meet it again at each start. What a panic says may hold what residents wrote.
func fault(err *error) {
	if p := recover(); p != nil {
		*err = words.Refuse("cmd.internal").Because(fmt.Errorf("panic: %s\n%s", phone.Hide(fmt.Sprint(p)), debug.Stack()))
	}
}
