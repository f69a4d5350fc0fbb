import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { DrydockError } from "../../errors.ts";
import { decodeText } from "./decode.ts";
import { type Folder, FolderReader, listFolder, throwUnreadable, tooLarge } from "./folder.ts";
import { isManifest, manifestOf, type Manifests, readManifests } from "./manifests.ts";

/** What a person hands in: a script, or manifests to apply one after another. */
export type Submission = { kind: "script"; script: string; remarks: string[] } | ({ kind: "manifests" } & Manifests);

const MAX_BYTES = 4 * 1024 * 1024;
const SCRIPT = /\.(sh|bash)$/i;

/**
 * Reads a submission. A file is a script, unless it is named as YAML or JSON. Of a folder
 * `<scenario>.sh` is the submission; without it the manifests, applied in name order (a folder with
 * a kustomization as one); without these the only script in it.
 * @param slug the scenario's
 * @throws DrydockError with a code of {@link isUnusable}, or `submission.missing`,
 * `submission.unreadable`
 */
export async function readSubmission(path: string, slug?: string): Promise<Submission> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new DrydockError("submission.missing", `There is no submission at ${path}`, { cause });
  });
  if (found.isDirectory()) return readFolder(path, slug);
  // A pipe is what `--submission <(make-one)` gives.
  if (!found.isFile() && !found.isFIFO())
    throw new DrydockError("submission.unreadable", `${path} is neither a file nor a folder`);
  if (found.size > MAX_BYTES) throw tooLarge(path, MAX_BYTES);
  const bytes = await readFile(path).catch((cause: unknown) => throwUnreadable(path, cause));
  if (bytes.length > MAX_BYTES) throw tooLarge(path, MAX_BYTES);
  if (!isManifest(path)) return scriptOf(path, bytes);
  requireContent(path, bytes);
  const name = basename(path);
  const { content, remarks } = manifestOf(name, bytes);
  return { kind: "manifests", steps: [{ with: "file", path: name }], files: [{ path: name, content }], remarks };
}

/**
 * Whether an error of {@link readSubmission} says that what was handed in cannot be run anywhere:
 * the fault is the submission's, not the machine's or the caller's.
 */
export function isUnusable(error: unknown): error is DrydockError {
  return (
    error instanceof DrydockError && ["submission.empty", "submission.too-large", "submission.ambiguous"].includes(error.code)
  );
}

async function readFolder(path: string, slug: string | undefined): Promise<Submission> {
  const folder = await listFolder(path);
  const reader = new FolderReader(path, MAX_BYTES);
  const files = folder.entries.flatMap((entry) => (entry.kind === "file" ? [entry.path] : []));
  const named = files.find((name) => name === `${slug}.sh`);
  if (named !== undefined) return scriptIn(path, named, folder);
  const manifests = await readManifests(folder, reader);
  if (manifests.steps.length > 0) return { kind: "manifests", ...manifests };
  const scripts = files.filter((name) => SCRIPT.test(name));
  if (scripts.length === 1) {
    const submission = await scriptIn(path, scripts[0]!, folder);
    return { ...submission, remarks: [`Taken for the submission: ${scripts[0]}, the only script`, ...submission.remarks] };
  }
  if (scripts.length > 1) {
    const advice = slug === undefined ? undefined : `Name the one that counts ${slug}.sh`;
    throw new DrydockError("submission.ambiguous", `${path} holds ${scripts.length} scripts: ${scripts.join(", ")}`, { advice });
  }
  const leftOut = manifests.remarks.length > 0 ? ` (${manifests.remarks.join("; ")})` : "";
  throw new DrydockError("submission.empty", `${path} holds no script and no manifest (.yaml, .yml or .json)${leftOut}`);
}

/** A script that lies in a folder: what lies beside it is not there when it runs. */
async function scriptIn(root: string, path: string, folder: Folder): Promise<Submission> {
  const submission = scriptOf(path, await new FolderReader(root, MAX_BYTES).read(path));
  const others = folder.entries.map((entry) => (entry.kind === "file" ? entry.path : `${entry.folder.path}/`));
  const leftOut = others
    .filter((other) => other !== path)
    .map((other) => `Left out: ${other}: beside the script, and not there when it runs`);
  return { ...submission, remarks: [...submission.remarks, ...leftOut, ...folder.leftOut.map((line) => `Left out: ${line}`)] };
}

function scriptOf(path: string, bytes: Uint8Array): Extract<Submission, { kind: "script" }> {
  requireContent(path, bytes);
  const { text, oddities } = decodeText(bytes);
  return { kind: "script", script: text, remarks: oddities.map((oddity) => `${basename(path)}: read ${oddity}`) };
}

function requireContent(path: string, bytes: Uint8Array): void {
  if (decodeText(bytes).text.trim() === "") throw new DrydockError("submission.empty", `${path} is empty`);
}
