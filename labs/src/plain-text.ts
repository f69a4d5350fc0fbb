import { stripVTControlCharacters } from "node:util";

/*
 * Texts that come out of a sandbox, or that a person handed in, are strangers' words. Where they
 * are shown they must not look like lines of our own, move the cursor of a terminal, or be obeyed
 * by a CI system that reads commands out of a job's log.
 */

/**
 * Tabs and ends of lines are left; the rest of C0, C1 and DEL, the marks that turn the direction of
 * writing, and halves of surrogate pairs are not.
 */
const CONTROLS =
  // eslint-disable-next-line no-control-regex
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/g;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/**
 * Commands that are obeyed anywhere in a line: `##[group]` (GitHub), `##vso[task.complete]`
 * (Azure), `##teamcity[…]`, `section_start:…` (GitLab), `travis_fold:…`.
 */
const ANYWHERE = /##(?=[a-z]*\[)|(?<=\b(?:section_(?:start|end)|travis_(?:fold|time))):/gi;

/**
 * The text without control characters, terminal sequences and CI commands. Its lines stay lines,
 * with plain ends.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029\x85]/g, "\n")
    .replace(CONTROLS, "")
    .replace(LONE_SURROGATES, "\ufffd")
    .replace(ANYWHERE, (found) => (found === "##" ? "# #" : " :"));
}

/**
 * A message of our own that may quote strangers' words from its second line on: these are marked.
 */
export function messageLines(text: string): string[] {
  const [first = "", ...more] = plainText(text).split("\n");
  return [first, ...more.map((line) => (line.startsWith("| ") || line === "|" ? line : `| ${line}`.trimEnd()))];
}

/** The text as one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s*\n\s*/g, " ⏎ ");
}

/**
 * The text as a block of lines of which none can be taken for one of ours: `::error` is obeyed
 * where a line begins with it, after spaces too.
 */
export function quoteBlock(text: string): string {
  return plainText(text)
    .split("\n")
    .map((line) => `| ${line}`.trimEnd())
    .join("\n");
}
