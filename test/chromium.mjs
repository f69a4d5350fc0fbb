// A browser for the end-to-end tests: Playwright's own where it is there, else Debian's chromium,
// else one installed with apt.
import { existsSync } from "node:fs";
import { installPackages } from "./tools.mjs";

const SYSTEM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * @returns {Promise<string>} the path of a chromium; rejects with what to do where none can be had
 */
export async function ensureChromium() {
  const { chromium } = await import("@playwright/test");
  const find = () =>
    [process.env.DRYDOCK_CHROMIUM, chromium.executablePath(), ...SYSTEM].find((path) => path && existsSync(path));
  const found = find();
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing chromium with apt …");
    await installPackages(["chromium", "fonts-noto-cjk"]);
    const installed = find();
    if (installed) return installed;
  }
  throw new Error("No browser: run `npx playwright install chromium`, or install your system's chromium, and start again.");
}
