import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { readConfig } from "../labs/src/config.ts";
import { freePort } from "../labs/src/free-port.ts";

const projectDir = resolve(import.meta.dirname, "..");

/** `npm start` as a user runs it, on a port of its own and with a data directory of its own. */
export class RunningServer {
  readonly url: string;
  readonly #port: number;
  readonly #dataDir: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;

  private constructor(port: number, dataDir: string, env: Record<string, string>) {
    this.#port = port;
    this.#dataDir = dataDir;
    this.#env = env;
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * `env`: settings of the server. Its pool is empty without: it would take the processor from what
   * is tested beside it.
   */
  static async start(dataDir: string, env: Record<string, string> = {}): Promise<RunningServer> {
    const server = new RunningServer(await freePort(), dataDir, env);
    await server.launch();
    return server;
  }

  /** Starts it (again, on the same port) and waits until it answers. */
  async launch(): Promise<void> {
    const child = spawn(process.execPath, ["start.mjs"], {
      cwd: projectDir,
      env: {
        ...process.env,
        PORT: String(this.#port),
        DRYDOCK_HOME: this.#dataDir,
        DRYDOCK_CACHE: readConfig(process.env).cacheDir,
        DRYDOCK_POOL: "0",
        ...this.#env,
      },
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#child = child;
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      const answer = await fetch(`${this.url}/api/platform`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((next) => setTimeout(next, 100));
    }
    throw new Error("the server does not answer");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** As a crash: nothing of its own is put away. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /**
   * Removes the sandboxes of this data directory; the node image is every data directory's and
   * stays.
   */
  async removeSandboxes(): Promise<void> {
    const child = spawn(process.execPath, ["labs/bin/drydock.mjs", "clean", "--keep-images"], {
      cwd: projectDir,
      env: { ...process.env, DRYDOCK_HOME: this.#dataDir },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`cleaning up ended with ${code}`);
  }
}
