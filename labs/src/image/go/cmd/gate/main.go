// Command drydock-gate is the last CNI plugin of a pod's network: it holds the pod back until the
// node network agent has the pod's address in its rules. It changes nothing and never fails for the
// agent's sake: when the agent is away, pods start as they would without it; only the first one
// since the node was booted is waited for.
package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"drydock/node/internal/gate"
)

// network is the part of the CNI's network configuration that is used here
// (https://www.cni.dev/docs/spec/).
type network struct {
	PrevResult json.RawMessage `json:"prevResult"`
}

type result struct {
	IPs []struct {
		Address netip.Prefix `json:"address"`
	} `json:"ips"`
}

func main() {
	switch os.Getenv("CNI_COMMAND") {
	case "VERSION":
		fmt.Println(`{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}`)
	case "ADD":
		if err := add(); err != nil {
			fmt.Printf(`{"cniVersion":"1.0.0","code":6,"msg":%q}`+"\n", err.Error())
			os.Exit(1)
		}
	}
}

func add() error {
	var conf network
	if err := json.NewDecoder(os.Stdin).Decode(&conf); err != nil {
		return fmt.Errorf("network configuration: %w", err)
	}
	var before result
	if err := json.Unmarshal(conf.PrevResult, &before); err != nil {
		return fmt.Errorf("result of the plugin before: %w", err)
	}
	gate.AwaitFirst(gate.SocketPath, gate.BootPatience)
	arguments := parseArguments(os.Getenv("CNI_ARGS"))
	for _, ip := range before.IPs {
		if ip.Address.Addr().Is4() {
			_ = gate.Announce(gate.SocketPath, gate.Newcomer{
				Namespace: arguments["K8S_POD_NAMESPACE"], Name: arguments["K8S_POD_NAME"], IP: ip.Address.Addr(),
			})
		}
	}
	_, err := os.Stdout.Write(conf.PrevResult)
	return err
}

// parseArguments reads CNI_ARGS: K=V;K=V.
func parseArguments(text string) map[string]string {
	arguments := map[string]string{}
	for _, pair := range strings.Split(text, ";") {
		key, value, _ := strings.Cut(pair, "=")
		arguments[key] = value
	}
	return arguments
}
