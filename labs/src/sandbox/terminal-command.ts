import { LABEL_HOST, LABEL_SANDBOX, type Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";

/**
 * The command that opens a login shell on a host with the caller's own terminal as its standard
 * input, output and error: for the command line. The page's shells, which outlive their connection,
 * are {@link Sandbox.shellCommand}.
 * @throws DrydockError `sandbox.unknown-host`
 */
export async function terminalCommand(
  engine: Engine,
  sandbox: string,
  host: string,
): Promise<{ file: string; args: string[]; env: Record<string, string> }> {
  const filters = [`label=${LABEL_SANDBOX}=${sandbox}`, `label=${LABEL_HOST}=${host}`].flatMap((filter) => ["--filter", filter]);
  const container = (await engine.run(["ps", "-q", ...filters])).trim().split("\n")[0];
  if (!container) {
    throw new DrydockError("sandbox.unknown-host", `The sandbox has no running host ${host}`, {
      advice: "`drydock reset` makes a fresh one",
    });
  }
  const term = process.env.TERM ?? "xterm-256color";
  const args = [
    "exec",
    "-it",
    "--workdir",
    "/root",
    "--env",
    "HOME=/root",
    "--env",
    `TERM=${term}`,
    container,
    "/bin/bash",
    "-l",
  ];
  return { file: engine.command, args, env: { ...engine.env } };
}
