import { expect, test } from "./drydock.ts";

test.describe("in the dark", () => {
  test.use({ colorScheme: "dark" });

  test("everything can be read, in every state", async ({ drydock, page }) => {
    await drydock.wish({ platform: "failed" });
    await page.goto("/");
    await expect(page.getByText("The disk is full")).toBeVisible();
    await drydock.expectAccessible();
    await drydock.wish({ platform: "ready", verdict: "error" });
    await drydock.start();
    await page.getByRole("button", { name: "Check" }).click();
    await expect(page.getByText("did not answer within 10 s")).toBeVisible();
    await drydock.expectAccessible();
  });
});

test("a chosen theme is remembered, and there before the page is", async ({ drydock: _, page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Theme: System" }).click();
  await page.getByRole("button", { name: "Theme: Light" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.route("**/assets/*.js", (route) => route.abort());
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("in a narrow window the terminals stand below the task", async ({ drydock, page }) => {
  await page.setViewportSize({ width: 600, height: 900 });
  await drydock.start();
  const task = (await page.getByRole("region", { name: "Task" }).boundingBox())!;
  const terminals = (await page.getByRole("region", { name: "Terminals" }).boundingBox())!;
  expect(terminals.y).toBeGreaterThanOrEqual(task.y + task.height);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(600);
  await drydock.expectAccessible();
});
