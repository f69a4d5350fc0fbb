import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { createGuard } from "./guard.ts";

test("listening everywhere allows this machine's addresses and no name", () => {
  const guard = createGuard({ host: "0.0.0.0", port: 8080, otherHosts: [] });
  const [address] = Object.values(networkInterfaces()).flatMap((all) =>
    all!.filter((one) => one.family === "IPv4" && !one.internal),
  );
  if (address) expect(guard.allowsHost(`${address.address}:8080`)).toBe(true);
  expect(guard.allowsHost("localhost:8080")).toBe(true);
  expect(guard.allowsHost("0.0.0.0:8080")).toBe(false);
  expect(guard.allowsHost("class.example:8080")).toBe(false);
});

test("other names are allowed as they are given, with their own scheme behind a proxy", () => {
  const guard = createGuard({ host: "127.0.0.1", port: 8080, otherHosts: ["class.example", "other.example:9000"] });
  expect(guard.allowsHost("class.example")).toBe(true);
  expect(guard.allowsHost("class.example:8080")).toBe(true);
  expect(guard.allowsHost("class.example:9000")).toBe(false);
  expect(guard.allowsHost("other.example:9000")).toBe(true);
  expect(guard.allowsHost("other.example")).toBe(false);
  expect(guard.allowsOrigin("https://class.example")).toBe(true);
  expect(guard.allowsOrigin("https://127.0.0.1:8080")).toBe(false);
});

test("at port 80 browsers leave the port out", () => {
  const guard = createGuard({ host: "127.0.0.1", port: 80, otherHosts: [] });
  expect(guard.allowsHost("localhost")).toBe(true);
  expect(guard.allowsOrigin("http://localhost")).toBe(true);
  expect(guard.allowsHost("localhost:8080")).toBe(false);
});
