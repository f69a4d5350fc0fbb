import { expect, test } from "vitest";
import { exposureOfHost, exposureWithoutWall, isLoopback } from "./exposure.ts";

test.each(["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"])("%s is this machine alone", (host) => {
  expect(isLoopback(host)).toBe(true);
  expect(exposureOfHost({ host })).toBeUndefined();
});

test.each(["0.0.0.0", "::", "192.168.7.2", "fe80::1", "lab.example"])("%s lets others in, and that is said", (host) => {
  expect(isLoopback(host)).toBe(false);
  expect(exposureOfHost({ host })?.text).toContain(`HOST=${host}`);
});

test("a missing wall is loud where several people have sandboxes", () => {
  const text = (host: string, maxSandboxes?: number) => exposureWithoutWall({ host, maxSandboxes }, "no nft").text;
  expect(text("0.0.0.0")).toMatch(/^WARNING: .*no nft/);
  for (const quiet of [text("127.0.0.1"), text("0.0.0.0", 1)]) expect(quiet).toMatch(/^Nothing .*no nft/);
});
