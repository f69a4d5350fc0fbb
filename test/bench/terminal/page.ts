import { chromium, type Page } from "@playwright/test";
import { setTimeout as sleep } from "node:timers/promises";
import { ensurePage } from "../../../scripts/prepare.mjs";
import { ensureChromium } from "../../chromium.mjs";
import { percentile, type BenchContext, type Figure } from "../figure.ts";
import type { Gateway } from "./gateway.ts";

const KEYS = 100;
const KEY_EVERY_MS = 50;
const MIB = 1024 * 1024;
const OUTPUT_BYTES = 100_000_000;
const OUTPUT_MS = 120_000;
const SAMPLE_EVERY_MS = 250;
/** Where xterm draws with the DOM. */
const ROWS = ".terminal.active .xterm-rows";
/** Two frames of 60 Hz: the one that the key falls into, and the one that shows it. */
const TWO_FRAMES_MS = 34;
/** Up to here people take an answer as immediate. */
const IMMEDIATE_MS = 100;
/**
 * 5000 lines of scrollback at 12 bytes a cell are 11 MB in a window 190 columns wide, and nothing
 * is collected before it is measured. Output that were kept would be 100 MB and more.
 */
const HEAP_GROWTH_MIB = 64;

declare global {
  interface Window {
    drydockKeys: Promise<number[]>;
  }
}

/**
 * The real page in a real browser on that gateway: from a key to its character, in each round in a
 * page of its own; then 100 MB of output, after which the same is measured again.
 */
export async function measurePage(gateway: Gateway, { rounds, say }: BenchContext): Promise<Figure[]> {
  await ensurePage();
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    // Chromium's own sandbox does not start as root. WebGL without a graphics card takes a core for
    // itself: the terminal draws with the DOM.
    args: ["--disable-3d-apis", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
  try {
    const fresh: number[][] = [];
    const after: number[][] = [];
    const growth: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      // What tsx compiles keeps the names of functions by a helper of this name, which the page
      // lacks.
      await page.addInitScript("globalThis.__name = (named) => named");
      await openTerminal(page, gateway.url);
      fresh.push(await keyLatencies(page));
      growth.push((await printMuch(page)) / MIB);
      after.push(await keyLatencies(page));
      await context.close();
      say(`page, round ${round} of ${rounds}: measured`);
    }
    const share = (all: number[][], wanted: number) => all.map((latencies) => percentile(latencies, wanted));
    return [
      { name: "key to painted character p50, page", unit: "ms", values: share(fresh, 0.5), target: TWO_FRAMES_MS },
      { name: "key to painted character p99, page", unit: "ms", values: share(fresh, 0.99), target: IMMEDIATE_MS },
      { name: "the same p50 after 100 MB of output", unit: "ms", values: share(after, 0.5), target: TWO_FRAMES_MS },
      { name: "the same p99 after 100 MB of output", unit: "ms", values: share(after, 0.99), target: IMMEDIATE_MS },
      { name: "the page's memory, growth in 100 MB of output", unit: "MiB", values: growth, target: HEAP_GROWTH_MIB },
    ];
  } finally {
    await browser.close();
  }
}

/** Starts the task; what is typed before the shell is there waits for it. */
async function openTerminal(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/tasks/bench`);
  await page.getByRole("button", { name: "Start this task" }).click();
  await page.getByRole("textbox", { name: "Terminal controlplane", exact: true }).focus();
}

/** Types a command line, and waits until the screen shows what it prints at last. */
async function run(page: Page, line: string, shown: string, withinMs = 20_000): Promise<void> {
  await page.keyboard.type(`${line}\r`);
  await page.locator(ROWS, { hasText: shown }).waitFor({ timeout: withinMs });
}

/**
 * Milliseconds from each key to its character. A key begins when the browser got it (the event's
 * time stamp). Its character counts as painted in the first task after the frame in which xterm put
 * it into the document: style, layout and paint are done then, the compositor's part is not.
 */
async function keyLatencies(page: Page): Promise<number[]> {
  await run(page, "clear; echo rea''dy; cat > /dev/null", "ready");
  await page.evaluate(
    ({ selector, keys }) => {
      const rows = document.querySelector(selector)!;
      const shown = () => rows.textContent!.split("x").length - 1;
      const before = shown();
      const pressedAt: number[] = [];
      const latencies: number[] = [];
      const { port1, port2 } = new MessageChannel();
      const observer = new MutationObserver(() => port2.postMessage(shown() - before));
      const onKey = ({ timeStamp }: KeyboardEvent) => void pressedAt.push(timeStamp);
      window.drydockKeys = new Promise((resolve) => {
        port1.onmessage = ({ data: painted }: MessageEvent<number>) => {
          while (latencies.length < painted) latencies.push(performance.now() - pressedAt[latencies.length]!);
          if (painted < keys) return;
          observer.disconnect();
          removeEventListener("keydown", onKey, true);
          resolve(latencies);
        };
      });
      observer.observe(rows, { childList: true, subtree: true, characterData: true });
      addEventListener("keydown", onKey, true);
    },
    { selector: ROWS, keys: KEYS },
  );
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press("x");
    await sleep(KEY_EVERY_MS);
  }
  const latencies = await page.evaluate(() => window.drydockKeys);
  await page.keyboard.press("Control+c");
  return latencies;
}

/**
 * Has the shell print 100 MB. Returns by how many bytes the page's memory was larger at most,
 * garbage included, than before without it.
 */
async function printMuch(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const memory = async () => {
    const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
    return usedSize + backingStorageSize;
  };
  await session.send("HeapProfiler.collectGarbage");
  const before = await memory();
  let most = before;
  let printing = true;
  const printed = run(page, `clear; yes "$(seq -s ' ' 27)" | head -c ${OUTPUT_BYTES}; echo do''ne`, "done", OUTPUT_MS);
  void printed.catch(() => undefined).then(() => (printing = false));
  while (printing) {
    most = Math.max(most, await memory());
    await sleep(SAMPLE_EVERY_MS);
  }
  await printed;
  return most - before;
}
