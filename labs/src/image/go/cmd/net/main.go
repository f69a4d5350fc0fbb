// Command drydock-net connects a node's pods: it writes the CNI configuration, routes to the other
// nodes' pods, masquerades what leaves the cluster (traffic between pods and nodes keeps its
// addresses), and enforces NetworkPolicy.
//
// It runs as a DaemonSet on the host's network, privileged, with NODE_NAME, POD_SUBNET and
// SERVICE_SUBNET in its environment. What it set up stays when it goes: the cluster's network works
// on, with the rules of that moment, until it is back. A CNI plugin (drydock-gate) announces each
// new pod, so that a policy holds from the pod's first moment. IPv4 only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "for trying it outside a pod")
	flag.Parse()
	log.SetFlags(log.Lmsgprefix)
	log.SetPrefix("drydock-net: ")
	debug.SetGCPercent(40) // it stores little and changes seldom: memory is worth more than the collector's time
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := run(ctx, *kubeconfig); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, kubeconfig string) error {
	config, err := readConfig()
	if err != nil {
		return err
	}
	if err := enableForwarding(); err != nil {
		return err
	}
	firewall, err := newFirewall(config)
	if err != nil {
		return err
	}
	watched, err := watch(ctx, kubeconfig)
	if err != nil {
		return err
	}
	newcomers, err := welcome(ctx, watched)
	if err != nil {
		return err
	}
	network := &network{config: config}
	for ctx.Err() == nil {
		pause := time.Duration(0)
		retry := func(what string, err error) {
			log.Printf("%s: %v; trying again", what, err)
			pause = time.Second
		}
		cluster, nodes := watched.snapshot()
		applied := newcomers.introduce(&cluster)
		// The network first: until its configuration is there, no pod can start.
		if err := network.apply(nodes); err != nil {
			retry("network", err)
		}
		if err := firewall.apply(ctx, nodes, cluster); err != nil {
			retry("rules", err)
		} else {
			applied()
		}
		watched.wait(ctx, pause)
	}
	return nil
}

// config is what the environment says.
type config struct {
	node       string
	podSubnets []netip.Prefix
	// The range of the Services' addresses; optional.
	serviceSubnet netip.Prefix
}

func readConfig() (config, error) {
	c := config{node: os.Getenv("NODE_NAME")}
	if c.node == "" {
		return c, errors.New("NODE_NAME is not set")
	}
	for _, text := range strings.Split(os.Getenv("POD_SUBNET"), ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return c, fmt.Errorf("POD_SUBNET: %w", err)
		}
		if prefix.Addr().Is4() {
			c.podSubnets = append(c.podSubnets, prefix.Masked())
		}
	}
	if text := os.Getenv("SERVICE_SUBNET"); text != "" {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return c, fmt.Errorf("SERVICE_SUBNET: %w", err)
		}
		c.serviceSubnet = prefix.Masked()
	}
	return c, nil
}
