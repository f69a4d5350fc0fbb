// Command coredns is CoreDNS with the plugins that kubeadm's Corefile names and those that an
// exam's task may add, and no others: the cloud providers' alone would make it three times as
// large.
package main

import (
	"slices"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/autopath"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/debug"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/file"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/header"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/metadata"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/minimal"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
	_ "github.com/coredns/coredns/plugin/rewrite"
	_ "github.com/coredns/coredns/plugin/root"
	_ "github.com/coredns/coredns/plugin/template"
	_ "github.com/coredns/coredns/plugin/timeouts"
	_ "github.com/coredns/coredns/plugin/transfer"
	_ "github.com/coredns/coredns/plugin/whoami"
)

// compiledIn are the directives of the plugins above.
var compiledIn = []string{"autopath", "bind", "cache", "debug", "errors", "file", "forward", "header", "health", "hosts", "kubernetes", "loadbalance",
	"log", "loop", "metadata", "minimal", "prometheus", "ready", "reload", "rewrite", "root", "template", "timeouts", "transfer", "whoami"}

func main() {
	// Upstream's order, which the chain of plugins depends on. A name without a plugin would only make
	// an error message wrong.
	dnsserver.Directives = slices.DeleteFunc(dnsserver.Directives, func(name string) bool { return !slices.Contains(compiledIn, name) })
	coremain.Run()
}
