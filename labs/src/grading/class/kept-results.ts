import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { bundleChecker } from "../../checks/bundle.ts";
import type { Config } from "../../config.ts";
import type { Scenario } from "../../scenarios/schema.ts";
import { type Graded, gradedSchema } from "../graded.ts";
import type { Submission } from "../submit.ts";

const lineSchema = z.strictObject({ person: z.string(), key: z.string(), graded: gradedSchema });

/**
 * What was graded in a class so far: a file of JSON lines, one for each submission, written as soon
 * as it is graded, so that a run that is killed loses nothing. A result counts again as long as its
 * key is the same, see {@link gradingKey}.
 */
export class KeptResults {
  readonly path: string;
  readonly #results = new Map<string, Graded>();

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens the results of a class, kept in the data directory under the scenario and the folder of
   * submissions.
   */
  static async open(config: Pick<Config, "dataDir">, slug: string, folder: string): Promise<KeptResults> {
    const id = createHash("sha256")
      .update(await realpath(folder))
      .digest("hex")
      .slice(0, 12);
    const results = new KeptResults(join(config.dataDir, "grades", `${slug}-${id}.jsonl`));
    const text = await readFile(results.path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    for (const line of text.split("\n")) {
      const entry = parseLine(line);
      if (entry) results.#results.set(`${entry.person}\n${entry.key}`, entry.graded);
    }
    return results;
  }

  /** The verdict on just this submission; none where it could not be judged. */
  find(person: string, key: string): Graded | undefined {
    const graded = this.#results.get(`${person}\n${key}`);
    return graded?.verdict === "error" ? undefined : graded;
  }

  async add(person: string, key: string, graded: Graded): Promise<void> {
    this.#results.set(`${person}\n${key}`, graded);
    await mkdir(dirname(this.path), { recursive: true });
    // A line that a kill has left without its end is ended first.
    await appendFile(this.path, `\n${JSON.stringify({ person, key, graded })}`, { mode: 0o600 });
  }
}

function parseLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return undefined; // an empty line, half of one, or one of an older version: it is graded anew
  }
}

/**
 * Names all that a verdict depends on: what was handed in, the time limit, and the scenario as it
 * is set up and judged.
 */
export async function gradingKey(scenarioKey: string, submission: Submission, timeoutMs: number): Promise<string> {
  const files = submission.kind === "manifests" ? submission.files : [];
  const contents = files.map(({ path, content }) => [path, Buffer.from(content).toString("base64")]);
  const handedIn = submission.kind === "manifests" ? [submission.steps, contents] : submission.script;
  return hash([scenarioKey, timeoutMs, submission.kind, handedIn]);
}

/** Changes with what decides how a scenario is set up and judged; not with its texts. */
export async function scenarioKeyOf(scenario: Scenario): Promise<string> {
  const setups = Object.entries(scenario.setups).sort(([a], [b]) => a.localeCompare(b));
  const scripts = await Promise.all(setups.map(async ([host, path]) => [host, await readFile(path, "utf8")]));
  const { topology, host, checks } = scenario;
  return hash([topology, host, checks, scripts, await bundleChecker(scenario.checkPath)]);
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
