import { LABEL, LABEL_HOST, LABEL_INSTALLATION, LABEL_OWNER, LABEL_SANDBOX, LABEL_SCOPE } from "../engine/engine.ts";
import type { Owner } from "./provider.ts";

/** Whose an engine object is. */
export interface Labels {
  id: string;
  installation: string;
  owner: Owner;
}

export function scopeOf({ installation, owner }: Omit<Labels, "id">): string {
  return `${installation}.${owner}`;
}

type Kind = "node" | "network" | "volume";

/** The labels of an object. */
export function labelsOf(kind: Kind, { id, installation, owner }: Labels, host?: string): Record<string, string> {
  const labels: Record<string, string> = {
    [LABEL]: kind,
    [LABEL_INSTALLATION]: installation,
    [LABEL_SANDBOX]: id,
    [LABEL_OWNER]: owner,
    [LABEL_SCOPE]: scopeOf({ installation, owner }),
  };
  if (host) labels[LABEL_HOST] = host;
  return labels;
}

/** The same as options of `create` and `run`, one option per argument. */
export function labelArgs(kind: Kind, labels: Labels, host?: string): string[] {
  return Object.entries(labelsOf(kind, labels, host)).map(([key, value]) => `--label=${key}=${value}`);
}
