import { expect, test, type Page } from "@playwright/test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunningServer } from "../running-server.ts";

/**
 * A cluster is made with these on two busy cores; what is waited for comes much earlier as a rule.
 */
const CLUSTER_MS = 180_000;
const COMMAND_MS = 90_000;

let dataDir: string;
let server: RunningServer;

test.beforeAll(async () => {
  test.setTimeout(CLUSTER_MS);
  dataDir = await mkdtemp(join(tmpdir(), "drydock-e2e-"));
  server = await RunningServer.start(dataDir);
});

test.afterAll(async () => {
  test.setTimeout(CLUSTER_MS);
  await server.stop();
  await server.removeSandboxes();
  await rm(dataDir, { recursive: true, force: true });
});

const screen = (page: Page) => page.locator(".terminal.active .xterm-accessibility");

async function type(page: Page, command: string): Promise<void> {
  await page.getByRole("textbox", { name: "Terminal controlplane", exact: true }).focus();
  await page.keyboard.type(`${command}\r`);
}

async function check(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByRole("button", { name: "Checking" })).toHaveCount(0, { timeout: COMMAND_MS });
}

/** The number that a shell printed after a word of ours: `PID=4711`. */
async function printedNumber(page: Page, name: string, timeout = COMMAND_MS): Promise<string> {
  let found: string | undefined;
  await expect(async () => {
    found = [...(await screen(page).innerText()).matchAll(new RegExp(`${name}=(\\d+)`, "g"))].at(-1)?.[1];
    expect(found).toBeDefined();
  }).toPass({ timeout });
  return found!;
}

test("a learner drains node01 in the browser, is graded, comes back, survives a crash of the server, and starts afresh", async ({
  page,
}) => {
  test.setTimeout(600_000);
  // The terminal's text is on a canvas; the mode for screen readers puts it where a test can read
  // it too.
  await page.addInitScript(() => localStorage.setItem("drydock.screenReader", "true"));

  await test.step("picks the task in the catalogue and starts it", async () => {
    await page.goto(server.url);
    await page
      .getByRole("link", { name: /node01/ })
      .first()
      .click();
    await expect(page.getByText("is to be taken down for maintenance")).toBeVisible();
    await page.getByRole("button", { name: "Start this task" }).click();
    await expect(screen(page).getByText("controlplane:~#").first()).toBeVisible({ timeout: CLUSTER_MS });
  });

  await test.step("sees the check fail, with expected and found", async () => {
    await check(page);
    await expect(page.getByText("Not solved yet").first()).toBeVisible();
    await expect(page.getByText("node01 is not marked unschedulable")).toBeVisible();
  });

  await test.step("solves it by typing", async () => {
    await type(page, "kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s; echo DRAINED=$?");
    expect(await printedNumber(page, "DRAINED")).toBe("0");
    await check(page);
    await expect(page.getByText("Solved", { exact: true }).first()).toBeVisible();
  });

  let pid = "";
  await test.step("finds the same shell and screen after a reload", async () => {
    await type(page, "clear && echo PID=$$");
    pid = await printedNumber(page, "PID");
    await page.reload();
    await expect(screen(page).getByText(`PID=${pid}`).first()).toBeVisible();
    await type(page, "clear; echo PID=$$");
    expect(await printedNumber(page, "PID")).toBe(pid);
  });

  await test.step("finds the same shell after the server was killed and started again", async () => {
    await server.kill();
    await server.launch();
    // What is typed while the page reconnects is not sent, so it is typed again.
    await expect(async () => {
      await type(page, "clear; echo AGAIN=$$");
      expect(await printedNumber(page, "AGAIN", 3000)).toBe(pid);
    }).toPass({ timeout: COMMAND_MS });
    await page.getByRole("tab", { name: /History/ }).click();
    await expect(page.getByText("10 of 10 points").first()).toBeVisible();
  });

  await test.step("starts afresh on a pristine cluster", async () => {
    await page.getByRole("button", { name: "Reset" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
    await expect(page.getByRole("button", { name: "Check", exact: true })).toHaveAttribute("aria-disabled", "true");
    await expect(page.getByRole("button", { name: "Check", exact: true })).toHaveAttribute("aria-disabled", "false", {
      timeout: CLUSTER_MS,
    });
    await check(page);
    await expect(page.getByText("Not solved yet").first()).toBeVisible();
  });
});
