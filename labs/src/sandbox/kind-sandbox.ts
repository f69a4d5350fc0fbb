import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import type { AskHost, Observer } from "../observer/index.ts";
import type { RunResult } from "../process.ts";
import { execInContainer, installInput, mustExec } from "./exec.ts";
import { containerName } from "./names.ts";
import { type ExecOptions, type Sandbox, TOPOLOGIES, type Topology } from "./provider.ts";

/** Most bytes of a file that is read, in base64. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A {@link Sandbox} whose hosts are containers made by kind. */
export class KindSandbox implements Sandbox {
  readonly id: string;
  readonly topology: Topology;
  readonly hosts: readonly string[];
  readonly kubeconfigPath: string;
  readonly baselinePath: string;
  readonly #engine: Engine;
  readonly #observer: Observer;

  constructor({ engine, observer }: { engine: Engine; observer: Observer }, id: string, topology: Topology, folder: string) {
    this.#engine = engine;
    this.#observer = observer;
    this.id = id;
    this.topology = topology;
    this.hosts = TOPOLOGIES[topology];
    this.kubeconfigPath = join(folder, "kubeconfig");
    this.baselinePath = join(folder, "baseline.json");
  }

  async exec(host: string, argv: readonly string[], options?: ExecOptions): Promise<RunResult> {
    return execInContainer(this.#engine, this.#container(host), argv, options);
  }

  observe: AskHost = async (host, question, options) => this.#observer.askNode(this.#container(host), question, options);

  async writeFile(host: string, path: string, content: string | Uint8Array, mode = "0644"): Promise<void> {
    await mustExec(this.#engine, this.#container(host), installInput(path, mode), { input: content, timeoutMs: 60_000 });
  }

  async readFile(host: string, path: string): Promise<Uint8Array> {
    const result = await this.exec(host, ["/usr/bin/base64", "-w0", "--", path], {
      timeoutMs: 60_000,
      maxOutputBytes: MAX_FILE_BYTES,
    });
    if (result.exitCode === 0) return Buffer.from(result.stdout, "base64");
    throw new DrydockError("sandbox.no-file", `${path} on ${host} cannot be read: ${result.stderr.trim()}`, { cause: result });
  }

  shellCommand(host: string, argv: readonly string[]): { file: string; args: string[]; env: Record<string, string> } {
    const args = ["exec", "-i", this.#container(host), "/usr/local/bin/drydock-shell", ...argv];
    return { file: this.#engine.command, args, env: { ...this.#engine.env } };
  }

  #container(host: string): string {
    const name = containerName(this.id, this.topology, host);
    if (name) return name;
    throw new DrydockError("sandbox.unknown-host", `This sandbox has no host ${host}`, {
      advice: `Its hosts: ${this.hosts.join(", ")}`,
    });
  }
}
