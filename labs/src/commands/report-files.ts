import { constants } from "node:fs";
import { access, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DrydockError, describeError } from "../errors.ts";

/** The files that a command writes its result to, by what is in them. */
export type ReportPaths = Record<string, string | undefined>;

/**
 * Makes the folders of the reports, and sees that each can be written: before the work, which may
 * take an hour. Paths that were not given are skipped.
 * @throws DrydockError `cli.report-path`, which names the path and why
 */
export async function prepareReports(paths: ReportPaths): Promise<void> {
  const given = Object.values(paths).filter((path) => path !== undefined);
  for (const path of given) {
    if (path === "") throw refused(path, "the path is empty");
    if (given.filter((other) => resolve(other) === resolve(path)).length > 1) throw refused(path, "two reports have this path");
    await mkdir(dirname(resolve(path)), { recursive: true }).catch((cause: unknown) => throwRefused(path, cause));
    const found = await stat(path).catch((cause: NodeJS.ErrnoException) =>
      cause.code === "ENOENT" ? undefined : throwRefused(path, cause),
    );
    if (found?.isDirectory() || /[/\\]$/.test(path)) throw refused(path, "this is a folder");
    await access(found ? path : dirname(resolve(path)), constants.W_OK).catch((cause: unknown) => throwRefused(path, cause));
  }
}

/**
 * Writes reports, each whether or not another can be written. Answers what went wrong, a line each.
 */
export async function writeReports(reports: readonly { path: string | undefined; text: () => string }[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { path, text } of reports) {
    if (path === undefined) continue;
    await writeReport(path, text()).catch((error: unknown) =>
      problems.push(`${path} could not be written: ${describeError(error)}`),
    );
  }
  return problems;
}

/**
 * A file is there whole or not at all; what is no file (a pipe, /dev/stdout) is written to as it
 * is.
 */
async function writeReport(path: string, text: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) return writeFile(path, text);
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    await mkdir(dirname(resolve(path)), { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

function refused(path: string, why: string, cause?: unknown): DrydockError {
  const advice = "Nothing was run yet; give another path";
  return new DrydockError("cli.report-path", `The report ${JSON.stringify(path)} could not be written: ${why}`, {
    cause,
    advice,
  });
}

function throwRefused(path: string, cause: unknown): never {
  throw refused(path, (cause as Error).message, cause);
}
