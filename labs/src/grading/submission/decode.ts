/** A text as an editor wrote it, made plain. */
export interface Decoded {
  text: string;
  /** What was not plain about it, to be told: `in UTF-16`, `with the line ends of Windows`. */
  oddities: string[];
}

/**
 * Decodes a text: UTF-8, or UTF-16 with a byte order mark (what PowerShell's `>` writes). Marks are
 * taken away, and CRLF becomes LF.
 */
export function decodeText(bytes: Uint8Array): Decoded {
  const encoding = encodingOf(bytes);
  // The mark is taken away by the decoder.
  const text = new TextDecoder(encoding).decode(bytes);
  const oddities = encoding === "utf-8" ? [] : ["in UTF-16"];
  if (!text.includes("\r\n")) return { text, oddities };
  return { text: text.replaceAll("\r\n", "\n"), oddities: [...oddities, "with the line ends of Windows"] };
}

function encodingOf([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return "utf-8";
}
