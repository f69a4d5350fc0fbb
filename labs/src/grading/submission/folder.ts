import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DrydockError } from "../../errors.ts";

/**
 * A folder that was handed in, looked at before anything of it is read. Paths are relative, with
 * `/`.
 */
export interface Folder {
  path: string;
  /**
   * In name order; what is in a folder comes where the folder's name comes, as with `kubectl apply
   * -R`.
   */
  entries: ({ kind: "file"; path: string } | { kind: "folder"; folder: Folder })[];
  /** What is not to be used, and why, a line each. */
  leftOut: string[];
}

const MAX_ENTRIES = 2000;
const MAX_DEPTH = 20;
/** What packers and version control leave behind, which is not meant to be handed in. */
const DEBRIS = new Set(["__MACOSX", ".git", ".DS_Store"]);

/**
 * Lists a folder and those in it. Links are not followed: they may lead to files of the grader's
 * machine. What is neither a file nor a folder is named as left out.
 * @throws DrydockError `submission.too-large`, `submission.unreadable`
 */
export async function listFolder(root: string): Promise<Folder> {
  let seen = 0;
  const list = async (path: string, depth: number): Promise<Folder> => {
    const folder: Folder = { path, entries: [], leftOut: [] };
    const names = await readdir(join(root, path)).catch((cause: unknown) => throwUnreadable(path || root, cause));
    for (const name of names.sort()) {
      const at = path ? `${path}/${name}` : name;
      if ((seen += 1) > MAX_ENTRIES)
        throw new DrydockError("submission.too-large", `${root} holds more than ${MAX_ENTRIES} entries`);
      // eslint-disable-next-line no-control-regex
      if (/[\x00-\x1f\x7f]/.test(name)) folder.leftOut.push(`${at}: its name holds control characters`);
      else if (DEBRIS.has(name) || name.startsWith("._")) folder.leftOut.push(`${at}: no part of what is handed in`);
      else await add(folder, at, depth);
    }
    return folder;
  };
  const add = async (folder: Folder, at: string, depth: number) => {
    const stat = await lstat(join(root, at)).catch((cause: unknown) => throwUnreadable(at, cause));
    if (stat.isFile()) folder.entries.push({ kind: "file", path: at });
    else if (stat.isSymbolicLink()) folder.leftOut.push(`${at}: a link, which is not followed`);
    else if (!stat.isDirectory()) folder.leftOut.push(`${at}: neither a file nor a folder`);
    else if (depth >= MAX_DEPTH) folder.leftOut.push(`${at}/: more than ${MAX_DEPTH} folders deep`);
    else folder.entries.push({ kind: "folder", folder: await list(at, depth + 1) });
  };
  return list("", 1);
}

/** Reads files of a folder until they are too many bytes together. */
export class FolderReader {
  readonly #root: string;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(root: string, maxBytes: number) {
    this.#root = root;
    this.#maxBytes = maxBytes;
  }

  /** @throws DrydockError `submission.too-large`, `submission.unreadable` */
  async read(path: string): Promise<Uint8Array> {
    const { size } = await lstat(join(this.#root, path)).catch((cause: unknown) => throwUnreadable(path, cause));
    if ((this.#bytes += size) > this.#maxBytes) throw tooLarge(this.#root, this.#maxBytes);
    return readFile(join(this.#root, path)).catch((cause: unknown) => throwUnreadable(path, cause));
  }
}

export function tooLarge(path: string, maxBytes: number): DrydockError {
  return new DrydockError("submission.too-large", `${path} is larger than ${maxBytes / 1024 ** 2} MiB`);
}

export function throwUnreadable(path: string, cause: unknown): never {
  throw new DrydockError("submission.unreadable", `${path} cannot be read: ${(cause as Error).message}`, { cause });
}
