import { generateKeyPairSync, randomBytes } from "node:crypto";

export interface SshKey {
  /** As in `id_ed25519`. */
  privateText: string;
  /** As in `id_ed25519.pub` and `authorized_keys`, one line. */
  publicText: string;
}

const TYPE = "ssh-ed25519";

/** A new ed25519 key pair in OpenSSH's own format (openssh PROTOCOL.key), without a passphrase. */
export function generateSshKey(comment: string): SshKey {
  const { x, d } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicKey = Buffer.from(x!, "base64url");
  const seed = Buffer.from(d!, "base64url");
  const publicBlob = Buffer.concat([string(TYPE), string(publicKey)]);
  const check = randomBytes(4);
  const unpadded = [check, check, string(TYPE), string(publicKey), string(Buffer.concat([seed, publicKey])), string(comment)];
  const secret = pad(Buffer.concat(unpadded));
  const none = string("none");
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    none,
    none,
    string(""),
    uint32(1),
    string(publicBlob),
    string(secret),
  ]);
  const body = file.toString("base64").replace(/.{70}/g, "$&\n");
  return {
    privateText: `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicText: `${TYPE} ${publicBlob.toString("base64")} ${comment}\n`,
  };
}

/** Padded with 1, 2, 3, … to a multiple of 8, the block size of the cipher `none`. */
function pad(data: Buffer): Buffer {
  const missing = (8 - (data.length % 8)) % 8;
  return Buffer.concat([data, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
