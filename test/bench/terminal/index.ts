import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../labs/src/process.ts";
import { LocalKeepers } from "../../../server/src/testing/keeper.ts";
import type { BenchContext, Figure } from "../figure.ts";
import type { Contestant } from "./contestant.ts";
import { startGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
import { FILE_BYTES, measureCat, measureEcho, measureEchoBesideFlood, measureInterrupts, measureStall } from "./measurements.ts";
import { rawNodePty } from "./node-pty.ts";
import { ensurePackages } from "./packages.ts";
import { measurePage } from "./page.ts";
import { startTtyd } from "./ttyd.ts";
import { startWetty } from "./wetty.ts";

const MIB = 1024 * 1024;
const MAKE_FILE = `yes "$(seq -s ' ' 27)" | head -c ${FILE_BYTES} >`;

/** What is measured of every contestant; the targets are this project's. */
const FIGURES = {
  "echo p50": { unit: "ms", target: 1.2, allowance: 0.3 },
  "echo p99": { unit: "ms", target: 2 },
  "echo p99 beside a flood": { unit: "ms", target: 20 },
  "cat of 64 MB": { unit: "MB/s", target: 60 },
  "Ctrl-C under yes": { unit: "ms", target: 10 },
  "memory behind a stalled reader": { unit: "MiB", target: 8 },
} as const satisfies Record<string, Pick<Figure, "unit" | "target" | "allowance">>;
type FigureName = keyof typeof FIGURES;

/**
 * This project's gateway, to shells of this machine and through the engine's exec to those of a
 * sandbox, against raw node-pty, wetty and, where its path is given, ttyd; in one run, on loopback.
 * Then the page. Needs Linux and Go.
 */
export async function measureTerminal(context: BenchContext): Promise<Figure[]> {
  const { gateway, all } = await openContestants(context);
  return [...(await compare(all, context)), ...(await measurePage(gateway, context))];
}

async function openContestants(context: BenchContext): Promise<{ gateway: Gateway; all: Contestant[] }> {
  const { config, platform, ttyd, cleanup, say } = context;
  const folder = await mkdtemp(join(tmpdir(), "drydock-bench-"));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "64MB");
  await run("sh", ["-c", `${MAKE_FILE} ${file}`]);
  const own = async <T extends { stop(): Promise<void> }>(starting: Promise<T>) =>
    (await cleanup.own(starting, (started) => started.stop())).made;
  const pageDir = join(config.projectDir, "web/dist");
  const start = async (name: string, options: Pick<GatewayOptions, "file" | "shells" | "shellPids">) => {
    const dataDir = join(folder, name.replaceAll(" ", "-"));
    await mkdir(dataDir);
    return own(startGateway({ name, dataDir, pageDir, ...options }));
  };

  const keepers = new LocalKeepers();
  cleanup.add(() => keepers.end());
  if (!(await keepers.build())) throw new Error("The shell keeper cannot be built: install Go");
  const { binary, dir } = keepers;
  const shellPids = async () => (await keepers.list()).map(({ pid }) => pid);
  const gateway = await start("gateway", { file, shells: { binary, dir }, shellPids });

  const making = platform.provider.create({ topology: "single-node", owner: "test", leasedFor: "bench" });
  const { made: sandbox } = await cleanup.own(making, ({ id }) => platform.provider.remove(id));
  const fileInside = "/root/64MB";
  await sandbox.exec("controlplane", ["sh", "-c", `${MAKE_FILE} ${fileInside}`]);
  // The keepers in there are the same program as those here, whose memory is measured.
  const inside = { file: fileInside, shells: { sandbox: sandbox.id }, shellPids: async () => [] };
  const all: Contestant[] = [gateway, await start("gateway to a sandbox", inside)];

  const compared: [name: string, open: () => Promise<Contestant>][] = [
    ["raw node-pty", async () => rawNodePty(await ensurePackages(config), file)],
    ["wetty", async () => own(startWetty(await ensurePackages(config), file))],
    ...(ttyd ? [["ttyd", () => own(startTtyd(ttyd, file))] satisfies [string, () => Promise<Contestant>]] : []),
  ];
  for (const [name, open] of compared) {
    try {
      all.unshift(await open());
    } catch (error) {
      say(`terminal: ${name} is left out: ${(error as Error).message}`);
    }
  }
  return { gateway, all };
}

/**
 * Measures everything of everyone, one after another and in turns, so that a busy moment of the
 * machine meets all of them.
 */
async function compare(contestants: readonly Contestant[], { rounds, say }: BenchContext): Promise<Figure[]> {
  const measured = new Map(contestants.map((one) => [one.name, {} as Record<FigureName, number[]>]));
  const note = ({ name }: Contestant, figure: FigureName, ...values: number[]) => {
    (measured.get(name)![figure] ??= []).push(...values);
    say(`${figure}, ${name}: ${values.map((value) => value.toFixed(2)).join(", ")} ${FIGURES[figure].unit}`);
  };
  for (let round = 1; round <= rounds; round++) {
    for (const one of contestants) {
      const { p50, p99 } = await measureEcho(one);
      note(one, "echo p50", p50);
      note(one, "echo p99", p99);
    }
    for (const one of contestants) note(one, "echo p99 beside a flood", await measureEchoBesideFlood(one));
    for (const one of contestants) note(one, "cat of 64 MB", await measureCat(one));
    for (const one of contestants) note(one, "Ctrl-C under yes", ...(await measureInterrupts(one)));
  }
  // Together, because it takes more than a minute and only memory counts. Where the shell is this
  // process's own, there is nothing to measure.
  const apart = contestants.filter(({ name }) => name !== "raw node-pty");
  await Promise.all(apart.map(async (one) => note(one, "memory behind a stalled reader", (await measureStall(one)) / MIB)));

  const floor = { name: "raw node-pty", values: measured.get("raw node-pty")?.["echo p50"] ?? [] };
  const figures = (Object.keys(FIGURES) as FigureName[]).flatMap((figure) =>
    contestants.map(({ name, isOurs }) => ({
      name: `${figure}, ${name}`,
      unit: FIGURES[figure].unit,
      values: measured.get(name)![figure] ?? [],
      ...(isOurs ? FIGURES[figure] : {}),
      ...(isOurs && figure === "echo p50" ? { reference: floor } : {}),
    })),
  );
  return figures.filter(({ values }) => values.length > 0);
}
