/**
 * All of the IPv4 ranges for sandboxes' networks: 512 of 254 addresses, beside kubeadm's defaults
 * for pods (10.244/16) and services (10.96/12).
 */
export const SANDBOX_RANGE = "10.200.0.0/15";
/** Linux allows 15 characters. */
const BRIDGE_PREFIX = "drydock-";
const FIRST = toNumber("10.200.0.0");
const SIZE = 256;
const COUNT = 512;

export interface Subnet {
  /** `10.200.7.0/24` */
  cidr: string;
  /** From 0, below 512. */
  index: number;
  /**
   * The name of its bridge, by which the wall tells sandboxes (image/go/internal/wall):
   * `drydock-200-7`.
   */
  bridge: string;
  /** The address of the host number `index`, from 0. */
  hostAddress(index: number): string;
}

/**
 * Picks a free range, at random so that two who pick at the same time rarely pick the same one.
 * @param taken ranges in use, as CIDR; what is not IPv4 is passed over.
 * @returns undefined when all are taken.
 */
export function pickSubnet(taken: readonly string[], random: () => number = Math.random): Subnet | undefined {
  const used = taken.map(parseCidr).filter((range) => range !== undefined);
  const free = Array.from({ length: COUNT }, (_, index) => FIRST + index * SIZE).filter((start) =>
    used.every((range) => start + SIZE <= range.start || range.end <= start),
  );
  const start = free[Math.floor(random() * free.length)];
  if (start === undefined) return undefined;
  const [, second, third] = toText(start).split(".");
  const bridge = `${BRIDGE_PREFIX}${second}-${third}`;
  const index = (start - FIRST) / SIZE;
  return { cidr: `${toText(start)}/24`, index, bridge, hostAddress: (index) => toText(start + 10 + index) };
}

function parseCidr(cidr: string): { start: number; end: number } | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr.trim());
  if (!match) return undefined;
  const size = 2 ** (32 - Number(match[2]));
  const start = Math.floor(toNumber(match[1]!) / size) * size;
  return { start, end: start + size };
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
