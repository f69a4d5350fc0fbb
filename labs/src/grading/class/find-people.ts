import { lstat, readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { DrydockError } from "../../errors.ts";
import { plainLine } from "../../plain-text.ts";

/** Who handed something in, and where it lies. */
export interface Person {
  name: string;
  path: string;
  /** Why it is not looked at. */
  problem?: string;
}

const SUBMISSION = /\.(sh|bash|ya?ml|json)$/i;

/**
 * The people of a class: each entry of the folder that is a folder, a script or a manifest is that
 * of the person it is named after, in name order. Everything else is named in `leftOut`.
 * @throws DrydockError `class.missing`, `class.empty`, `class.ambiguous` where a person has two
 * entries
 */
export async function findPeople(folder: string): Promise<{ people: Person[]; leftOut: string[] }> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new DrydockError("class.missing", `The submissions in ${folder} cannot be listed: ${(cause as Error).message}`, {
      cause,
    });
  });
  const people: Person[] = [];
  const leftOut: string[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    const stat = await lstat(path);
    // A link could lead to a file of this machine, which would then be run or applied.
    const isOdd = !stat.isFile() && !stat.isDirectory();
    const problem = isOdd
      ? `${path} is ${stat.isSymbolicLink() ? "a link, which is not followed" : "neither a file nor a folder"}`
      : undefined;
    if (name.startsWith(".")) leftOut.push(`${plainLine(name)}: hidden`);
    else if (stat.isDirectory()) people.push({ name, path });
    else if (SUBMISSION.test(name) || problem) people.push({ name: basename(name, extname(name)), path, problem });
    else leftOut.push(`${plainLine(name)}: neither a script (.sh) nor a manifest (.yaml, .yml, .json) nor a folder`);
  }
  const twice = people.find((person, at) => people.findIndex(({ name }) => name === person.name) !== at);
  if (twice) {
    const paths = people.filter(({ name }) => name === twice.name).map(({ path }) => basename(path));
    throw new DrydockError("class.ambiguous", `${twice.name} has more than one submission: ${paths.join(", ")}`, {
      advice: "Leave the one that counts",
    });
  }
  if (people.length === 0) throw new DrydockError("class.empty", `${folder} holds no submissions`);
  return { people, leftOut };
}
