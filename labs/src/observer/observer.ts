import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { ensureObserver, OBSERVER_PROGRAM, observerName, removeObserver } from "./container.ts";
import type { Answer, Ask, AskOptions, Question } from "./questions.ts";
import { Session } from "./session.ts";

/** A connection that nobody has used for so long is ended; the next question makes another. */
const IDLE_MS = 60_000;

/** A node as the observer knows it. */
interface Node {
  pid: number;
  container: string;
}

/**
 * Sees sandboxes from outside, by a program in a container of its own (image/go/cmd/observer). One
 * connection serves all questions of this process, so that none of them costs the start of a
 * program. Both the container and the connection are made when they are first needed, and again
 * when they are lost.
 */
export class Observer {
  readonly #engine: Engine;
  readonly #config: Pick<Config, "installation" | "dataDir">;
  readonly #image: () => Promise<string>;
  readonly #nodes = new Map<string, Promise<Node>>();
  #session: Session | undefined;
  #idle: NodeJS.Timeout | undefined;
  #underWay = 0;

  /** @param image reference of the image that the observer's program is in */
  constructor(engine: Engine, config: Pick<Config, "installation" | "dataDir">, image: () => Promise<string>) {
    this.#engine = engine;
    this.#config = config;
    this.#image = image;
  }

  /**
   * Sees to it that the observer runs, so that the first question need not wait for that.
   * @throws DrydockError `observer.start`
   */
  async start(): Promise<void> {
    await ensureObserver(this.#engine, this.#config, await this.#image());
  }

  /**
   * Asks about a node, by the name of its container.
   * @throws DrydockError `sandbox.lost` when the container does not run, `observer.missing` when
   * there is nothing at a path, `observer.start`, `observer.lost`, `observer.late`,
   * `observer.failed`
   */
  async askNode<A extends Ask>(container: string, question: Question<A>, options?: AskOptions): Promise<Answer<A>> {
    const ask = async () => this.ask({ ...question, node: await this.#locate(container) }, options);
    const answer = ask().catch((error: unknown) => {
      if (!(error instanceof DrydockError) || error.code !== "observer.gone") throw error;
      // The container was started anew since.
      this.#nodes.delete(container);
      return ask();
    });
    return (await answer) as Answer<A>;
  }

  /** Asks what concerns no one node. @throws as {@link askNode} */
  async ask(question: object, options?: AskOptions): Promise<unknown> {
    this.#underWay += 1;
    clearTimeout(this.#idle);
    try {
      this.#session ??= this.#open();
      return await this.#session.ask(question, options).catch(async (error: unknown) => {
        if (!(error instanceof DrydockError) || error.code !== "observer.lost") throw error;
        await this.start();
        this.#session ??= this.#open();
        return this.#session.ask(question, options);
      });
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    }
  }

  /** Ends the connection; the observer's container stays. */
  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  /** Ends the connection and removes the container, with all that it has recorded. */
  async remove(): Promise<void> {
    this.close();
    await removeObserver(this.#engine, this.#config.installation);
  }

  #open(): Session {
    const { command: file, env } = this.#engine;
    const args = ["exec", "-i", observerName(this.#config.installation), OBSERVER_PROGRAM, "session"];
    const session: Session = new Session({ file, args, env: { ...env } }, () => {
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }

  #locate(container: string): Promise<Node> {
    const known = this.#nodes.get(container) ?? this.#inspect(container);
    this.#nodes.set(container, known);
    known.catch(() => this.#nodes.delete(container));
    return known;
  }

  async #inspect(container: string): Promise<Node> {
    const found = await this.#engine.tryRun(["container", "inspect", "--format", "{{.State.Pid}} {{.Id}}", container]);
    const [pid = "0", id = ""] = found.stdout.trim().split(" ");
    if (found.exitCode === 0 && Number(pid) > 1) return { pid: Number(pid), container: id };
    throw new DrydockError("sandbox.lost", `${container} is no longer running`, { advice: "Start a new sandbox" });
  }
}
