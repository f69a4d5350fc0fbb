/**
 * What the page does with a key that was pressed in a terminal. Everything else goes to the shell.
 */
export type TerminalKey = "copy" | "paste" | "search" | "leave" | "next" | "previous" | "bigger" | "smaller" | "usual" | "page";

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/**
 * Letters go by `code`: with a Korean layout `key` is a Hangul letter. `paste` and `page` are left
 * to the browser and to the page.
 */
const CONTROL_SHIFT: Record<string, TerminalKey> = {
  KeyC: "copy",
  KeyV: "paste",
  KeyF: "search",
  ArrowLeft: "leave",
  ArrowUp: "previous",
  ArrowDown: "next",
};
const CONTROL: Record<string, TerminalKey> = {
  Insert: "copy",
  Enter: "page",
  Minus: "smaller",
  Equal: "bigger",
  Digit0: "usual",
};

/**
 * Says what a pressed key means to the page, or undefined where it is the shell's. Ctrl-C always is
 * the shell's.
 */
export function terminalKey(event: Pressed): TerminalKey | undefined {
  if (event.altKey || event.metaKey) return undefined;
  if (event.ctrlKey && event.shiftKey) return CONTROL_SHIFT[event.code] ?? (event.key === "+" ? "bigger" : undefined);
  if (event.ctrlKey) return CONTROL[event.code];
  if (event.shiftKey && event.code === "Insert") return "paste";
  return undefined;
}
