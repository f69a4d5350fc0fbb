import { echoTimes } from "../faults/support/echo-times.ts";
import { NOISES, NoisyNeighbour } from "../faults/support/noisy-neighbour.ts";
import { percentile, type BenchContext, type Figure } from "./figure.ts";

/** At a typist's pace some 15 seconds. */
const KEYS = 400;
const TARGET_MS = 100;

/**
 * How much one learner's fork bomb, memory hog, disk filler and log flood disturb another who types
 * in a cluster of their own. The server, the engine and both clusters are real.
 */
export async function measureNoise({ rounds, cleanup, say }: BenchContext): Promise<Figure[]> {
  const { made: neighbour } = await cleanup.own(NoisyNeighbour.start(), (one) => one.end());
  const p99 = async () => percentile(await echoTimes(neighbour.window, KEYS), 0.99);
  const quiet: number[] = [];
  const beside = new Map<string, number[]>(Object.keys(NOISES).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    quiet.push(await p99());
    for (const [name, noise] of Object.entries(NOISES)) {
      const before = await neighbour.make(noise);
      const value = await p99();
      await neighbour.expectNoise(noise, before);
      await neighbour.hush();
      beside.get(name)!.push(value);
      say(`noise, round ${round} of ${rounds}: echo p99 beside a ${name} ${value.toFixed(0)} ms`);
    }
  }
  const figure = (name: string, values: number[]): Figure => ({ name, unit: "ms", values, target: TARGET_MS });
  return [
    figure("echo p99 beside a cluster that is quiet", quiet),
    ...[...beside].map(([name, values]) => figure(`echo p99 beside a ${name}`, values)),
  ];
}
