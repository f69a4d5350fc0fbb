import { expect, test } from "vitest";
import { ackFrame, FrameReader, inputFrame, parseOutput, resizeFrame } from "./frames.ts";

const output = (offset: number, text: string) => {
  const payload = Buffer.concat([Buffer.alloc(8), Buffer.from(text)]);
  payload.writeBigUInt64BE(BigInt(offset));
  const header = Buffer.from([0x6f, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
};

test("frames are put together however the stream is cut", () => {
  const stream = Buffer.concat([output(0, "abc"), output(2 ** 40, ""), output(2 ** 40, "é")]);
  for (let size = 1; size <= stream.length; size += 1) {
    const reader = new FrameReader();
    const seen: [number, string][] = [];
    for (let at = 0; at < stream.length; at += size) {
      reader.push(stream.subarray(at, at + size), ({ kind, payload }) => {
        expect(kind).toBe("o");
        const { offset, bytes } = parseOutput(payload);
        seen.push([offset, bytes.toString()]);
      });
    }
    expect(seen).toEqual([
      [0, "abc"],
      [2 ** 40, ""],
      [2 ** 40, "é"],
    ]);
  }
});

test("a frame that is too large is refused by its header", () => {
  expect(() => new FrameReader().push(Buffer.from([0x6f, 0, 0x10, 0, 1]), () => undefined)).toThrow("1048577 bytes");
});

test("what is written is as the keeper reads it", () => {
  expect(inputFrame(Buffer.from("ls\r")).toString("hex")).toBe("69" + "00000003" + "6c730d");
  expect(resizeFrame(258, 3).toString("hex")).toBe("72" + "00000004" + "01020003");
  expect(ackFrame(2 ** 33 + 1).toString("hex")).toBe("61" + "00000008" + "0000000200000001");
});
