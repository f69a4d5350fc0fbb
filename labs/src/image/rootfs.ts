import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Report } from "../progress.ts";
import { run } from "../process.ts";
import { ensureArtifact, hashInputs } from "./artifact.mjs";
import { type BuildContext, cacheDir } from "./context.ts";
import { ensureMmdebstrap, findDebianArchive } from "./debian-archive.ts";
import { NODE_PACKAGES, PINS, TOOL_PACKAGES } from "./pins.ts";

/**
 * What a shell and dpkg's own scripts need; the rest of Debian's "essential" is of no use in a
 * node.
 */
const CORE_PACKAGES = [
  "apt",
  "base-files",
  "base-passwd",
  "bash",
  "bsdutils",
  "coreutils",
  "dash",
  "debianutils",
  "diffutils",
  "dpkg",
  "findutils",
  "grep",
  "gzip",
  "hostname",
  "init-system-helpers",
  "libc-bin",
  "login",
  "ncurses-base",
  "ncurses-bin",
  "passwd",
  "perl-base",
  "sed",
  "sysvinit-utils",
  "tar",
  "util-linux",
] as const;

const LEFT_OUT = ["man", "locale", "doc", "info", "vim/vim*/lang", "vim/vim*/spell", "vim/vim*/tutor", "vim/vim*/doc"];

function mmdebstrapOptions(): string[] {
  const packages = [...new Set<string>([...CORE_PACKAGES, ...NODE_PACKAGES, ...TOOL_PACKAGES])].sort();
  return [
    "--variant=custom",
    "--format=tar",
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...LEFT_OUT.map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    `--include=${packages.join(",")}`,
  ];
}

/** Changes with whatever goes into the file system. */
export function rootfsHash(): string {
  return hashInputs({ texts: [PINS.debian, process.arch, ...mmdebstrapOptions()] });
}

export function rootfsPath(config: Config): string {
  return join(cacheDir(config), `rootfs-${rootfsHash()}.tar`);
}

/**
 * A Debian file system with systemd and all packages of a node, as a tar file; 60 s of one core.
 * Returns its path.
 */
export async function ensureRootfs({ config, signal }: BuildContext, report: Report): Promise<string> {
  return ensureArtifact(
    rootfsPath(config),
    async (unfinished) => {
      await ensureMmdebstrap(signal);
      const archive = await findDebianArchive(PINS.debian, signal);
      const source = `deb ${archive} ${PINS.debian} main`;
      const onLine = (line: string) => line.startsWith("I: ") && report(line.slice(3));
      await run("mmdebstrap", [...mmdebstrapOptions(), PINS.debian, unfinished, source], { signal, onLine });
    },
    { signal, onWait: () => report("waiting for another build of it") },
  );
}
