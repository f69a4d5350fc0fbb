/**
 * The variables by which programs are told of a proxy, in both spellings that are in use. They are
 * for what goes out from this machine (package installs, image pulls, downloads). Nodes of a
 * sandbox get none: a kubelet with a proxy asks that for its own API server, and no node ever
 * registers.
 */
const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"];
export const PROXY_VARIABLES: readonly string[] = [...NAMES, ...NAMES.map((name) => name.toLowerCase())];

/** The proxy settings in an environment, those that are set only. */
export function proxySettings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(PROXY_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** To be merged over an environment, for a program that must not know of a proxy. */
export const WITHOUT_PROXY: Readonly<Record<string, undefined>> = Object.fromEntries(
  PROXY_VARIABLES.map((name) => [name, undefined]),
);
