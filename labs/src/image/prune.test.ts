import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pruneCache } from "./prune.ts";

test("deletes old artifacts that are not current, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "drydock-prune-"));
  try {
    const names = ["go-tools-0123456789abcdef", "go-tools-aaaaaaaaaaaaaaaa", "mirror-bbbbbbbbbbbbbbbb.tar", "something-else"];
    for (const name of names) {
      mkdirSync(join(folder, name));
      utimesSync(join(folder, name), 0, 0);
    }
    mkdirSync(join(folder, "rootfs-cccccccccccccccc.tar"));
    const current = [join("/elsewhere", "go-tools-aaaaaaaaaaaaaaaa")];
    const deleted = await pruneCache(folder, current, 1000, Date.now());
    expect(deleted.sort()).toEqual(["go-tools-0123456789abcdef", "mirror-bbbbbbbbbbbbbbbb.tar"]);
    expect(readdirSync(folder).sort()).toEqual(["go-tools-aaaaaaaaaaaaaaaa", "rootfs-cccccccccccccccc.tar", "something-else"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
