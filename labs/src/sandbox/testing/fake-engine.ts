import type { Engine } from "../../engine/engine.ts";
import { DrydockError } from "../../errors.ts";
import type { RunResult } from "../../process.ts";

export interface FakeObject {
  kind: "container" | "network" | "volume" | "image";
  name: string;
  labels: Record<string, string>;
  /** Of a container. */
  status?: string;
}

/**
 * A container engine in memory that knows the commands by which sandboxes are found, frozen and
 * removed, and can be made to fail.
 */
export class FakeEngine implements Engine {
  readonly name = "podman";
  readonly command = "false";
  readonly env = {};
  readonly version = "0";
  objects: FakeObject[] = [];
  /** Every command fails, as with a daemon that has stopped. */
  down = false;
  /** That many removals do nothing and fail. */
  refusals = 0;
  readonly calls: string[] = [];

  async run(args: readonly string[]): Promise<string> {
    const result = await this.tryRun(args);
    if (result.exitCode !== 0) throw new DrydockError("process.failed", result.stderr);
    return result.stdout;
  }

  async tryRun(args: readonly string[]): Promise<RunResult> {
    this.calls.push(args.join(" "));
    const stdout = this.down ? undefined : this.#answer(args);
    const failed = stdout === undefined;
    return {
      exitCode: failed ? 125 : 0,
      stdout: stdout ?? "",
      stderr: failed ? "Error: refused" : "",
      timedOut: false,
      durationMs: 1,
    };
  }

  #answer(args: readonly string[]): string | undefined {
    const names = args.filter((arg) => this.objects.some(({ name }) => name === arg));
    switch (["container", "network", "volume", "image"].includes(args[0]!) ? `${args[0]} ${args[1]}` : args[0]) {
      case "ps":
        return this.#list("container", args);
      case "network ls":
        return this.#list("network", args);
      case "volume ls":
        return this.#list("volume", args);
      case "images":
        return this.#list("image", args);
      case "image inspect":
      case "container inspect":
        return JSON.stringify(this.objects.filter(({ name }) => names.includes(name)).map(inspected));
      case "pause":
        return this.#set(names, "paused");
      case "unpause":
        return this.#set(names, "running");
      case "rm":
      case "rmi":
      case "network rm":
      case "volume rm":
        if (this.refusals > 0) return void this.refusals--;
        this.objects = this.objects.filter(({ name }) => !names.includes(name));
        return "";
      default:
        return undefined;
    }
  }

  #list(kind: FakeObject["kind"], args: readonly string[]): string {
    const [key, value] = args
      .at(-1)!
      .replace(/^label=/, "")
      .split("=");
    return this.objects
      .filter((object) => object.kind === kind && key! in object.labels && (value === undefined || object.labels[key!] === value))
      .map(({ name }) => name)
      .join("\n");
  }

  #set(names: readonly string[], status: string): string {
    for (const object of this.objects) if (names.includes(object.name)) object.status = status;
    return "";
  }
}

function inspected({ name, labels, status }: FakeObject): unknown {
  return { Id: name, Name: name, RepoTags: [name], State: { Status: status ?? "running" }, Config: { Labels: labels } };
}
