import { existsSync, writeFileSync } from "node:fs";
import { constants, cpus, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../../labs/src/config.ts";
import { openPlatform } from "../../labs/src/platform.ts";
import { Progress } from "../../labs/src/progress.ts";
import { Cleanup } from "./cleanup.ts";
import { measureClass } from "./class.ts";
import { measureCapacity } from "./capacity.ts";
import { measureCreate } from "./create.ts";
import { measureLease } from "./lease.ts";
import { isMissed, judged, median, wordTarget, type BenchContext, type Figure } from "./figure.ts";
import { measureRunning } from "./running.ts";
import { measureNoise } from "./noise.ts";
import { measureTerminal } from "./terminal/index.ts";

/**
 * `npm run bench [-- create|running|lease|capacity|terminal|noise|class …] [--rounds N]
 * [--submissions N] [--ttyd path] [--json file] [--check]`: every figure beside its target;
 * `--check` exits with 1 when one is missed.
 */
const BENCHES: Record<string, (context: BenchContext) => Promise<Figure[]>> = {
  create: measureCreate,
  running: measureRunning,
  lease: measureLease,
  capacity: measureCapacity,
  terminal: measureTerminal,
  noise: measureNoise,
  class: measureClass,
};
/** Takes half an hour for the hundred submissions that it is about: only when it is named. */
const ONLY_WHEN_NAMED = ["class"];

/**
 * What was asked for. Ends the process with 2 and one line when it makes no sense: a bench takes
 * too long to find out at its end.
 */
function readArguments() {
  const refuse = (problem: string): never => {
    console.error(problem);
    process.exit(2);
  };
  const read = () => {
    try {
      return parseArgs({
        allowPositionals: true,
        options: {
          rounds: { type: "string", default: "3" },
          submissions: { type: "string", default: "100" },
          ttyd: { type: "string" },
          json: { type: "string", default: "bench.json" },
          check: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      return refuse((error as Error).message);
    }
  };
  const { values, positionals } = read();
  const unknown = positionals.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown) refuse(`There is no bench ${unknown}; there are: ${Object.keys(BENCHES).join(", ")}`);
  const wholeNumber = (option: "rounds" | "submissions") => {
    const number = Number(values[option]);
    if (!Number.isInteger(number) || number < 1) refuse(`--${option} must be a whole number from 1 on, not ${values[option]}`);
    return number;
  };
  const [rounds, submissions] = [wholeNumber("rounds"), wholeNumber("submissions")];
  if (values.ttyd !== undefined && !existsSync(values.ttyd)) refuse(`--ttyd: there is no ${values.ttyd}`);
  if (!existsSync(dirname(resolve(values.json)))) refuse(`--json: there is no folder ${dirname(resolve(values.json))}`);
  const usual = Object.keys(BENCHES).filter((name) => !ONLY_WHEN_NAMED.includes(name));
  return { ...values, rounds, submissions, names: positionals.length > 0 ? positionals : usual };
}
const values = readArguments();

const config = readConfig(process.env);
const platform = await openPlatform(config, new Progress());
await platform.prepare();
const cleanup = new Cleanup();
const context: BenchContext = {
  config,
  platform,
  rounds: values.rounds,
  submissions: values.submissions,
  cleanup,
  ttyd: values.ttyd,
  say: (line) => console.log(line),
};
const figures: Figure[] = [];
let ended: NodeJS.Signals | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // npm and tsx hand on what the terminal has sent to all of them.
    if (ended) return;
    ended = signal;
    console.log(`\n${signal}: what the bench has started is taken away`);
    void cleanup
      .run()
      .catch((error: unknown) => console.error(error))
      // What the shell reports of a process that was ended so:
      // https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html
      .finally(() => process.exit(128 + constants.signals[signal]));
  });
}
for (const name of values.names) {
  try {
    figures.push(...(await BENCHES[name]!(context)));
  } catch (error) {
    // What is taken away fails under the hands of those who use it.
    if (!ended) throw error;
    await new Promise(() => undefined);
  } finally {
    if (!ended) await cleanup.run();
  }
}

const round = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
console.log(
  `\n${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${platform.engine.name} ${platform.engine.version}`,
);
console.table(
  figures.map((figure) => ({
    figure: figure.name,
    median: `${round(median(figure.values))} ${figure.unit}`,
    spread: figure.values.length > 1 ? `${round(Math.min(...figure.values))}–${round(Math.max(...figure.values))}` : "",
    reference: figure.reference ? `${round(median(figure.reference.values))} ${figure.unit} (${figure.reference.name})` : "",
    ratio: figure.reference ? round(judged(figure)) : "",
    target: wordTarget(figure),
    missed: isMissed(figure) ? "missed" : "",
  })),
);
writeFileSync(
  values.json,
  JSON.stringify({ machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem() }, figures }, null, 2),
);
const missed = figures.filter(isMissed);
if (missed.length > 0) console.log(`Missed: ${missed.map(({ name }) => name).join(", ")}`);
if (values.check && missed.length > 0) process.exitCode = 1;
