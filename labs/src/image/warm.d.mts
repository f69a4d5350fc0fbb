import type { GoGroup } from "./go-programs.mjs";
export function warm(options?: {
  cacheDir?: string;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
  groups?: GoGroup[];
}): Promise<void>;
