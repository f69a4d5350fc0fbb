import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";
import type { Wishes } from "../dev/world.ts";

interface ShellSeen {
  answers: string[];
  typedBytes: number;
  flooding: boolean;
  largestFrame: number;
  acknowledged: number;
  size?: { cols: number; rows: number };
}

/** The page with a learner of its own, and what a test may ask of the pretended server. */
export class Drydock {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  wish = (wishes: Wishes) => this.page.request.post("/fake", { data: wishes });
  shells = async (): Promise<ShellSeen[]> =>
    ((await (await this.page.request.get("/fake")).json()) as { shells: ShellSeen[] }).shells;

  /**
   * Opens a task and starts it; the terminal is there and has the keyboard. Its text can be read,
   * as a screen reader does.
   */
  async start(slug = "drain-node01"): Promise<void> {
    await this.page.addInitScript(() => localStorage.setItem("drydock.screenReader", "true"));
    await this.open(slug);
    await expect(this.terminal.getByText("controlplane:~#")).toBeVisible();
  }

  /** The same, as most people see it: drawn, with nothing to read in the document. */
  async open(slug = "drain-node01"): Promise<void> {
    await this.page.goto(`/tasks/${slug}`);
    await this.page.getByRole("button", { name: "Start this task" }).click();
    await expect(this.input).toBeFocused();
  }

  get terminal() {
    return this.page.locator(".terminal.active .xterm-accessibility-tree");
  }
  get input() {
    return this.page.getByRole("textbox", { name: "Terminal controlplane", exact: true });
  }

  /** No serious violation of WCAG that axe can see, on the page as it is now. */
  async expectAccessible(): Promise<void> {
    const { violations } = await new AxeBuilder({ page: this.page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`)).toEqual([]);
  }
}

/**
 * Fails a test when the console of its page showed an error: a broken policy, a schema that does
 * not fit, a fault.
 */
export const test = base.extend<{ drydock: Drydock }>({
  drydock: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("Failed to load resource")) errors.push(message.text());
    });
    await use(new Drydock(page));
    expect(errors, "errors in the page's console").toEqual([]);
  },
});
export { expect };
