import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readSubmission } from "./read.ts";

/** A folder of files; a content of null makes an empty folder. */
function folder(files: Record<string, string | Uint8Array | null>): string {
  const dir = mkdtempSync(join(tmpdir(), "drydock-submission-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(content === null ? join(dir, path) : dirname(join(dir, path)), { recursive: true });
    if (content !== null) writeFileSync(join(dir, path), content);
  }
  return dir;
}

const OBJECT = "kind: ConfigMap\n";
const steps = async (dir: string) => {
  const submission = await readSubmission(dir, "my-task");
  return submission.kind === "manifests" ? submission.steps.map((step) => `${step.with} ${step.path}`) : submission.script;
};
const code = (path: string) => readSubmission(path, "my-task").catch((error: { code: string }) => error.code);

describe("a file", () => {
  it("is a script, unless it is named as YAML or JSON, in whatever case", async () => {
    const dir = folder({ "me.sh": "true", me: "echo", "FIX.YAML": OBJECT, "fix.Json": "{}" });
    expect(await readSubmission(join(dir, "me.sh"))).toEqual({ kind: "script", script: "true", remarks: [] });
    expect(await readSubmission(join(dir, "me"))).toMatchObject({ kind: "script" });
    expect(await readSubmission(join(dir, "FIX.YAML"))).toMatchObject({ kind: "manifests", files: [{ content: OBJECT }] });
    expect(await readSubmission(join(dir, "fix.Json"))).toMatchObject({ kind: "manifests" });
  });

  it.each([
    ["UTF-8 with a mark", Buffer.from("\ufeff#!/bin/sh\necho 가\n"), []],
    ["UTF-16, little endian", Buffer.from("\ufeff#!/bin/sh\necho 가\n", "utf16le"), ["me.sh: read in UTF-16"]],
    ["UTF-16, big endian", Buffer.from("\ufeff#!/bin/sh\necho 가\n", "utf16le").swap16(), ["me.sh: read in UTF-16"]],
    ["CRLF", Buffer.from("#!/bin/sh\r\necho 가\r\n"), ["me.sh: read with the line ends of Windows"]],
  ])("is read for what it is: %s", async (_, bytes, remarks) => {
    const dir = folder({ "me.sh": bytes });
    expect(await readSubmission(join(dir, "me.sh"))).toEqual({ kind: "script", script: "#!/bin/sh\necho 가\n", remarks });
  });

  it("that is missing, empty, too large or no file is told by its kind", async () => {
    const dir = folder({ "empty.sh": " \n", "empty.yaml": "", "large.sh": Buffer.alloc(4 * 1024 * 1024 + 1, 32) });
    expect(await code(join(dir, "none"))).toBe("submission.missing");
    expect(await code(join(dir, "empty.sh"))).toBe("submission.empty");
    expect(await code(join(dir, "empty.yaml"))).toBe("submission.empty");
    expect(await code(join(dir, "large.sh"))).toBe("submission.too-large");
    expect(await code("/dev/null")).toBe("submission.unreadable");
  });
});

describe("a folder", () => {
  it("holds manifests in name order, those of folders where the folders' names come", async () => {
    const dir = folder({
      "20-b.yaml": OBJECT,
      "10-a/z.yml": OBJECT,
      "10-a/B.JSON": "{}",
      "30.yaml/x.yaml": OBJECT,
      "00.yml": OBJECT,
    });
    expect(await steps(dir)).toEqual(
      ["00.yml", "10-a/B.JSON", "10-a/z.yml", "20-b.yaml", "30.yaml/x.yaml"].map((path) => `file ${path}`),
    );
  });

  it("names what is left out, and never follows a link", async () => {
    const dir = folder({
      "a.yaml": OBJECT,
      "notes.txt": "",
      ".git/config.yaml": OBJECT,
      "._a.yaml": "\0",
      "chart/Chart.yaml": "",
      "chart/templates/x.yaml": "",
    });
    symlinkSync("/etc/passwd", join(dir, "b.yaml"));
    symlinkSync("/etc", join(dir, "etc"));
    execFileSync("mkfifo", [join(dir, "c.yaml")]);
    const submission = await readSubmission(dir, "my-task");
    expect(submission).toMatchObject({ steps: [{ path: "a.yaml" }], files: [{ path: "a.yaml" }] });
    expect(submission.remarks).toEqual([
      "Left out: ._a.yaml: no part of what is handed in",
      "Left out: .git: no part of what is handed in",
      "Left out: b.yaml: a link, which is not followed",
      "Left out: c.yaml: neither a file nor a folder",
      "Left out: etc: a link, which is not followed",
      expect.stringMatching(/^chart\/: a Helm chart is left out; hand in a script/),
      "Left out: notes.txt: no manifest (.yaml, .yml or .json)",
    ]);
  });

  it("with a kustomization is applied as one, with all that lies in it", async () => {
    const dir = folder({
      "kustomization.yaml": "resources: [x.yaml, base]",
      "x.yaml": OBJECT,
      "base/Kustomization": "",
      "base/y.yaml": OBJECT,
      "app.conf": "a=b",
    });
    const submission = await readSubmission(dir, "my-task");
    expect(submission).toMatchObject({ steps: [{ with: "kustomization", path: "." }] });
    expect(submission.kind === "manifests" && submission.files.map(({ path }) => path).sort()).toEqual([
      "app.conf",
      "base/Kustomization",
      "base/y.yaml",
      "kustomization.yaml",
      "x.yaml",
    ]);
    expect(submission.remarks).toEqual([]);
  });

  it("applies a base only as a part of what builds on it", async () => {
    const dir = folder({
      "base/kustomization.yaml": "resources: [x.yaml]",
      "base/x.yaml": OBJECT,
      "overlays/prod/kustomization.yml": "resources: [../../base]",
      "overlays/extra.yaml": OBJECT,
    });
    expect(await steps(dir)).toEqual(["file overlays/extra.yaml", "kustomization overlays/prod"]);
    expect((await readSubmission(dir, "my-task")).remarks).toEqual(["base/: applied as a part of overlays/prod/"]);
  });

  it("is a script where it holds the scenario's, or only one", async () => {
    expect(await steps(folder({ "my-task.sh": "mine", "a.yaml": OBJECT }))).toBe("mine");
    const dir = folder({ "any.sh": "only", "README.md": "" });
    expect(await steps(dir)).toBe("only");
    expect((await readSubmission(dir)).remarks).toEqual([
      "Taken for the submission: any.sh, the only script",
      "Left out: README.md: beside the script, and not there when it runs",
    ]);
    expect(await code(folder({ "a.sh": "1", "b.sh": "2" }))).toBe("submission.ambiguous");
  });

  it("that holds nothing of use says what it holds", async () => {
    await expect(readSubmission(folder({ "notes.txt": "", sub: null }))).rejects.toMatchObject({
      code: "submission.empty",
      message: expect.stringContaining("notes.txt: no manifest") as string,
    });
  });
});
