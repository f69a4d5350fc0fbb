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

/** The labels of an object as options of `create` and `run`, one option per argument. */
export function labelArgs(kind: "node" | "network" | "volume", { id, installation, owner }: Labels, host?: string): string[] {
  const labels: Record<string, string> = {
    [LABEL]: kind,
    [LABEL_INSTALLATION]: installation,
    [LABEL_SANDBOX]: id,
    [LABEL_OWNER]: owner,
    [LABEL_SCOPE]: scopeOf({ installation, owner }),
  };
  if (host) labels[LABEL_HOST] = host;
  return Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`);
}
