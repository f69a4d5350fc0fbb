import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { IMAGE_DIR } from "./context.ts";
import { debianArchive } from "./debian-archive.ts";
import { PINNED_MODULES } from "./pins.ts";

describe("pins", () => {
  const goMod = readFileSync(join(IMAGE_DIR, "go/go.mod"), "utf8");

  test.each(Object.entries(PINNED_MODULES))("%s is %s in go.mod too", (name, version) => {
    expect(goMod).toContain(`\t${name} ${version}\n`);
  });

  test("every program of our own that programs.json names exists", () => {
    const plan = JSON.parse(readFileSync(join(IMAGE_DIR, "go/programs.json"), "utf8")) as { groups: Record<string, string[]> };
    const own = Object.values(plan.groups)
      .flat()
      .filter((name) => name.startsWith("./"));
    expect(own.filter((name) => !existsSync(join(IMAGE_DIR, "go", name)))).toEqual([]);
  });
});

describe("mirror.yaml", () => {
  interface Entry {
    repositories: string[];
    tags: string[];
    versions: string[];
    variants: string[];
  }
  const { images } = parse(readFileSync(join(IMAGE_DIR, "mirror.yaml"), "utf8")) as { images: Record<string, Entry> };

  test("names an image that the stand-ins' script builds, for every key", () => {
    const script = readFileSync(join(IMAGE_DIR, "node/stand-ins/build.sh"), "utf8");
    expect(Object.keys(images).filter((name) => !script.includes(`\noci_image ${name} `))).toEqual([]);
  });

  test("serves the usual names, with the registry, under texts that YAML does not take for numbers", () => {
    for (const name of ["nginx", "httpd", "busybox", "redis"]) {
      expect(images[name]?.repositories).toEqual(
        expect.arrayContaining([`docker.io/library/${name}`, `public.ecr.aws/docker/library/${name}`]),
      );
      expect(images[name]?.tags).toContain("latest");
    }
    const all = Object.values(images).flatMap(({ tags, versions, variants }) => [...tags, ...versions, ...variants]);
    expect(all.filter((text) => typeof text !== "string")).toEqual([]);
  });
});

describe("debianArchive", () => {
  const targets = [
    "http://mirror.test/debian-security/ bookworm-security main",
    "http://mirror.test/debian/ bookworm-updates main",
    "http://mirror.test/debian/ trixie main",
    "http://other.test/debian/ bookworm main",
  ];

  test("prefers the archive that has the wanted suite", () => {
    expect(debianArchive(targets.join("\n"), "bookworm")).toBe("http://other.test/debian/");
  });

  test("takes the archive of another release, never one of updates or security alone", () => {
    expect(debianArchive(targets.slice(0, 3).join("\n"), "bookworm")).toBe("http://mirror.test/debian/");
    expect(debianArchive(targets.slice(0, 2).join("\n"), "bookworm")).toBeUndefined();
  });

  test("finds none where apt installs from something else", () => {
    expect(debianArchive("http://archive.test/ubuntu/ noble main", "bookworm")).toBeUndefined();
  });
});
