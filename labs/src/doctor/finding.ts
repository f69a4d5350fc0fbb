/**
 * One thing that sandboxes need, looked at. `missing` ones stop the project from working here;
 * `warning` ones do not.
 */
export interface Finding {
  what: string;
  state: "ok" | "warning" | "missing";
  found: string;
  /** What to do about it. */
  advice?: string;
}

export const ok = (what: string, found: string): Finding => ({ what, state: "ok", found });
export const warning = (what: string, found: string, advice: string): Finding => ({ what, state: "warning", found, advice });
export const missing = (what: string, found: string, advice: string): Finding => ({ what, state: "missing", found, advice });
