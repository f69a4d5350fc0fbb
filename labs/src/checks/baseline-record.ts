import type { FileDigest } from "./host.ts";
import type { KubeObject } from "./kube/types.ts";

/** What was noted down after set-up; null stands for a file or an object that was not there. */
export interface BaselineRecord {
  files: Record<string, FileDigest | null>;
  objects: Record<string, KubeObject | null>;
}

export interface ObjectName {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

/**
 * How things were after set-up. The record lies outside of the sandbox. Each reader throws for what
 * scenario.yaml does not name under `baseline`.
 */
export interface Baseline {
  /** A file's size and sum, undefined where there was none. */
  file(host: string, path: string): FileDigest | undefined;
  /**
   * An object as the API server answered it, undefined where there was none. The namespace is
   * `default` unless given.
   */
  object(name: ObjectName): KubeObject | undefined;
}

export function fileKey(host: string, path: string): string {
  return `${host}:${path}`;
}

export function objectKey({ apiVersion, kind, name, namespace = "default" }: ObjectName): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}

export function createBaseline(record: BaselineRecord | undefined): Baseline {
  const read = <T>(part: Record<string, T | null> | undefined, key: string): T | undefined => {
    if (!part) throw new Error("Nothing was noted down after set-up: this sandbox was prepared by an earlier version. Reset it");
    const found = part[key];
    if (found === undefined) throw new Error(`scenario.yaml does not name ${key} under baseline`);
    return found ?? undefined;
  };
  return {
    file: (host, path) => read(record?.files, fileKey(host, path)),
    object: (name) => read(record?.objects, objectKey(name)),
  };
}
