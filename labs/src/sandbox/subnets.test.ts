import { expect, test } from "vitest";
import { pickSubnet } from "./subnets.ts";

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
