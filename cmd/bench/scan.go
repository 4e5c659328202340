package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// scan is B9: reading telephone numbers out of a message against a careful regular expression with the same result. Both
// stand in the tests of bot/phone, which hold their results equal; here they are only run, in turns.
func scan(ctx context.Context, b *bench) ([]*result, error) {
	r := &result{what: "telephone numbers out of a message", unit: "ns", baseline: "a careful regular expression, the same result", target: 5, inverse: true,
		note: "A message of examples/replies.jsonl, on average. The regular expression stands beside the test that holds both to one result."}
	folder, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "chunfeng/bot/phone").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	test := filepath.Join(b.dir, "phone.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", test, "chunfeng/bot/phone").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	var theirs float64
	return []*result{r}, b.compare(ctx, r,
		func(ctx context.Context, _ int) (ours float64, err error) {
			ours, theirs, err = scanRound(ctx, strings.TrimSpace(string(folder)), test, b.size(2000, 100))
			return ours, err
		},
		func(context.Context, int) (float64, error) { return theirs, nil })
}

// scanRound runs the benchmark, which takes its two sides in turns by itself, for so many milliseconds.
func scanRound(ctx context.Context, folder, test string, ms int) (ours, theirs float64, err error) {
	cmd := exec.CommandContext(ctx, test, "-test.run", "^$", "-test.bench", "^BenchmarkScan$", "-test.benchtime", fmt.Sprintf("%dms", ms))
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("%w\n%s", err, out)
	}
	f := strings.Fields(string(out))
	for i, unit := range f {
		switch unit {
		case "scan-ns/msg":
			ours, err = strconv.ParseFloat(f[i-1], 64)
		case "regexp-ns/msg":
			theirs, err = strconv.ParseFloat(f[i-1], 64)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	if ours == 0 || theirs == 0 {
		return 0, 0, fmt.Errorf("the benchmark of bot/phone does not report both sides:\n%s", out)
	}
	return ours, theirs, nil
}
