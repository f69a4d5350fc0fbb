import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { kindConfig } from "./kind-config.ts";
import { pickSubnet, SANDBOX_RANGE } from "./subnets.ts";

test("hosts are counted from the tenth address of the range", () => {
  const subnet = pickSubnet([], () => 0);
  expect(subnet?.cidr).toBe("10.200.0.0/24");
  expect(subnet?.hostAddress(1)).toBe("10.200.0.11");
});

test("a range that overlaps a larger, smaller or equal one is passed over", () => {
  expect(pickSubnet(["10.200.0.128/25"], () => 0)?.cidr).toBe("10.200.1.0/24");
  expect(pickSubnet(["10.200.0.0/16"], () => 0)?.cidr).toBe("10.201.0.0/24");
  expect(pickSubnet(["10.200.0.7/24", "fe80::1/64", ""], () => 0)?.cidr).toBe("10.200.1.0/24");
});

test("the last range can be picked, and none when all are taken", () => {
  expect(pickSubnet([], () => 0.9999)?.cidr).toBe("10.201.255.0/24");
  expect(pickSubnet(["10.200.0.0/15"])).toBeUndefined();
});

test("bridges are named as the wall tells them, within Linux's 15 characters, and the wall knows the ranges of addresses", () => {
  expect(pickSubnet([], () => 0)?.bridge).toBe("drydock-200-0");
  expect(pickSubnet([], () => 0.9999)?.bridge).toBe("drydock-201-255");
  expect("drydock-201-255").toHaveLength(15);
  const wall = readFileSync(join(import.meta.dirname, "../image/go/internal/wall/ruleset.go"), "utf8");
  expect(wall).toContain('"drydock-%d-%d", bytes[1], bytes[2]');
  const { networking } = parse(kindConfig("single-node")) as { networking: Record<string, string> };
  for (const range of [SANDBOX_RANGE, networking["podSubnet"], networking["serviceSubnet"]])
    expect(wall).toContain(`netip.MustParsePrefix("${range}")`);
});
