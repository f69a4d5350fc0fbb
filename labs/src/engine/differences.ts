import { PROXY_VARIABLES } from "../proxy.ts";

/**
 * All that docker and podman do differently for this project. Add a column here before adding an
 * `if` elsewhere.
 */
export interface Differences {
  /** Value of KIND_EXPERIMENTAL_PROVIDER (kind v0.33, pkg/cluster/provider.go). */
  kindProvider: string;
  /**
   * The variable that names kind's network (kind v0.33,
   * pkg/cluster/internal/providers/<name>/provider.go).
   */
  kindNetworkVariable: string;
  /** What keeps two networks from reaching each other, as options (`-o`) of `network create`. */
  isolation: Readonly<Record<string, string>>;
  /**
   * Options of `network create` that name the network's bridge; undefined where this version has
   * none.
   */
  bridgeNameArgs: (bridge: string, version: string) => string[] | undefined;
  /** Go template that prints the subnets of a network, one per line. */
  subnetsTemplate: string;
  /** Options of `rm` that kill at once: podman waits 10 s for a stop otherwise. */
  killArgs: readonly string[];
  /**
   * Options of `run` that keep the machine's proxy settings out of a container: a cluster inside
   * would send its own traffic there.
   */
  withoutProxyArgs: readonly string[];
  /** Go template of `info` for the number of CPUs that containers may have. */
  cpusTemplate: string;
}

export const DIFFERENCES: Readonly<Record<"docker" | "podman", Differences>> = {
  docker: {
    kindProvider: "docker",
    kindNetworkVariable: "KIND_EXPERIMENTAL_DOCKER_NETWORK",
    // Docker drops what goes from one of its bridges to another (DOCKER-ISOLATION-STAGE chains).
    isolation: {},
    bridgeNameArgs: (bridge) => ["-o", `com.docker.network.bridge.name=${bridge}`],
    subnetsTemplate: '{{range .IPAM.Config}}{{.Subnet}}{{"\\n"}}{{end}}',
    killArgs: [],
    // Docker's client adds those of its config.json ("proxies"); a variable that is given, even
    // empty, wins over them.
    withoutProxyArgs: PROXY_VARIABLES.map((name) => `--env=${name}=`),
    cpusTemplate: "{{.NCPU}}",
  },
  podman: {
    kindProvider: "podman",
    kindNetworkVariable: "KIND_EXPERIMENTAL_PODMAN_NETWORK",
    // podman-network-create(1): traffic between networks that have this option is dropped; without
    // it they are routed.
    isolation: { isolate: "true" },
    // Seen in 4.9; 4.3 and 4.4 do not have it.
    bridgeNameArgs: (bridge, version) => (isAtLeast(version, 4, 9) ? ["--interface-name", bridge] : undefined),
    subnetsTemplate: '{{range .Subnets}}{{.Subnet}}{{"\\n"}}{{end}}',
    killArgs: ["--time", "0"],
    // podman hands the variables of its own environment to every container by itself
    // (containers.conf(5), http_proxy).
    withoutProxyArgs: ["--http-proxy=false"],
    cpusTemplate: "{{.Host.CPUs}}",
  },
};

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [found = 0, foundMinor = 0] = version.split(".").map(Number);
  return found > major || (found === major && foundMinor >= minor);
}
