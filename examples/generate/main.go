// Command generate writes the example files of package examples: two workbooks of vacancies and a registry of groups.
//
// It promises the same bytes each time it runs, whatever the machine and the day: every draw comes from a fixed seed.
// It writes into the folder named by -o, examples by default, and stops at the first file that cannot be written.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("o", "examples", "folder to write to")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	all, err := files()
	if err != nil {
		return err
	}
	for name, data := range all {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// files makes every file in memory.
func files() (map[string][]byte, error) {
	first, second := seasons()
	one, err := firstWorkbook(first)
	if err != nil {
		return nil, err
	}
	two, err := secondWorkbook(second)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"batch-1.xlsx": one, "batch-2.xlsx": two, "registry.csv": registry(12)}, nil
}
