import { expect, test } from "vitest";
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
