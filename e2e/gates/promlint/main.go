// Command promlint reads a metrics page from standard input and prints what Prometheus' own
// linter finds, one line a problem. It exits 3 if it found any, as promtool does. It exists so that
// the check needs no Debian package: promtool calls the same library.
package main

import (
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func main() {
	problems, err := promlint.New(os.Stdin).Lint()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the metrics page does not parse:", err)
		os.Exit(1)
	}
	for _, problem := range problems {
		fmt.Println(problem.Metric, problem.Text)
	}
	if len(problems) > 0 {
		os.Exit(3)
	}
}
