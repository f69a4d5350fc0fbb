import { describe, expect, it } from "vitest";
import { markdownToHtml, renderMarkdown } from "./markdown.ts";

const html = (source: string, hostLine = false) => markdownToHtml(source, { copyLabel: "Copy", hostLine });

describe("Markdown", () => {
  it("leaves raw HTML as text", () => {
    expect(html("<img src=x onerror=alert(1)>")).not.toContain("<img");
    expect(html("<script>alert(1)</script>")).not.toContain("<script");
  });

  it("makes no link of an address that runs code", () => {
    for (const address of ["javascript:alert(1)", "data:text/html,x", "vbscript:x"]) {
      expect(html(`[x](${address})`)).not.toContain("<a");
    }
  });

  it("escapes what is in code", () => {
    expect(html("`<b onclick=x>`")).toContain("&lt;b onclick=x&gt;");
    expect(html("```\n</code><script>\n```")).toContain("&lt;/code&gt;&lt;script&gt;");
  });

  it("makes inline code copyable, but not in a link", () => {
    expect(html("Run `ls`")).toContain('role="button"');
    expect(html("[`ls`](https://kubernetes.io)")).not.toContain('role="button"');
  });

  it("marks the first line when it names a host", () => {
    expect(html("Work on `node01`.\n\nThen more `x`.", true).match(/host-line/g)).toHaveLength(1);
    expect(html("No host here.", true)).not.toContain("host-line");
  });

  it("refuses to run where nothing can be cleaned", () => {
    expect(() => renderMarkdown("x", { copyLabel: "Copy" })).toThrow();
  });
});
