import { expect, test } from "./drydock.ts";

test("tasks stand under their domains, with the weight in the exam, and can be filtered", async ({ drydock, page }) => {
  await page.goto("/");
  const troubleshooting = page.getByRole("region", { name: "Troubleshooting" });
  await expect(troubleshooting).toContainText("30 % of the exam");
  await expect(troubleshooting.getByRole("listitem")).toContainText(["A pod that restarts for ever"]);
  await page.getByRole("searchbox", { name: "Filter tasks" }).fill("drain");
  await expect(page.getByRole("listitem").filter({ hasText: "Start" })).toHaveCount(1);
  await page.getByRole("searchbox").fill("no such thing");
  await expect(page.getByText("No task matches “no such thing”.")).toBeVisible();
  await drydock.expectAccessible();
});

test("what the machine is doing is shown, and the tasks can be read meanwhile", async ({ drydock, page }) => {
  await drydock.wish({ platform: "preparing" });
  await page.goto("/");
  const panel = page.getByRole("region", { name: "This machine" });
  await expect(panel.getByRole("listitem").filter({ hasText: "Building Kubernetes" })).toContainText(/1:1\d of ~4:30/);
  await drydock.expectAccessible();
  await page.getByRole("link", { name: "Prepare node01 for maintenance" }).click();
  await expect(page.getByText("is to be taken down for maintenance")).toBeVisible();
});

test("a task asked for too early starts by itself when the machine is ready", async ({ drydock, page }) => {
  await drydock.wish({ platform: "preparing" });
  await page.goto("/");
  await page.getByRole("button", { name: "Start: Prepare node01 for maintenance" }).click();
  await expect(page.getByText("This task starts by itself")).toBeVisible();
  await drydock.wish({ platform: "ready" });
  await expect(page.getByRole("tab", { name: "controlplane" })).toBeVisible();
});

test("a failed preparation says what to do, and can be tried again", async ({ drydock, page }) => {
  await drydock.wish({ platform: "failed" });
  await page.goto("/");
  const panel = page.getByRole("region", { name: "This machine" });
  await expect(panel).toContainText("The disk is full");
  await expect(panel).toContainText("Free at least 12 GB");
  await panel.getByRole("button", { name: "Try again" }).click();
  await expect(panel).toContainText("Being prepared");
});

test("solved tasks and running ones are marked", async ({ drydock, page }) => {
  await drydock.wish({ verdict: "passed" });
  await drydock.start();
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("7 of 7 points", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Drydock" }).click();
  await expect(page.getByRole("heading", { name: "Tasks" })).toBeFocused();
  const task = page.getByRole("listitem").filter({ hasText: "Prepare node01" });
  await expect(task).toContainText("Solved");
  await task.getByRole("button", { name: "Continue" }).click();
  await expect(drydock.terminal.getByText("controlplane:~#")).toBeVisible();
});

test("the whole page speaks the chosen language, and remembers it", async ({ drydock, page }) => {
  await page.goto("/");
  await page.getByRole("combobox", { name: "Language" }).selectOption("한국어");
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
  await page.reload();
  await page.getByRole("link", { name: "node01 점검 준비하기" }).click();
  await expect(page.getByText("점검하려고 내릴 예정입니다")).toBeVisible();
  await page.getByRole("tab", { name: "채점" }).click();
  // What exists in English only is marked as English.
  await expect(page.getByText("The DaemonSet node-agent")).toHaveAttribute("lang", "en");
  await drydock.expectAccessible();
});
