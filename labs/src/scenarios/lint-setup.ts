import { readFileSync } from "node:fs";
import type { Problem } from "./problem.ts";
import type { Scenario } from "./schema.ts";
import { readCommands, type ShellCommand } from "./shell.ts";

/**
 * What a set-up script does that goes well on a quick machine and not on a slow one. A command
 * under the comment `# lint: allow` is left alone.
 */
export function lintSetups(scenario: Pick<Scenario, "setups">): Problem[] {
  return Object.values(scenario.setups).flatMap((file) => {
    const commands = readCommands(readFileSync(file, "utf8"));
    return commands
      .filter(({ comment }) => !comment.includes("lint: allow"))
      .flatMap((command) => RULES.flatMap((rule) => rule(command, commands.slice(0, commands.indexOf(command)), commands)))
      .map(({ line, message }) => ({ file, line, message }));
  });
}

type Rule = (command: ShellCommand, before: ShellCommand[], all: ShellCommand[]) => { line: number; message: string }[];

/**
 * A pod is refused as long as its namespace has no service account; a controller makes that some
 * time after the namespace.
 */
const barePod: Rule = ({ text, heredoc = "", line }, before, all) => {
  const written = /^kind:\s*Pod\s*$/m.exec(heredoc);
  if (!written && !/\bkubectl\b.*\srun\s/.test(text)) return [];
  const isNew = all.some(
    (one) => /^kind:\s*Namespace\s*$/m.test(one.heredoc ?? "") || /\bcreate\s+(namespace|ns)\b/.test(one.text),
  );
  const isAwaited = before.some((one) => /\b(serviceaccounts?|sa)\b/.test(one.text));
  if (!isNew || isAwaited) return [];
  const offset = written ? heredoc.slice(0, written.index).split("\n").length : 0;
  return [
    {
      line: line + offset,
      message:
        "creates a bare pod before the service account of its new namespace is there: wait for `serviceaccount/default` first",
    },
  ];
};

const waitWithoutThing: Rule = ({ text, line }, before) => {
  if (!/\bkubectl\b[^|;]*\swait\s/.test(text) || /--for[= ](create|delete)/.test(text)) return [];
  if (/\s(-l|--selector|--all)\b/.test(text))
    return [{ line, message: "`kubectl wait` by labels fails while nothing matches: wait for a rollout, or for things by name" }];
  const name = /\s(?:[a-z]+\/|pods?\s+)([a-z0-9][a-z0-9.-]*)/.exec(text.replace(/\s--?[\w-]+(=\S+)?/g, ""))?.[1];
  const isMade = name !== undefined && before.some((one) => `${one.text}\n${one.heredoc ?? ""}`.includes(name));
  if (!name || isMade) return [];
  return [{ line, message: `waits for ${name}, which may not exist yet: wait for it with --for=create first` }];
};

const withoutTimeout: Rule = ({ text, line }) => {
  const waits = /\bkubectl\b[^|;]*\s(rollout\s+status|wait|delete)\s/.exec(text)?.[1];
  if (waits && !/--timeout\b|--wait=false/.test(text))
    return [{ line, message: `\`kubectl ${waits.replace(/\s+/, " ")}\` without --timeout` }];
  if (/(^|[\s;&|(])curl\s/.test(text) && !/\s(-[a-zA-Z]*m|--max-time)\b/.test(text))
    return [{ line, message: "`curl` without a time limit (-m)" }];
  return [];
};

const fixedSleep: Rule = ({ text, line, isInLoop }) => {
  if (isInLoop || !/(^|[;&|(]|\bthen|\bdo)\s*sleep\s/.test(text)) return [];
  return [{ line, message: "sleeps for a fixed time: wait for what the next step needs" }];
};

const readTooEarly: Rule = ({ text, line, isInLoop, isInFunction }, before) => {
  if (isInLoop || isInFunction || !/\bkubectl\b[^|;]*\sget\s.*\s(-o|--output)[= ]?\S/.test(text)) return [];
  const changes = /\bkubectl\b[^;]*\s(apply|create|run|patch|scale|set|expose|replace|delete)\b/;
  if (!changes.test(before.at(-1)?.text ?? "")) return [];
  return [{ line, message: "reads straight after a change: what controllers do takes its time, so ask in a loop" }];
};

const RULES = [barePod, waitWithoutThing, withoutTimeout, fixedSleep, readTooEarly];
