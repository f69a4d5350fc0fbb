/**
 * Every version that goes into a sandbox, in one place. Versions of Go modules are repeated in
 * `go/go.mod`, and a unit test keeps the two equal. What kubeadm expects of etcd, CoreDNS and
 * pause: `kubeadm config images list` of that version.
 */
export const PINS = {
  kubernetes: "v1.36.3",
  etcd: "v3.6.8",
  etcdImageTag: "3.6.8-0",
  coredns: "v1.14.2",
  pause: "3.10.2",
  containerd: "v2.3.4",
  cniPlugins: "v1.9.1",
  localPathProvisioner: "v0.0.30",
  kind: "v0.33.0",
  helm: "v4.2.4",
  /** The last Debian whose systemd (252) runs on cgroup v1. */
  debian: "bookworm",
  /**
   * Tags of kindest/node that will do, best first: the same minor version, so that kubectl and
   * tasks fit.
   */
  officialTags: ["v1.36.3", "v1.36.2", "v1.36.1", "v1.36.0"],
} as const;

/** Go module of each pin that is one, for the test against go.mod. */
export const PINNED_MODULES: Readonly<Record<string, string>> = {
  "k8s.io/kubernetes": PINS.kubernetes,
  "go.etcd.io/etcd/server/v3": PINS.etcd,
  "github.com/coredns/coredns": PINS.coredns,
  "github.com/containerd/containerd/v2": PINS.containerd,
  "github.com/containernetworking/plugins": PINS.cniPlugins,
  "github.com/rancher/local-path-provisioner": PINS.localPathProvisioner,
  "sigs.k8s.io/kind": PINS.kind,
  "helm.sh/helm/v4": PINS.helm,
};

/**
 * Debian packages of a host, beyond what Debian calls essential. First what kind's own base image
 * holds.
 */
export const NODE_PACKAGES = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "iptables",
  "nftables",
  "conntrack",
  "iproute2",
  "ethtool",
  "mount",
  "kmod",
  "e2fsprogs",
  "libseccomp2",
  "runc",
  "socat",
  "ca-certificates",
  "procps",
] as const;

/**
 * Debian packages that an administrator of the exam expects, and that Drydock uses, on either base.
 */
export const TOOL_PACKAGES = [
  "jq",
  "curl",
  "openssl",
  "bash-completion",
  "less",
  "openssh-server",
  "openssh-client",
  "vim",
  "nano",
  "tmux",
  "iputils-ping",
  "netcat-openbsd",
  "bind9-dnsutils",
  "psmisc",
  "busybox",
  "nftables",
  "conntrack",
  "file",
  // What tutorials and answers write before their commands, though root needs it nowhere; and what
  // a script in Python runs in.
  "sudo",
  "python3",
] as const;
