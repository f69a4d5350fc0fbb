package policy

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// The cluster of these tests: namespaces and pods by their addresses. All pods but the last three
// are on node01.
const objects = `
namespaces:
- metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop, team: a}}
- metadata: {name: lab, labels: {kubernetes.io/metadata.name: lab, team: b}}
- metadata: {name: kube-system, labels: {kubernetes.io/metadata.name: kube-system}}
pods:
- {metadata: {namespace: shop, name: web, labels: {app: web}}, spec: {nodeName: node01, containers: [{ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]}, status: {podIPs: [{ip: 10.0.1.1}]}}
- {metadata: {namespace: shop, name: db, labels: {app: db, tier: data}}, spec: {nodeName: node01, containers: [{ports: [{name: http, containerPort: 9090}]}]}, status: {podIPs: [{ip: 10.0.1.2}, {ip: "fd00::2"}]}}
- {metadata: {namespace: lab, name: web, labels: {app: web}}, spec: {nodeName: node01}, status: {podIPs: [{ip: 10.0.1.3}]}}
- {metadata: {namespace: lab, name: tester, labels: {app: tester}}, spec: {nodeName: node01}, status: {podIPs: [{ip: 10.0.1.4}]}}
- {metadata: {namespace: shop, name: old, labels: {app: web}}, spec: {nodeName: node01}, status: {phase: Succeeded, podIPs: [{ip: 10.0.1.4}]}}
- {metadata: {namespace: shop, name: agent, labels: {app: web}}, spec: {nodeName: node01, hostNetwork: true}, status: {podIPs: [{ip: 192.168.0.11}]}}
- {metadata: {namespace: shop, name: starting, labels: {app: web}}, spec: {nodeName: node01}}
- {metadata: {namespace: shop, name: far, labels: {app: web}}, spec: {nodeName: node02, containers: [{ports: [{name: http, containerPort: 80}]}]}, status: {podIPs: [{ip: 10.0.2.1}]}}
- {metadata: {namespace: kube-system, name: dns, labels: {k8s-app: kube-dns}}, spec: {nodeName: node02, initContainers: [{restartPolicy: Always, ports: [{name: side, containerPort: 77}]}]}, status: {podIPs: [{ip: 10.0.2.2}]}}
- {metadata: {namespace: shop, name: host, labels: {app: db}}, spec: {nodeName: node02, hostNetwork: true}, status: {podIPs: [{ip: 192.168.0.12}]}}
`

var address = map[string]string{
	"shop/web": "10.0.1.1", "shop/db": "10.0.1.2", "lab/web": "10.0.1.3", "lab/tester": "10.0.1.4", "shop/far": "10.0.2.1", "dns": "10.0.2.2",
	"node01": "192.168.0.11", "outside": "203.0.113.7", "near-outside": "203.0.113.130",
}

func cluster(t *testing.T, policies ...string) Cluster {
	t.Helper()
	var c struct {
		Namespaces []*corev1.Namespace
		Pods       []*corev1.Pod
	}
	if err := yaml.UnmarshalStrict([]byte(objects), &c); err != nil {
		t.Fatal(err)
	}
	result := Cluster{Pods: c.Pods, Namespaces: c.Namespaces}
	for i, text := range policies {
		p := &networkingv1.NetworkPolicy{}
		p.Namespace, p.Name = "shop", string(rune('a'+i))
		if err := yaml.UnmarshalStrict([]byte(text), &p.Spec); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		result.Policies = append(result.Policies, p)
	}
	return result
}

func TestPoliciesMeanWhatTheAPISays(t *testing.T) {
	cases := []struct {
		name     string
		policies []string
		allowed  string // "source>destination:port/protocol"; tcp when not said
		denied   string
	}{
		{"no policy", nil, "outside>shop/web:80 shop/web>outside:443", ""},
		{"deny all ingress", []string{`{podSelector: {}, policyTypes: [Ingress]}`},
			"shop/web>outside:443 shop/web>lab/web:80 shop/web>shop/web:80", "outside>shop/web:80 shop/db>shop/web:80 lab/web>shop/db:80 shop/far>shop/web:1/udp"},
		{"ingress is the default type", []string{`{podSelector: {}}`}, "shop/web>outside:443", "lab/web>shop/web:80"},
		{"an empty list denies as no list does", []string{`{podSelector: {}, ingress: []}`}, "shop/web>outside:443", "lab/web>shop/web:80"},
		{"one empty rule allows all", []string{`{podSelector: {}, ingress: [{}]}`}, "lab/web>shop/web:80 outside>shop/db:53/udp", ""},
		{"an empty from is everybody", []string{`{podSelector: {}, ingress: [{from: [], ports: [{port: 80}]}]}`}, "outside>shop/web:80", "outside>shop/web:81"},
		{"egress rules imply the type", []string{`{podSelector: {}, egress: [{to: [{podSelector: {}}]}]}`},
			"shop/web>shop/far:1", "shop/web>outside:443 shop/web>lab/web:80 outside>shop/web:80"},
		{"egress only leaves ingress alone", []string{`{podSelector: {}, policyTypes: [Egress]}`}, "outside>shop/web:80 lab/web>shop/web:80", "shop/web>outside:443 shop/web>dns:53/udp"},
		{"deny both", []string{`{podSelector: {}, policyTypes: [Ingress, Egress]}`}, "lab/web>lab/tester:1", "outside>shop/web:80 shop/web>outside:80"},
		{"only the selected pods", []string{`{podSelector: {matchLabels: {app: db}}}`}, "lab/web>shop/web:80", "lab/web>shop/db:80"},
		{"match expressions", []string{`{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}`}, "lab/web>shop/web:80", "lab/web>shop/db:80"},
		{"pod selector: own namespace only", []string{`{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}`},
			"shop/web>shop/db:80 shop/far>shop/db:80", "lab/web>shop/db:80 shop/db>shop/web:80"},
		{"namespace selector: all its pods", []string{`{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}`},
			"lab/web>shop/db:80 lab/tester>shop/db:80", "shop/web>shop/db:80 dns>shop/db:80"},
		{"an empty namespace selector is every pod", []string{`{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}`},
			"lab/web>shop/db:80 dns>shop/web:80", "outside>shop/db:80 node01>shop/db:80"},
		{"both selectors in one peer: and", []string{`{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: web}}}]}]}`},
			"lab/web>shop/db:80", "lab/tester>shop/db:80 shop/web>shop/db:80"},
		{"two peers: or", []string{`{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}, {podSelector: {matchLabels: {app: web}}}]}]}`},
			"lab/web>shop/db:80 lab/tester>shop/db:80 shop/web>shop/db:80", "shop/db>shop/web:80"},
		{"a selector that matches nobody", []string{`{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: none}}}]}]}`}, "", "shop/web>shop/db:80"},
		{"ip block with except", []string{`{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}]}]}`},
			"outside>shop/web:80", "near-outside>shop/web:80 lab/web>shop/web:80"},
		{"ip block with host bits", []string{`{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 203.0.113.9/25}}]}]}`}, "shop/web>outside:80", "shop/web>near-outside:80"},
		{"ip block of IPv6 matches nothing here", []string{`{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "::/0"}}]}]}`}, "", "outside>shop/web:80"},
		{"numeric port is tcp by default", []string{`{podSelector: {}, ingress: [{ports: [{port: 80}]}]}`}, "outside>shop/web:80", "outside>shop/web:80/udp outside>shop/web:8080"},
		{"port range", []string{`{podSelector: {}, ingress: [{ports: [{port: 8000, endPort: 8010, protocol: UDP}]}]}`},
			"outside>shop/web:8000/udp outside>shop/web:8010/udp", "outside>shop/web:7999/udp outside>shop/web:8011/udp outside>shop/web:8005"},
		{"protocol without port", []string{`{podSelector: {}, ingress: [{ports: [{protocol: SCTP}]}]}`}, "outside>shop/web:9/sctp", "outside>shop/web:9 outside>shop/web:9/udp"},
		{"ingress named port: the target's number", []string{`{podSelector: {}, ingress: [{ports: [{port: http}]}]}`},
			"outside>shop/web:8080 outside>shop/db:9090", "outside>shop/web:9090 outside>shop/db:8080 outside>shop/web:53/udp"},
		{"named port of another protocol", []string{`{podSelector: {}, ingress: [{ports: [{port: dns, protocol: UDP}]}]}`}, "outside>shop/web:53/udp", "outside>shop/web:53"},
		{"unknown named port", []string{`{podSelector: {}, ingress: [{ports: [{port: nope}]}]}`}, "", "outside>shop/web:80"},
		{"egress named port: each peer's own number", []string{`{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: http}]}]}`},
			"shop/web>shop/db:9090 shop/web>shop/far:80 shop/db>shop/web:8080", "shop/web>shop/db:80 shop/web>shop/far:9090 shop/web>outside:80"},
		{"egress named port of everybody: pods only", []string{`{podSelector: {}, egress: [{ports: [{port: side}]}]}`}, "shop/web>dns:77", "shop/web>outside:77 shop/web>shop/db:77"},
		{"egress named port of a block", []string{`{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.2.0/24}}], ports: [{port: http}]}]}`}, "shop/web>shop/far:80", "shop/web>shop/db:9090"},
		{"DNS and nothing else", []string{`{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]}`},
			"shop/web>dns:53/udp shop/web>dns:53", "shop/web>dns:80 shop/web>outside:53/udp"},
		{"policies add up", []string{`{podSelector: {}}`, `{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}]}`, `{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}`},
			"outside>shop/web:80 shop/db>shop/web:22", "outside>shop/web:22 outside>shop/db:80"},
		{"both ends must agree", []string{`{podSelector: {matchLabels: {app: web}}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}`, `{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}`},
			"shop/web>shop/db:5432", "shop/web>shop/db:80"},
		{"finished pods are not selected and their address is free", []string{`{podSelector: {}}`}, "outside>lab/tester:80", ""},
		{"pods of the host's network are neither isolated nor peers", []string{`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`}, "outside>node01:80", "node01>shop/web:80"},
		{"pods of other nodes are enforced there", []string{`{podSelector: {}}`}, "outside>shop/far:80", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ruleset := Compile("node01", cluster(t, c.policies...))
			for want, flows := range map[bool]string{true: c.allowed, false: c.denied} {
				for _, flow := range strings.Fields(flows) {
					source, rest, _ := strings.Cut(flow, ">")
					destination, rest, _ := strings.Cut(rest, ":")
					number, protocol, _ := strings.Cut(rest, "/")
					if protocol == "" {
						protocol = "tcp"
					}
					port := uint16(0)
					for _, digit := range number {
						port = port*10 + uint16(digit-'0')
					}
					if got := ruleset.Allows(netip.MustParseAddr(address[source]), netip.MustParseAddr(address[destination]), protocol, port); got != want {
						t.Errorf("%s: allowed is %v", flow, got)
					}
				}
			}
		})
	}
}

func TestCompileDoesNotDependOnTheOrderOfObjects(t *testing.T) {
	one := cluster(t, `{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 1}, {port: http}]}]}`,
		`{podSelector: {}, egress: [{ports: [{port: http}]}, {to: [{podSelector: {}}]}]}`)
	other := Cluster{slices.Clone(one.Pods), slices.Clone(one.Namespaces), slices.Clone(one.Policies)}
	slices.Reverse(other.Pods)
	slices.Reverse(other.Namespaces)
	slices.Reverse(other.Policies)
	if !reflect.DeepEqual(Compile("node01", one), Compile("node01", other)) {
		t.Error("another order gives another ruleset")
	}
}
