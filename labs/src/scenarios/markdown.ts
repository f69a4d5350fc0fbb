export interface CodeBlock {
  code: string;
  /** The line of its first line of code in the file, counted from 1. */
  line: number;
}

/**
 * The fenced blocks whose language is exactly `bash`, in order, without the indentation of their
 * fence.
 */
export function bashBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; indent: string; language: string; line: number; code: string[] } | undefined;
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(\S*)/.exec(line);
    if (!open && fence) {
      open = { fence: fence[2]!, indent: fence[1]!, language: fence[3]!, line: index + 2, code: [] };
    } else if (open && fence && fence[2]!.startsWith(open.fence) && !fence[3]) {
      if (open.language === "bash") blocks.push({ line: open.line, code: `${open.code.join("\n")}\n` });
      open = undefined;
    } else if (open) {
      open.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
    }
  }
  return blocks;
}

/**
 * The bash blocks as one script, in order: what the contract test runs is what the learner reads.
 */
export function solutionScript(markdown: string): string {
  return bashBlocks(markdown)
    .map((block) => block.code)
    .join("\n");
}
