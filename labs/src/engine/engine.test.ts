import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../config.ts";
import { createClient } from "./client.ts";
import { findEngine } from "./index.ts";
import { parseHardLimits } from "./limits.ts";
import { podmanConfigText, settingsToTry } from "./podman-config.ts";
import { isDebianLike } from "./install.ts";

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max processes             96365                96365                processes 
Max open files            1024                 20000                files     
`;

test("hard limits are read from the third column", () => {
  expect(parseHardLimits(LIMITS)).toEqual({ nofile: 20000, nproc: 96365 });
});

test("a limit that is unlimited or not there is -1", () => {
  expect(parseHardLimits(LIMITS.replaceAll("96365", "unlimited").replace(/^Max open.*$/m, ""))).toEqual({
    nofile: -1,
    nproc: -1,
  });
});

test("the least intrusive settings for podman are tried first, and each installed runtime last", () => {
  const tried = settingsToTry({ nofile: 1, nproc: 2 }, ["runc"]);
  expect(tried.map(({ runtime, cgroupManager }) => [runtime, cgroupManager])).toEqual([
    [undefined, undefined],
    [undefined, "cgroupfs"],
    ["runc", "cgroupfs"],
  ]);
});

test("containers.conf holds the limits found and only the keys that were asked for", () => {
  const text = podmanConfigText({ limits: { nofile: 20000, nproc: -1 } });
  expect(text).toContain('default_ulimits = ["nofile=20000:20000", "nproc=-1:-1"]');
  expect(text).not.toContain("runtime");
  expect(podmanConfigText({ limits: { nofile: 1, nproc: 1 }, runtime: "runc" })).toContain('runtime = "runc"');
});

test("Debian, Ubuntu and what calls itself like them are recognised", () => {
  expect(isDebianLike('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n')).toBe(true);
  expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
  expect(isDebianLike("ID=fedora\nNAME=not-debian\n")).toBe(false);
});

/**
 * Puts an engine into the PATH that has this one container, or none, and notes how it was called.
 */
function pretend(dir: string, name: string, container: string): () => string {
  const [program, calls] = [join(dir, name), join(dir, `${name}.calls`)];
  const script = `#!/bin/sh\necho "$*" >>${calls}\ncase $1 in ps) echo ${container};; version) echo 9.9;; *) exit 1;; esac\n`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return () => readFileSync(calls, "utf8");
}

test("an engine in which this installation's containers run needs no other proof; one without any does, and where both have some it is not plain which is meant", async () => {
  const dir = mkdtempSync(join(tmpdir(), "drydock-engine-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true, force: true });
  });
  vi.stubEnv("PATH", dir);
  const config = readConfig({ DRYDOCK_HOME: dir });
  const docker = pretend(dir, "docker", "");
  let podman = pretend(dir, "podman", "c0ffee");
  expect((await findEngine(config)).engine).toMatchObject({ name: "podman", version: "9.9" });
  expect(podman()).toContain(`label=drydock.installation=${config.installation}`);
  expect(podman()).not.toMatch(/^(run|info) /m);

  pretend(dir, "docker", "c0ffee");
  expect((await findEngine(config)).engine?.name).toBe("docker");
  expect(docker()).toContain("Server.Version");

  pretend(dir, "docker", "");
  podman = pretend(dir, "podman", "");
  rmSync(join(dir, "docker"));
  await findEngine(config);
  expect(podman()).toMatch(/^info /m);
});

test("a client's time limit is that of every command that has none of its own", async () => {
  const hanging = createClient({ name: "podman", command: "sleep", env: {}, version: "1" }, { timeoutMs: 50 });
  await expect(hanging.run(["60"])).rejects.toThrow("sleep 60 took longer than 50 ms");
  expect((await hanging.tryRun(["0.2"], { timeoutMs: 60_000 })).timedOut).toBe(false);
});
