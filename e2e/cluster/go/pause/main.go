// Command pause is the sandbox container of a pod on a real node: it holds the pod's namespaces and does nothing else.
// It stands in for registry.k8s.io/pause, because no registry is asked for anything.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
}
