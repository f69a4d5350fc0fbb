import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { labSettings, readConfig } from "../../labs/src/config.ts";
import { settingsTable } from "../../labs/src/settings.ts";
import { readSettings, serverSettings } from "./settings.ts";

const read = (env: NodeJS.ProcessEnv) => ({ ...readConfig(env), ...readSettings(env) });
const names = [serverSettings, labSettings].flatMap((schema) => settingsTable(schema).map((row) => /`(\w+)`/.exec(row)![1]!));

test("without any setting there are defaults", () => {
  expect(readSettings({})).toEqual({
    port: 8080,
    host: "127.0.0.1",
    otherHosts: [],
    proxies: [],
    limits: {
      sessions: { perLearner: 6, perAddress: 60 },
      queue: { perLearner: 2, perAddress: 20 },
      pages: { perLearner: 20, perAddress: 300 },
      windows: { perLearner: 48, perAddress: 500 },
    },
    maxSandboxes: undefined,
    poolSize: 2,
    leaseMs: 4320 * 60_000,
    idleMs: 900_000,
    logLevel: "info",
  });
});

test("what is set is read", () => {
  const env = {
    ...{ PORT: "0", HOST: "0.0.0.0", DRYDOCK_POOL: "0", DRYDOCK_LEASE_MINUTES: "0", DRYDOCK_IDLE_MINUTES: "0.5" },
    ...{ DRYDOCK_HOSTS: "Lab.Example:443, [::1]:80,class", DRYDOCK_PROXIES: "10.0.0.0/8,::1", DRYDOCK_LIMIT_QUEUE: "1/5" },
    ...{ DRYDOCK_NODE_REGISTRY: "mirror.example:5000/lib", DRYDOCK_NODE_IMAGE: "localhost/drydock/node:a@sha256:00" },
  };
  expect(read(env)).toMatchObject({
    ...{ port: 0, host: "0.0.0.0", poolSize: 0, leaseMs: undefined, idleMs: 30_000 },
    ...{ otherHosts: ["lab.example:443", "[::1]:80", "class"], proxies: ["10.0.0.0/8", "::1"] },
    ...{ nodeRegistry: "mirror.example:5000/lib", nodeImage: "localhost/drydock/node:a@sha256:00" },
  });
  expect(readSettings(env).limits.queue).toEqual({ perLearner: 1, perAddress: 5 });
});

describe("a setting that is wrong is refused, with its name, its value and what is allowed", () => {
  test.each(names)("%s, empty", (name) => {
    expect(() => read({ [name]: "" })).toThrow(
      expect.objectContaining({
        code: "config.invalid",
        message: expect.stringMatching(`^${name} is empty, but must be .+ \\(default: .+\\)$`),
      }),
    );
  });

  test.each([
    ["PORT", "abc", "whole number from 0 to 65535"],
    ["PORT", "65536", "65535"],
    ["PORT", "-1", "65535"],
    ["PORT", "80.5", "whole"],
    ["PORT", " 80", "whole"],
    ["PORT", "0x50", "whole"],
    ["PORT", "1e3", "whole"],
    ["HOST", "http://127.0.0.1", "address"],
    ["HOST", "a b", "address"],
    ["DRYDOCK_HOSTS", "https://lab.example", "host:port"],
    ["DRYDOCK_HOSTS", "lab.example,,other", "host:port"],
    ["DRYDOCK_HOSTS", "lab.example:99999", "host:port"],
    ["DRYDOCK_PROXIES", "nginx", "networks"],
    ["DRYDOCK_PROXIES", "10.0.0.0/33", "networks"],
    ["DRYDOCK_POOL", "two", "from 0 to 64"],
    ["DRYDOCK_POOL", "65", "from 0 to 64"],
    ["DRYDOCK_MAX_SANDBOXES", "0", "from 1 to 1000"],
    ["DRYDOCK_LEASE_MINUTES", "-1", "from 0 to 525600"],
    ["DRYDOCK_LEASE_MINUTES", "525601", "from 0 to 525600"],
    ["DRYDOCK_IDLE_MINUTES", "Infinity", "from 0"],
    ["DRYDOCK_LIMIT_SESSIONS", "6", "two whole numbers"],
    ["DRYDOCK_LIMIT_SESSIONS", "0/5", "two whole numbers"],
    ["DRYDOCK_LIMIT_SESSIONS", "6/5", "two whole numbers"],
    ["DRYDOCK_LOG", "loud", "debug"],
    ["DRYDOCK_ENGINE", "containerd", "podman"],
    ["DRYDOCK_NODE_BASE", "src", "source"],
    ["DRYDOCK_NODE_REGISTRY", "https://docker.io", "host:port"],
    ["DRYDOCK_NODE_IMAGE", "an image", "reference"],
    ["DRYDOCK_SCENARIOS", "/none/such", "folder that is there"],
    ["DRYDOCK_SCENARIOS", import.meta.filename, "folder that is there"],
    ["DRYDOCK_HOME", import.meta.filename, "folder"],
    ["DRYDOCK_CACHE", join(import.meta.filename, "below"), "folder"],
  ])("%s=%s", (name, value, words) => {
    expect(() => read({ [name]: value })).toThrow(
      expect.objectContaining({ code: "config.invalid", message: expect.stringMatching(`^${name} is .*`) }),
    );
    expect(() => read({ [name]: value })).toThrow(words);
  });

  test("several at once are told at once, and a long value is cut", () => {
    const env = { PORT: "x".repeat(10_000), DRYDOCK_POOL: "" };
    expect(() => readSettings(env)).toThrow(
      /^PORT is "x{60}…", but .+\nDRYDOCK_POOL is empty, but .+$|^DRYDOCK_POOL is empty.+\nPORT is "x{60}…"/,
    );
  });
});

test("a folder of scenarios that is there is taken", () => {
  const dir = mkdtempSync(join(tmpdir(), "drydock-settings-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, "file"), "");
  expect(readConfig({ DRYDOCK_SCENARIOS: dir, DRYDOCK_HOME: join(dir, "not/yet") })).toMatchObject({ scenariosDir: dir });
});

test("the README has the table of all settings, as the schema describes them", () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");
  const table = [
    "| setting | meaning | allowed | default |",
    "|---|---|---|---|",
    ...settingsTable(serverSettings),
    ...settingsTable(labSettings),
  ].join("\n");
  expect(readme).toContain(`\n${table}\n\n`);
});
