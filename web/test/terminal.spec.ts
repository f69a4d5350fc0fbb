import { expect, test } from "./drydock.ts";

test("terminals open in tabs on any host, and close", async ({ drydock, page }) => {
  await drydock.start();
  await page.getByRole("button", { name: "New terminal on node01" }).click();
  await expect(drydock.terminal.getByText("node01:~#")).toBeVisible();
  await page.getByRole("button", { name: "New terminal on node01" }).click();
  await expect(page.getByRole("tab", { name: "node01 (2)" })).toHaveAttribute("aria-selected", "true");
  await drydock.expectAccessible();
  await page.keyboard.press("Control+Shift+ArrowUp");
  await expect(page.getByRole("textbox", { name: "Terminal node01", exact: true })).toBeFocused();
  await page.keyboard.press("Control+Shift+ArrowLeft");
  await expect(page.getByRole("tabpanel", { name: "Task" })).toBeFocused();
  await page.keyboard.press("Control+Shift+ArrowRight");
  await expect(page.getByRole("textbox", { name: "Terminal node01", exact: true })).toBeFocused();
  await page.getByRole("tab", { name: "node01 (2)" }).focus();
  await page.keyboard.press("Delete");
  await expect(page.getByRole("tab", { name: "node01 (2)" })).toHaveCount(0);
});

test("what is typed before the shell is there is not lost", async ({ drydock, page }) => {
  await page.routeWebSocket(/stream/, async (socket) => {
    const server = socket.connectToServer();
    await expect(drydock.input).toBeFocused();
    await page.keyboard.type("early bird\r");
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => socket.send(message));
  });
  await drydock.open();
  await expect.poll(async () => (await drydock.shells())[0]?.typedBytes).toBe("early bird\r".length);
});

test("a lost connection comes back to the same screen", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("get nodes\r");
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toBeVisible();
  await drydock.wish({ cut: 1012 });
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toHaveCount(1);
  await expect(async () => {
    await page.keyboard.type("again\r");
    await expect(drydock.terminal.getByText("again: not found").first()).toBeVisible({ timeout: 500 });
  }).toPass();
});

test("a lost connection comes back with what has scrolled out, which can be scrolled to", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("first\r");
  for (let times = 0; times < 20; times++) await page.keyboard.type("get nodes\r");
  await page.keyboard.type("last\r");
  await expect(drydock.terminal.getByText("last: not found")).toBeVisible();
  await expect(drydock.terminal.getByText("first: not found")).toHaveCount(0);
  const connected = page.waitForEvent("websocket");
  await drydock.wish({ cut: 1012 });
  await connected;
  await expect(drydock.terminal.getByText("last: not found")).toBeVisible();
  await expect(async () => {
    await page.keyboard.press("Shift+PageUp");
    await expect(drydock.terminal.getByText("first: not found")).toBeVisible({ timeout: 100 });
  }).toPass();
  const box = (await drydock.terminal.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(async () => {
    await page.mouse.wheel(0, 10_000);
    await expect(drydock.terminal.getByText("last: not found")).toBeVisible({ timeout: 100 });
  }).toPass();
});

test("answers to queries are sent apart from what is typed, and once", async ({ drydock, page, context }) => {
  await drydock.start();
  const other = await context.newPage();
  await other.goto("/tasks/drain-node01");
  await expect(other.getByRole("tab", { name: "controlplane" })).toBeVisible();
  await expect(other.getByRole("textbox", { name: "Terminal controlplane" })).toBeAttached();
  await page.keyboard.type("query\r");
  await expect(drydock.terminal.getByText("asked")).toBeVisible();
  // Device attributes, cursor position, background colour.
  await expect.poll(async () => (await drydock.shells())[0]?.answers.length).toBe(3);
  const [shell] = await drydock.shells();
  expect(shell?.answers[2]).toContain("]11;rgb:");
  expect(shell?.typedBytes).toBe("query\r".length);
});

test("10 MB of output is acknowledged as it is painted, and Ctrl-C stops it", async ({ drydock, page }) => {
  await drydock.open();
  const shell = async () => (await drydock.shells())[0]!;
  await page.keyboard.type("flood\r");
  await expect.poll(async () => (await shell()).acknowledged, { intervals: [50] }).toBeGreaterThan(1024 * 1024);
  await page.keyboard.press("Control+c");
  await expect.poll(async () => (await shell()).flooding).toBe(false);
  expect((await shell()).acknowledged).toBeLessThan(10 * 1024 * 1024);
});

test("a large paste arrives whole, in frames that the server takes", async ({ drydock, page }) => {
  await drydock.start();
  await page.evaluate(() => navigator.clipboard.writeText("x".repeat(600_000)));
  await page.keyboard.press("Control+Shift+V");
  await expect.poll(async () => (await drydock.shells())[0]?.typedBytes).toBe(600_000);
  expect((await drydock.shells())[0]?.largestFrame).toBeLessThanOrEqual(128 * 1024);
});

test("a selection is kept while output arrives, and is copied", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("get nodes\r");
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toBeVisible();
  const box = (await page.locator(".terminal.active .xterm-screen").boundingBox())!;
  await page.mouse.dblclick(box.x + 20, box.y + 45);
  await drydock.wish({ say: "some output\r\n" });
  await expect(drydock.terminal.getByText("some output")).toBeVisible();
  await page.keyboard.press("Control+Shift+C");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("controlplane");
});

test("the size follows the window, and the window typed in last decides it", async ({ drydock, page, context }) => {
  await drydock.start();
  const size = async () => (await drydock.shells())[0]?.size;
  const before = await size();
  await page.setViewportSize({ width: 1600, height: 900 });
  await expect.poll(async () => (await size())?.cols).toBeGreaterThan(before!.cols);
  const other = await context.newPage();
  await other.setViewportSize({ width: 1000, height: 600 });
  await other.goto("/tasks/drain-node01");
  await expect(other.getByText(/Sized by another window/)).toBeVisible();
  await other.locator(".terminal.active .xterm-screen").click();
  await other.keyboard.type("x");
  await expect(other.getByText(/Sized by another window/)).toBeHidden();
  await expect(page.getByText(/Sized by another window/)).toBeVisible();
  expect((await size())!.rows).toBeLessThan(before!.rows);
});

test("text is found in the terminal", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("get nodes\r");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("node01");
  await expect(page.getByRole("search").getByRole("status")).toHaveText("1 of 1");
  await page.keyboard.press("Escape");
  await expect(drydock.input).toBeFocused();
});

test("a shell that ended says so", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("exit\r");
  const strip = page.getByRole("status").filter({ hasText: "This shell has ended." });
  await strip.getByRole("button", { name: "Close" }).click();
  await expect(page.getByText("No terminal is open.")).toBeVisible();
});

test("the text size is remembered", async ({ drydock, page }) => {
  await drydock.start();
  const cols = async () => (await drydock.shells())[0]?.size?.cols ?? 0;
  const before = await cols();
  await page.getByRole("button", { name: "Larger text" }).click();
  await page.getByRole("button", { name: "Larger text" }).click();
  const larger = (before * 14) / 16;
  await expect.poll(async () => Math.abs((await cols()) - larger)).toBeLessThan(3);
  await page.reload();
  await expect(drydock.terminal.getByText("controlplane:~#")).toBeVisible();
  await expect.poll(async () => Math.abs((await cols()) - larger)).toBeLessThan(3);
});

test("closing the tab while the keyboard is in a terminal asks first", async ({ drydock, page }) => {
  await drydock.start();
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  expect((await asked).type()).toBe("beforeunload");
});
