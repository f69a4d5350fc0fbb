/** What a key pressed outside of the terminal and of fields asks for. */
export type Shortcut = "check" | "terminal" | "previous" | "next" | "help";

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey" | "target">;

/**
 * Reads a pressed key. Ctrl-Enter (Cmd-Enter) counts everywhere, also in the terminal; everything
 * else only where nothing is being typed.
 * @param singleKeys whether keys without Ctrl count
 */
export function shortcut(event: Pressed, singleKeys: boolean): Shortcut | undefined {
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.shiftKey && !event.altKey && event.key === "Enter") return "check";
  if (event.altKey || typing(event.target)) return undefined;
  if (control) return event.shiftKey && event.code === "ArrowRight" ? "terminal" : undefined;
  if (!singleKeys) return undefined;
  if (event.key === "[") return "previous";
  if (event.key === "]") return "next";
  return event.key === "?" ? "help" : undefined;
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, .xterm") !== null
  );
}
