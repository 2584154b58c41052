/** Faults of a device by NVIDIA's number (Xid). */

/** ` 0000:3b:00`, the address of the device that a line of the driver names. */
export function deviceIn(line: string): string {
  const address =
    /Xid \(PCI:([\da-fA-F:.]{4,20})\)/.exec(line)?.[1] ??
    /\bGPU (?:at PCI:)?([\da-fA-F]{4,8}:[\da-fA-F]{2}:[\da-fA-F]{2}(?:\.\d)?)/.exec(line)?.[1];
  const number = /NVRM: GPU(\d{1,2}) /.exec(line)?.[1];
  return address === undefined ? (number === undefined ? '' : ` ${number}`) : ` ${address}`;
}

/** Faults of the hardware, by NVIDIA's number; others are mostly the program's. */
// biome-ignore format: one row
export const HARDWARE: ReadonlySet<number> = new Set([48, 62, 63, 64, 74, 79, 92, 94, 95, 110, 119, 120, 121, 140, 143, 144, 145, 146, 147, 148, 149, 150]);
const FAULTS: Readonly<Record<number, string>> = {
  13: 'a kernel’s exception',
  31: 'a kernel used an address that is not its own',
  43: 'a kernel was stopped',
  45: 'work was cleaned up after another fault or a kill',
  48: 'memory error that cannot be corrected',
  63: 'a row of memory was replaced',
  64: 'a row of memory could not be replaced',
  74: 'NVLink',
  79: 'the GPU is no longer on the bus',
  94: 'memory error, contained',
  95: 'memory error, not contained',
  109: 'switching between contexts took too long',
  110: 'security fault',
  119: 'the GPU’s own processor does not answer',
  120: 'the GPU’s own processor failed',
  121: 'the link between chips',
  140: 'memory error that was not recovered from',
  144: 'NVLink',
  145: 'NVLink',
  146: 'NVLink',
  147: 'NVLink',
  148: 'NVLink',
  149: 'NVLink',
  150: 'NVLink',
};
export const faultOf = (xid: number | null | undefined): string => {
  const fault = FAULTS[xid ?? 0];
  return fault === undefined ? '' : `: ${fault}`;
};
