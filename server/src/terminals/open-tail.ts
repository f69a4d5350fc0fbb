const ESC = 0x1b;
const BEL = 0x07;
/** Longer sequences than this are not looked for. */
const LOOK_BACK_BYTES = 256;

/**
 * Whether output ends in the middle of a character or of an escape sequence. A screen is not handed
 * out at such a point: its reader would get the second half as text.
 */
export function hasOpenTail(bytes: Uint8Array): boolean {
  return endsInCharacter(bytes) || endsInSequence(bytes);
}

function endsInCharacter(bytes: Uint8Array): boolean {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return false;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back;
  }
  return false;
}

function endsInSequence(bytes: Uint8Array): boolean {
  const at = bytes.lastIndexOf(ESC);
  if (at < 0 || bytes.length - at > LOOK_BACK_BYTES) return false;
  const rest = bytes.subarray(at + 1);
  const kind = rest[0];
  if (kind === undefined) return true;
  if (kind === 0x5b) return !rest.subarray(1).some((byte) => byte >= 0x40 && byte <= 0x7e);
  const isString = kind === 0x5d || kind === 0x50 || kind === 0x5f || kind === 0x5e || kind === 0x58;
  if (isString) return !rest.includes(BEL);
  return kind >= 0x20 && kind <= 0x2f && rest.length < 2;
}
