import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../config.ts";
import { clean } from "./clean.ts";
import { Records } from "./records.ts";
import { FakeEngine, type FakeObject } from "./testing/fake-engine.ts";
import { parseBytes } from "./usage.ts";

const object = (kind: FakeObject["kind"], name: string, installation?: string): FakeObject => ({
  kind,
  name,
  labels: { drydock: kind, ...(installation ? { "drydock.installation": installation } : {}) },
});

test("everything of this installation goes and is named, with what belongs to none; others' and foreign things stay", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "drydock-clean-"));
  const config = { ...readConfig({}), dataDir, installation: "0badcafe" };
  const records = new Records(dataDir);
  const record = { id: "abcd2345", engine: "podman", topology: "two-node", owner: "cli", createdAt: "", state: "ready" } as const;
  await records.write(record);
  const engine = new FakeEngine();
  const kinds = ["container", "network", "volume", "image"] as const;
  for (const kind of kinds) {
    engine.objects.push(
      object(kind, `drydock-abcd2345-${kind}`, "0badcafe"),
      object(kind, `drydock-zzzz2345-${kind}`, "99999999"),
    );
    engine.objects.push({ kind, name: `mine-${kind}`, labels: { app: "blog" } });
  }
  engine.objects.push(object("image", "base"));

  expect(await clean(engine, config)).toEqual({
    containers: ["drydock-abcd2345-container"],
    volumes: ["drydock-abcd2345-volume"],
    networks: ["drydock-abcd2345-network"],
    images: ["drydock-abcd2345-image", "base"],
    walls: [],
  });
  const left = engine.objects.map(({ name }) => name);
  expect(left.sort()).toEqual(kinds.flatMap((kind) => [`drydock-zzzz2345-${kind}`, `mine-${kind}`]).sort());
  expect(await records.ids()).toEqual([]);
  expect(await clean(engine, config)).toEqual({ containers: [], volumes: [], networks: [], images: [], walls: [] });
  await rm(dataDir, { recursive: true });
});

test("everybody's things go only when asked for, and foreign things never", async () => {
  const config = { ...readConfig({}), dataDir: join(tmpdir(), "drydock-nowhere"), installation: "0badcafe" };
  const engine = new FakeEngine();
  engine.objects.push(object("container", "theirs", "99999999"), { kind: "container", name: "blog", labels: {} });
  expect((await clean(engine, config, { everybody: true })).containers).toEqual(["theirs"]);
  expect(engine.objects.map(({ name }) => name)).toEqual(["blog"]);
});

test("sizes are read as each engine writes them", () => {
  expect(parseBytes("604.5MB ")).toBe(604_500_000);
  expect(parseBytes(" 1.5GiB")).toBe(1_610_612_736);
  expect(parseBytes("--")).toBe(0);
});
