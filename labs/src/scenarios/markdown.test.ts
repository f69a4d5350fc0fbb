import { describe, expect, it } from "vitest";
import { bashBlocks, solutionScript } from "./markdown.ts";

describe("bashBlocks", () => {
  it("takes bash blocks only, with the line of their first line", () => {
    const markdown = "Text\n\n```bash\nkubectl get pods\n```\n\n```yaml\na: 1\n```\n\n```\n$ no\n```\n\n~~~bash\nls\n~~~\n";
    expect(bashBlocks(markdown)).toEqual([
      { line: 4, code: "kubectl get pods\n" },
      { line: 16, code: "ls\n" },
    ]);
  });

  it("takes away the indentation of a block in a list, and keeps that inside it", () => {
    expect(bashBlocks("1. One\n\n   ```bash\n   if true; then\n     ls\n   fi\n   ```\n")[0]?.code).toBe(
      "if true; then\n  ls\nfi\n",
    );
  });

  it("keeps a shorter fence that stands in a longer one", () => {
    expect(bashBlocks("````bash\ncat <<'EOF'\n```\nEOF\n````\n")[0]?.code).toBe("cat <<'EOF'\n```\nEOF\n");
  });

  it("joins the blocks in order", () => {
    expect(solutionScript("```bash\na\n```\nand\n```bash\nb\n```")).toBe("a\n\nb\n");
  });
});
