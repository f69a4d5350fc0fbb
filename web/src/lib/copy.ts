/**
 * Puts text on the clipboard. Over plain HTTP from another machine browsers have no clipboard API;
 * there a hidden field does it.
 * @returns whether the browser allowed it
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByField(text);
  }
}

function copyByField(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

const SHOWN_MS = 1400;

/**
 * Makes everything of class `copyable`, `copy-block` and `host-line` inside `root` copy on a click,
 * and by Enter and the space bar. What was copied is marked with `data-copied` for a moment, and
 * `say` is told.
 * @returns what ends that
 */
export function copyOnClick(root: HTMLElement, say: (copied: boolean) => void): () => void {
  const copy = async (source: Element, mark: Element) => {
    const copied = await copyText(source.textContent?.replace(/\n$/, "") ?? "");
    say(copied);
    if (!copied || !(mark instanceof HTMLElement)) return;
    mark.dataset["copied"] = "";
    setTimeout(() => delete mark.dataset["copied"], SHOWN_MS);
  };
  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element) || event.target.closest("a")) return;
    // Somebody who drags over a word wants that word, not all of it.
    if (getSelection()?.isCollapsed === false) return;
    const target = event.target.closest(".copyable, .copy-block, .code-block pre, .host-line");
    if (target === null) return;
    const block = target.closest(".code-block");
    const source = block?.querySelector("code") ?? (target.matches(".host-line") ? target.querySelector("code") : target);
    if (source) void copy(source, block ?? source);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    if (!(event.target instanceof Element) || !event.target.matches(".copyable")) return;
    event.preventDefault();
    void copy(event.target, event.target);
  };
  root.addEventListener("click", onClick);
  root.addEventListener("keydown", onKey);
  return () => {
    root.removeEventListener("click", onClick);
    root.removeEventListener("keydown", onKey);
  };
}
