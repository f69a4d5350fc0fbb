import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, tryRun } from "../../../labs/src/process.ts";

const MIB = 1024 * 1024;
const BLOCK_BYTES = 4096;

/** A file system of its own, small enough to be filled. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly dir: string;
  /** What it is, for the title of a test. */
  readonly kind: string;
  readonly #folder: string;

  private constructor(folder: string, kind: string) {
    this.#folder = folder;
    this.dir = join(folder, "mounted");
    this.kind = kind;
  }

  /**
   * Mounts one: ext4 on a loop device, else a tmpfs. Answers undefined where this process may mount
   * neither.
   */
  static async mount(sizeMib: number): Promise<SmallDisk | undefined> {
    const folder = mkdtempSync(join(tmpdir(), "drydock-disk-"));
    const image = join(folder, "image");
    const mounted = join(folder, "mounted");
    mkdirSync(mounted);
    closeSync(openSync(image, "w"));
    truncateSync(image, sizeMib * MIB);
    const done = async (file: string, args: string[]) => (await tryRun(file, args).catch(() => undefined))?.exitCode === 0;
    // Nothing kept back for root, who this is likely to be.
    const formatted = await done("mkfs.ext4", ["-q", "-m", "0", "-O", "^has_journal", image]);
    if (formatted && (await done("mount", ["-o", "loop", image, mounted]))) return new SmallDisk(folder, "ext4 on a loop device");
    if (await done("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", mounted])) return new SmallDisk(folder, "a tmpfs");
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.dir);
    return bavail * bsize;
  }

  /** Fills it, but for so many bytes (in whole blocks). */
  fill(leaveBytes = 0): void {
    const file = openSync(this.#filler, "a");
    try {
      let written = 0;
      for (const size of [MIB, BLOCK_BYTES]) {
        const bytes = Buffer.alloc(size, 1);
        // A write that is cut short means, as one that fails does, that there is no more room.
        for (let wrote = size; wrote === size; written += wrote) wrote = write(file, bytes);
      }
      ftruncateSync(file, Math.max(0, written - leaveBytes));
    } finally {
      closeSync(file);
    }
  }

  /** Takes away what {@link SmallDisk.fill} put there. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  get #filler(): string {
    return join(this.dir, "filler");
  }

  /** Takes it away; what still has a file of it open keeps it until it ends. */
  async unmount(): Promise<void> {
    await run("umount", ["-l", this.dir]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** How many bytes could be written; 0 where the disk is full. */
function write(file: number, bytes: Buffer): number {
  try {
    return writeSync(file, bytes);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOSPC") return 0;
    throw error;
  }
}
