/** A group of programs.json. */
export type GoGroup = "kubernetes" | "storage" | "tools" | "crictl" | "kind" | "extras";
export interface GoBuildOptions {
  cacheDir: string;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
  onWait?: () => void;
  run: (
    file: string,
    args: string[],
    options: { cwd: string; env: Record<string, string>; onLine?: (line: string) => void; signal?: AbortSignal },
  ) => Promise<unknown>;
}
export function goArtifact(group: GoGroup, cacheDir: string): string;
export function buildGoPrograms(group: GoGroup, options: GoBuildOptions): Promise<string>;
