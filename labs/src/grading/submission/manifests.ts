import { posix } from "node:path";
import type { ScriptFile } from "../script.ts";
import { decodeText } from "./decode.ts";
import { withoutServerFields } from "./exported.ts";
import type { Folder, FolderReader } from "./folder.ts";
import { folderReferences, isKustomization } from "./kustomize.ts";

/** One thing to apply: a file, or a folder with a kustomization. */
export interface ApplyStep {
  with: "file" | "kustomization";
  path: string;
}

export interface Manifests {
  steps: ApplyStep[];
  files: ScriptFile[];
  /** What is left out, and what is not taken as it is written, a line each. */
  remarks: string[];
}

const MANIFEST = /\.(ya?ml|json)$/i;

export function isManifest(path: string): boolean {
  return MANIFEST.test(path);
}

/**
 * Reads the manifests of a folder, in the order in which they are to be applied.
 * @throws as {@link FolderReader.read}
 */
export async function readManifests(root: Folder, reader: FolderReader): Promise<Manifests> {
  const found: Manifests = { steps: [], files: [], remarks: [] };
  const kustomizations = await findKustomizations(root, reader);
  const visit = async (folder: Folder): Promise<void> => {
    const names = folder.entries.flatMap((entry) => (entry.kind === "file" ? [posix.basename(entry.path)] : []));
    if (names.includes("Chart.yaml")) {
      found.remarks.push(
        `${folder.path || "."}/: a Helm chart is left out; hand in a script that installs it, or what \`helm template\` makes of it`,
      );
      return;
    }
    found.remarks.push(...folder.leftOut.map((line) => `Left out: ${line}`));
    if (kustomizations.has(folder.path)) {
      await addAll(folder, reader, found);
      const user = kustomizations.get(folder.path);
      if (user === undefined) found.steps.push({ with: "kustomization", path: folder.path || "." });
      else found.remarks.push(`${folder.path || "."}/: applied as a part of ${user || "."}/`);
      // Kustomizations in it that it does not build on are things of their own.
      for (const entry of folder.entries) if (entry.kind === "folder") await visitKustomizations(entry.folder);
      return;
    }
    for (const entry of folder.entries) {
      if (entry.kind === "folder") await visit(entry.folder);
      else if (isManifest(entry.path)) await addManifest(entry.path, reader, found);
      else found.remarks.push(`Left out: ${entry.path}: no manifest (.yaml, .yml or .json)`);
    }
  };
  const visitKustomizations = async (folder: Folder): Promise<void> => {
    const user = kustomizations.get(folder.path);
    if (kustomizations.has(folder.path) && user === undefined) found.steps.push({ with: "kustomization", path: folder.path });
    for (const entry of folder.entries) if (entry.kind === "folder") await visitKustomizations(entry.folder);
  };
  await visit(root);
  return found;
}

/** The folders that have a kustomization, each with the one that builds on it, if one does. */
async function findKustomizations(root: Folder, reader: FolderReader): Promise<Map<string, string | undefined>> {
  const references = new Map<string, string[]>();
  const look = async (folder: Folder): Promise<void> => {
    for (const entry of folder.entries) {
      if (entry.kind === "folder") await look(entry.folder);
      else if (isKustomization(entry.path)) {
        const { text } = decodeText(await reader.read(entry.path));
        references.set(folder.path, folderReferences(folder.path, text));
      }
    }
  };
  await look(root);
  const userOf = (path: string) => [...references].find(([user, used]) => user !== path && used.includes(path || "."))?.[0];
  return new Map([...references.keys()].map((path) => [path, userOf(path)]));
}

/** Everything in a folder with a kustomization may be read by it. */
async function addAll(folder: Folder, reader: FolderReader, found: Manifests): Promise<void> {
  for (const entry of folder.entries) {
    if (entry.kind === "folder") {
      await addAll(entry.folder, reader, found);
      continue;
    }
    const bytes = await reader.read(entry.path);
    const content = isManifest(entry.path) || isKustomization(entry.path) ? decodeText(bytes).text : bytes;
    found.files.push({ path: entry.path, content });
  }
}

async function addManifest(path: string, reader: FolderReader, found: Manifests): Promise<void> {
  const { content, remarks } = manifestOf(path, await reader.read(path));
  found.files.push({ path, content });
  found.steps.push({ with: "file", path });
  found.remarks.push(...remarks);
}

/** A manifest as it is to be applied, and what is not as it was written. */
export function manifestOf(path: string, bytes: Uint8Array): { content: string; remarks: string[] } {
  const { text, oddities } = decodeText(bytes);
  const { text: content, stripped } = withoutServerFields(text);
  const remarks = oddities.map((oddity) => `${path}: read ${oddity}`);
  if (stripped.length > 0) remarks.push(`${path}: applied without ${stripped.join(", ")}, which only a server sets`);
  return { content, remarks };
}
