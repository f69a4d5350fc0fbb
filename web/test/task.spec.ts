import { expect, test } from "./drydock.ts";

test("a check shows per check what was expected and what was found", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("4 of 7 points", { exact: true })).toBeVisible();
  const failed = page.getByRole("listitem").filter({ hasText: "Only pods of DaemonSets" });
  await expect(failed).toContainText("Expected no pods but those of DaemonSets");
  await expect(failed).toContainText("Found shop/web");
  await expect(page.getByRole("status").filter({ hasText: "Not solved yet. 4 of 7 points." })).toBeAttached();
  await expect(drydock.input).toBeFocused();
  await drydock.expectAccessible();
});

test("a check that could not be judged is no failure", async ({ drydock, page }) => {
  await drydock.wish({ verdict: "error" });
  await drydock.start();
  await page.getByRole("button", { name: "Check" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "fully available" });
  await expect(row).toContainText("Could not be judged");
  await expect(row).toContainText("did not answer within 10 s");
});

test("an answer that comes after newer events changes nothing", async ({ drydock, page }) => {
  await page.route("**/api/sessions", async (route) => {
    const response = await route.fetch();
    if (route.request().method() === "POST") await expect(page.getByRole("tab", { name: "controlplane" })).toBeVisible();
    await route.fulfill({ response });
  });
  await drydock.start();
  await expect(page.getByText("Ready", { exact: true })).toBeVisible();
});

test("a session and its attempts are there after a reload", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("get nodes\r");
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toBeVisible();
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("4 of 7 points", { exact: true })).toBeVisible();
  await page.evaluate(() => window.getSelection()?.removeAllRanges());
  await page.reload();
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toBeVisible();
  await page.getByRole("tab", { name: "History 1" }).click();
  await expect(page.getByText("4 of 7 points", { exact: true })).toBeVisible();
});

test("hints come one by one, the solution after a question", async ({ drydock, page }) => {
  await drydock.start();
  await page.getByRole("tab", { name: "Help" }).click();
  for (const shown of [1, 2, 3]) {
    await page.getByRole("button", { name: "Show a hint" }).click();
    await expect(page.getByText(`${shown} of 3 shown`)).toBeVisible();
  }
  await expect(page.getByRole("button", { name: "Show a hint" })).toHaveCount(0);
  await page.getByRole("button", { name: "Show the solution" }).click();
  const dialog = page.getByRole("dialog", { name: "See the solution?" });
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await drydock.expectAccessible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("the flags say what may be lost")).toHaveCount(0);
  await page.getByRole("button", { name: "Show the solution" }).click();
  await dialog.getByRole("button", { name: "Show the solution" }).click();
  await expect(page.getByText("the flags say what may be lost")).toBeVisible();
});

test("Reset asks first, then gives a fresh cluster, a fresh shell and nothing checked", async ({ drydock, page }) => {
  await drydock.start();
  await page.keyboard.type("get nodes\r");
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toBeVisible();
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByText("4 of 7 points", { exact: true })).toBeVisible();
  await drydock.wish({ hold: true });
  await page.getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("Preparing your cluster")).toBeVisible();
  await drydock.wish({ hold: false });
  await expect(drydock.terminal.getByText("controlplane:~#")).toBeVisible();
  await expect(drydock.terminal.getByText("SchedulingDisabled")).toHaveCount(0);
  await page.getByRole("tab", { name: "Checks" }).click();
  await expect(page.getByText("4 of 7 points", { exact: true })).toHaveCount(0);
  await page.reload();
  await page.getByRole("tab", { name: "Checks" }).click();
  await expect(page.getByText("not checked").first()).toBeVisible();
  await expect(page.getByText("4 of 7 points", { exact: true })).toHaveCount(0);
});

test("End gives the cluster back and offers to start again", async ({ drydock, page }) => {
  await drydock.start();
  await page.getByRole("button", { name: "End" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await expect(page.getByRole("button", { name: "Start this task" })).toBeVisible();
});

test("a session that will end says so, is extended by a click, and says why when it has ended", async ({ drydock, page }) => {
  await drydock.start();
  await expect(page.getByText(/This session ends in \d+:\d\d/)).toBeHidden();
  await drydock.wish({ leaseLeftMs: 9.5 * 60_000 });
  await expect(page.getByText(/This session ends in 9:\d\d\./)).toBeVisible();
  await drydock.expectAccessible();
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByText(/This session ends in \d+:\d\d/)).toBeHidden();
  await drydock.wish({ leaseLeftMs: 0 });
  await drydock.wish({ session: "ended" });
  await expect(page.getByText("The time of this session is over.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start this task" })).toBeVisible();
});

test("who waits for room is told the place in the queue, in their language", async ({ drydock, page }) => {
  await drydock.wish({ hold: true });
  await page.goto("/tasks/drain-node01");
  await page.getByRole("button", { name: "Start this task" }).click();
  await expect(page.getByText("Making a cluster, running")).toBeVisible();
  await drydock.wish({ place: { position: 3, withinMs: 8.5 * 60_000 } });
  await expect(page.getByRole("status").filter({ hasText: "Number 3 in the queue, at most 9 min" })).toBeVisible();
  await drydock.expectAccessible();
  await page.getByRole("combobox", { name: "Language" }).selectOption("한국어");
  await expect(page.getByText("대기 순서 3번, 길어도 9분")).toBeVisible();
  await drydock.wish({ place: { position: 1 } });
  await expect(page.getByText(/^대기 순서 1번$/)).toBeVisible();
});

test("a terminal that could not be loaded says so, and can be loaded again", async ({ drydock, page }) => {
  await page.route("**/assets/TerminalTabs-*.js", (route) => route.abort());
  await page.goto("/tasks/drain-node01");
  await page.getByRole("button", { name: "Start this task" }).click();
  await expect(page.getByText("The terminal could not be loaded.")).toBeVisible();
  await drydock.expectAccessible();
  await page.unroute("**/assets/TerminalTabs-*.js");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(drydock.input).toBeFocused();
});

test("a cluster that stands still says so", async ({ drydock, page }) => {
  await drydock.start();
  await drydock.wish({ power: "frozen" });
  await expect(page.getByRole("status").filter({ hasText: "Frozen" })).toBeVisible();
  await drydock.wish({ power: "thawing" });
  await expect(page.getByRole("status").filter({ hasText: "Thawing" })).toBeVisible();
  await drydock.wish({ power: "awake" });
  await expect(page.getByRole("status").filter({ hasText: "Ready" })).toBeVisible();
});

test("a sandbox that is lost says what happened and can be replaced", async ({ drydock, page }) => {
  await drydock.start();
  await drydock.wish({ session: "lost" });
  await expect(page.getByText("no longer has the container")).toBeVisible();
  await drydock.expectAccessible();
  await page.getByRole("button", { name: "Get a new cluster" }).click();
  await expect(drydock.terminal.getByText("controlplane:~#")).toBeVisible();
});

test("a set-up that failed says in one sentence what to do, in both languages, and has its output folded away", async ({
  drydock,
  page,
}) => {
  await drydock.start();
  await drydock.wish({ session: "failed" });
  await expect(page.getByText("Setting up this task failed twice, each time on a fresh cluster. Get a new one")).toBeVisible();
  const output = page.getByText('serviceaccount "default" not found');
  await expect(output).toBeHidden();
  await expect(page.getByText("ended with exit status 1")).toBeHidden();
  await drydock.expectAccessible();
  await page.getByText("Output of the set-up").click();
  await expect(output).toBeVisible();
  await drydock.expectAccessible();
  await page.getByRole("combobox", { name: "Language" }).selectOption("한국어");
  await expect(page.getByText("이 과제의 준비가 새 클러스터에서 두 번 모두 실패했습니다.")).toBeVisible();
  await page.getByRole("button", { name: "새 클러스터 받기" }).click();
  await expect(page.locator(".terminal.active")).toBeVisible();
});

test("a task that is one too many is refused in clear words, in the reader's language", async ({ drydock, page }) => {
  await drydock.wish({ refuse: "limit.sessions" });
  await page.route("**/api/events", (route) => route.abort());
  await page.goto("/tasks/drain-node01");
  await page.getByRole("button", { name: "Start this task" }).click();
  await expect(page.getByText("You have as many tasks running as one person may have here.")).toBeVisible();
  await expect(page.getByText("End one of them")).toBeVisible();
  await drydock.expectAccessible();
  await page.getByRole("combobox", { name: "Language" }).selectOption("한국어");
  await page.getByRole("button", { name: "이 과제 시작" }).click();
  await expect(page.getByText("한 사람이 동시에 할 수 있는 만큼의 과제를 이미 하고 있습니다.")).toBeVisible();
});

test("a page that is one too many says so, and connects by itself when there is room", async ({ drydock, page }) => {
  await drydock.wish({ refuse: "limit.pages" });
  await page.goto("/");
  const banner = page.getByRole("status").filter({ hasText: "You have too many Drydock pages open" });
  await expect(banner).toContainText("Close some of them.");
  await drydock.expectAccessible();
  await drydock.wish({ refuse: "" });
  await expect(banner).toHaveCount(0);
  await drydock.wish({ platform: "failed" });
  await expect(page.getByText("The disk is full")).toBeVisible();
});

test("a terminal that is one too many says so where it would be", async ({ drydock, page }) => {
  await drydock.start();
  await drydock.wish({ refuse: "limit.windows" });
  await page.getByRole("button", { name: "New terminal on node01" }).click();
  await expect(page.getByRole("status").filter({ hasText: "You have too many terminals open. Close some" })).toBeVisible();
  await drydock.expectAccessible();
});

test("what a restored server does not know any more is not shown any more", async ({ drydock, page }) => {
  await drydock.start();
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByRole("tab", { name: "History 1" })).toBeVisible();
  await drydock.wish({ restored: true });
  await expect(page.getByRole("button", { name: "Start this task" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "History", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Start this task" }).click();
  await expect(drydock.terminal.getByText("controlplane:~#")).toBeVisible();
});

test("a task that is no longer installed can't be reset and says so; its terminals stay until it is ended", async ({
  drydock,
  page,
}) => {
  await drydock.start();
  await drydock.wish({ gone: ["drain-node01"] });
  await page.getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("This task is no longer installed, so it can't be reset or checked.")).toBeVisible();
  await expect(drydock.terminal.getByText("controlplane:~#")).toBeVisible();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.reload();
  await expect(page.getByRole("heading", { name: "This task is no longer installed" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "controlplane" })).toBeVisible();
  await drydock.expectAccessible();
  await page.getByRole("combobox", { name: "Language" }).selectOption("한국어");
  await expect(page.getByRole("heading", { name: "이 과제는 더 이상 설치되어 있지 않습니다" })).toBeVisible();
  await page.getByRole("button", { name: "끝내기" }).click();
  await expect(page.getByText("There is no task named")).toBeVisible();
});

test("the first line and code copy on a click and by the keyboard", async ({ drydock, page }) => {
  await page.goto("/tasks/drain-node01");
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByText("Solve this task on").click({ position: { x: 30, y: 12 } });
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeVisible();
  await expect.poll(clipboard).toBe("ssh controlplane");
  await page.locator("pre").click();
  await expect.poll(clipboard).toBe("kubectl get pods -A -o wide --field-selector spec.nodeName=node01");
  await page.locator("code", { hasText: "debug" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(clipboard).toBe("debug");
  await drydock.expectAccessible();
});

test("nothing in a task can run code", async ({ drydock: _, page }) => {
  await page.goto("/tasks/hostile");
  await expect(page.getByText("Solve this task on")).toBeVisible();
  await expect(page.locator(".prose a, .prose img, .prose svg, .prose script")).toHaveCount(0);
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
});

test("brackets go to the neighbouring tasks, a question mark shows the keys", async ({ drydock, page }) => {
  await page.goto("/tasks/drain-node01");
  await expect(page.getByRole("heading", { name: "Prepare node01" })).toBeVisible();
  await page.keyboard.press("]");
  await expect(page.getByRole("heading", { name: "A static pod on node01" })).toBeFocused();
  await page.keyboard.press("[");
  await expect(page).toHaveURL(/drain-node01$/);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await drydock.expectAccessible();
});

test("the divider moves by the keyboard and stays where it was put", async ({ page }) => {
  await page.goto("/tasks/drain-node01");
  const divider = page.getByRole("separator", { name: "Width of the task" });
  const left = async () => (await divider.boundingBox())!.x;
  const stored = () => page.evaluate(() => Object.entries(localStorage).find(([key]) => key.includes("drydock.columns"))?.[1]);
  await expect.poll(stored).toBeDefined();
  const untouched = await stored();
  await divider.focus();
  const before = await left();
  await page.keyboard.press("ArrowRight");
  await expect.poll(left).toBeGreaterThan(before + 20);
  const after = await left();
  // The place is written a moment after it changed; the first one, of the untouched page, is
  // written too.
  await expect.poll(stored).not.toBe(untouched);
  await page.reload();
  await expect.poll(left).toBeCloseTo(after, 0);
});

test("a task that does not exist says so", async ({ page }) => {
  await page.goto("/tasks/no-such-task");
  await expect(page.getByText("There is no task named “no-such-task”.")).toBeVisible();
});
