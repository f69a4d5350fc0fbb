/**
 * A command of a script as it is written: with its continuation lines, pipes and the text of its
 * here-document.
 */
export interface ShellCommand {
  text: string;
  /** The line that it begins in, counted from 1. */
  line: number;
  /** The text that `<<WORD` hands to it. */
  heredoc?: string;
  /** Between `for`, `while` or `until` and `done`. */
  isInLoop: boolean;
  /** In the body of a function. */
  isInFunction: boolean;
  /** The comment lines right above it. */
  comment: string;
}

/**
 * The commands of a bash script, one for each line that is not the continuation of another. It
 * knows quotes over several lines, here-documents, loops and functions; that is enough to look for
 * habits, and not enough to run anything.
 */
export function readCommands(script: string): ShellCommand[] {
  const lines = script.split(/\r?\n/);
  const commands: ShellCommand[] = [];
  let loops = 0;
  let isInFunction = false;
  let comment = "";
  for (let at = 0; at < lines.length; at++) {
    if (/^\s*#/.test(lines[at]!)) comment += `${lines[at]!.trim()}\n`;
    else if (!lines[at]!.trim()) comment = "";
    if (/^\s*(#|$)/.test(lines[at]!)) continue;
    const line = at + 1;
    let text = lines[at]!;
    while (isOpen(text) && at + 1 < lines.length) text += `\n${lines[++at]!}`;
    const bare = withoutQuoted(text);
    const word = /<<-?\s*(['"]?)(\w+)\1/.exec(text)?.[2];
    let heredoc: string | undefined;
    if (word && bare.includes("<<")) {
      const end = lines.findIndex((one, index) => index > at && one.trim() === word);
      heredoc = lines.slice(at + 1, end < 0 ? undefined : end).join("\n");
      at = end < 0 ? lines.length : end;
    }
    const begins = count(bare, /(^|[;&|(]|\bdo|\bthen|\belse)\s*(for|while|until)\b/g);
    if (/^\s*(function\s+)?[\w-]+\s*\(\)\s*\{/.test(bare)) isInFunction = true;
    commands.push({ text, line, heredoc, isInLoop: loops > 0 || begins > 0, isInFunction, comment });
    loops += begins - count(bare, /(^|[;&]|\n)\s*done\b/g);
    if (/(^|[;\n])\s*\}\s*$/.test(bare)) isInFunction = false;
    comment = "";
  }
  return commands;
}

/** Whether the command goes on in the next line. */
function isOpen(text: string): boolean {
  const bare = withoutQuoted(text);
  return /['"]/.test(bare) || /(\\|\||&&)\s*$/.test(bare);
}

/** A text without comments and what is quoted; a quote that is not closed stays. */
function withoutQuoted(text: string): string {
  return text
    .replace(/\\['"]/g, "")
    .replace(/'[^']*'|"(?:\\.|[^"\\])*"/g, "")
    .replace(/(^|\s)#.*$/gm, "$1");
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
