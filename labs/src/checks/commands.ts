/**
 * Whether two commands (or lists of arguments) mean the same: newlines at the end of an argument
 * say nothing to a shell, and YAML's `|` and `|-` differ in just those. A command that is not set
 * is the same as an empty one, as for the kubelet.
 */
export function sameCommand(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  const [a, b] = [one ?? [], other ?? []];
  return a.length === b.length && a.every((argument, at) => withoutEnd(argument) === withoutEnd(b[at]!));
}

function withoutEnd(argument: string): string {
  return argument.replace(/[\r\n]+$/, "");
}
