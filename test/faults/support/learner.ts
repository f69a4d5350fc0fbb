import { Client } from "../../../server/src/testing/client.ts";
import { eventually } from "../../../server/src/testing/test-server.ts";
import { TestWindow, type WindowOptions } from "../../../server/src/testing/window.ts";

/** Somebody with a browser of their own, who works on one task. */
export class Learner {
  client: Client;
  session = "";
  terminal = "";

  constructor(url: string) {
    this.client = new Client(url);
  }

  /** Comes to the page, starts a task and waits until it is ready. */
  static async at(url: string, scenario: string, withinMs?: number): Promise<Learner> {
    const learner = new Learner(url);
    await learner.client.get("/api/platform");
    const { status, text, body } = await learner.client.post("/api/sessions", { scenario });
    if (status !== 201) throw new Error(`${scenario} was not started: ${text}`);
    learner.session = body.id as string;
    await learner.until("ready", withinMs);
    return learner;
  }

  /** Opens a terminal on a host, and a window on it. */
  async openTerminal(host: string, options?: WindowOptions): Promise<TestWindow> {
    const { status, text, body } = await this.client.post(`/api/sessions/${this.session}/terminals`, { host });
    if (status !== 201) throw new Error(`no terminal on ${host}: ${text}`);
    this.terminal = body.id as string;
    return this.look(options);
  }

  /** A window on the terminal that was opened last. */
  look(options?: WindowOptions): Promise<TestWindow> {
    return TestWindow.open(this.client, this.session, this.terminal, options);
  }

  /** Comes back as the same learner to a server that has restarted. */
  comeBack(url: string): void {
    const { cookie } = this.client;
    this.client = new Client(url);
    this.client.cookie = cookie;
  }

  /** The session, as the page sees it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks at what it expects
  async see(): Promise<any> {
    return (await this.client.get(`/api/sessions/${this.session}`)).body;
  }

  async until(state: string, withinMs?: number): Promise<void> {
    await eventually(async () => {
      const seen = await this.see();
      if (seen.state !== state) throw new Error(`${seen.state}, not ${state}: ${JSON.stringify(seen.error)}`);
    }, withinMs);
  }

  async reset(): Promise<void> {
    const { status, text } = await this.client.post(`/api/sessions/${this.session}/reset`);
    if (status !== 202) throw new Error(`not reset: ${text}`);
  }
}
