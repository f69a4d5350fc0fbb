import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { kindConfig } from "./kind-config.ts";
import { nodeArgs } from "./node-args.ts";
import { pickSubnet } from "./subnets.ts";
import { delegateArgs, requireUserNamespaces, userNamespaceArgs } from "./user-namespace.ts";

const idsOf = (random: number) => {
  const args = userNamespaceArgs(pickSubnet([], () => random)!);
  return args.filter((arg) => arg.includes("idmap=")).map((arg) => arg.split("=")[1]!.split(":").map(Number));
};

test("each sandbox has users of its own, none of which the machine or another sandbox has", () => {
  const [[inside, first, count], groups] = idsOf(0) as [[number, number, number], number[]];
  expect([inside, count]).toEqual([0, 65_536]);
  expect(groups).toEqual([inside, first, count]);
  const last = idsOf(0.9999)[0]![1]!;
  expect(last).toBe(first + 511 * 65_536);
  // podman's own begin at 2^31 - 1.
  expect(last + 65_536).toBeLessThan(2 ** 31 - 1);
});

test("a node is run in one only where it is asked for, and each option is one line", () => {
  const labels = { id: "abcd2345", installation: "0badcafe", owner: "test" } as const;
  const spec = { labels, topology: "single-node", subnet: pickSubnet([], () => 0)!, engineCpus: 2 } as const;
  expect(nodeArgs(spec, "controlplane").join(" ")).not.toMatch(/idmap|entrypoint/);
  const args = [...nodeArgs({ ...spec, delegate: [] }, "controlplane"), ...delegateArgs("node:1", "0badcafe")];
  expect(args.filter((arg) => arg.includes("idmap="))).toHaveLength(2);
  expect(args.filter((arg) => arg.includes("\n"))).toEqual([]);
});

test("the kubelet is told of it, and only then", () => {
  const gate = (userNamespaces: boolean) =>
    parseAllDocuments(kindConfig("single-node", { userNamespaces })).some((document) =>
      String(document).includes("KubeletInUserNamespace"),
    );
  expect([gate(true), gate(false)]).toEqual([true, false]);
});

test("a node gets its own groups in every hierarchy of v1, in that of v2, and nothing else", () => {
  const script = delegateArgs("node:1", "0badcafe").at(-1)!;
  const text = Buffer.from(script, "base64").toString();
  const root = mkdtempSync(join(tmpdir(), "drydock-cgroups-"));
  try {
    const own = ["memory/machine/node", "systemd/machine/node", "unified-root/machine/node"];
    for (const folder of [...own, "memory/machine/other"]) {
      mkdirSync(join(root, "machine", folder), { recursive: true });
      for (const file of ["cgroup.procs", "memory.limit_in_bytes"]) writeFileSync(join(root, "machine", folder, file), "");
    }
    mkdirSync(join(root, "proc/7"), { recursive: true });
    writeFileSync(join(root, "proc/7/uid_map"), "         0 1879048192      65536\n");
    writeFileSync(
      join(root, "proc/7/cgroup"),
      "3:memory:/machine/node\n1:name=systemd:/machine/node\n2:gone:/machine/node\n0::/unified-root/machine/node\n",
    );
    // chown only notes what it is asked for; /proc and /machine are folders of the test.
    const noting = `chown() { echo "$@" >>"${root}/noted"; }\n`;
    const moved = text.replaceAll("/proc/", `${root}/proc/`).replaceAll("/machine/$", `${root}/machine/$`);
    expect(moved).not.toContain("=/machine");
    execFileSync("bash", ["-s", "7"], { input: noting + moved.replace("folder=/machine/", `folder=${root}/machine/`) });
    const noted = readFileSync(join(root, "noted"), "utf8").trim().split("\n");
    const wanted = own.flatMap((folder) => ["", "/cgroup.procs"].map((file) => `${root}/machine/${folder}${file}`));
    const normal = (path: string) => path.replaceAll(/\/+/g, "/");
    expect(noted.map(normal).sort()).toEqual(wanted.map((path) => `1879048192:1879048192 ${path}`).sort());
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("an engine that has none for single containers says so", () => {
  expect(() => requireUserNamespaces({ name: "docker" } as never)).toThrow(/docker gives no user namespace/);
  expect(() => requireUserNamespaces({ name: "podman" } as never)).not.toThrow();
});
