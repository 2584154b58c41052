/** Faults of a device by NVIDIA's number (Xid). */
import type { Ending } from '../contract/index.ts';
import { xidsIn } from '../texts/index.ts';
import { type TextFinding, textFinding } from './text-finding.ts';

/** ` 0000:3b:00`, the address of the device that a line of the driver names. */
function deviceIn(line: string): string {
  const address =
    /Xid \(PCI:([\da-fA-F:.]{4,20})\)/.exec(line)?.[1] ??
    /\bGPU (?:at PCI:)?([\da-fA-F]{4,8}:[\da-fA-F]{2}:[\da-fA-F]{2}(?:\.\d)?)/.exec(line)?.[1];
  const number = /NVRM: GPU(\d{1,2}) /.exec(line)?.[1];
  return address === undefined ? (number === undefined ? '' : ` ${number}`) : ` ${address}`;
}

/** Faults of the hardware, by NVIDIA's number; others are mostly the program's. */
// biome-ignore format: one row
const HARDWARE: ReadonlySet<number> = new Set([48, 62, 63, 64, 74, 79, 92, 94, 95, 110, 119, 120, 121, 140, 143, 144, 145, 146, 147, 148, 149, 150]);
const FAULTS: Readonly<Record<number, string>> = {
  13: 'a kernel’s exception',
  31: 'a kernel used an address that is not its own',
  43: 'a kernel was stopped',
  45: 'work was cleaned up after another fault or a kill',
  48: 'memory error that cannot be corrected',
  62: 'the GPU’s own processor halted',
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
const OF_PROGRAM =
  'Mostly the program’s: an index out of range or a wrong pointer in a kernel. Run with CUDA_LAUNCH_BLOCKING=1 or compute-sanitizer to find it.';
const faultOf = (xid: number | null | undefined): string => {
  const fault = FAULTS[xid ?? 0];
  return fault === undefined ? '' : `: ${fault}`;
};

/** A fault that the driver reports, or several: of one GPU one after another, or of those that are joined. */
export function explainFault({ evidence, xid }: Ending, seen: (string | null)[]): TextFinding {
  const faults = xidsIn(evidence ?? '');
  const named = (xids: readonly number[]) => xids.map(number => `Xid ${number}${faultOf(number)}`).join('; ');
  const gpus = grouped(faults, ({ gpu }) => gpu);
  // GPUs of one fault stand together.
  const alike = grouped([...gpus], ([, of]) => named(of.map(fault => fault.xid)));
  const says =
    gpus.size > 1
      ? `The driver reports faults of ${gpus.size} GPUs, no shortage of memory: ${[...alike].map(([what, of]) => `${of.map(([gpu]) => gpu).join(', ')} (${what})`).join('; ')}.`
      : `The driver reports ${faults.length > 1 ? 'faults' : 'a fault'} of the GPU${deviceIn(evidence ?? '')} (${faults.length > 1 ? named(faults.map(fault => fault.xid)) : named([xid ?? 0])}), no shortage of memory.`;
  const isHardware = HARDWARE.has(xid ?? 0) || faults.some(fault => HARDWARE.has(fault.xid));
  const broken = [...gpus].filter(([, of]) => of.some(fault => HARDWARE.has(fault.xid))).map(([gpu]) => gpu);
  // Faults of programs stand beside those of the hardware, on GPUs of their own.
  const areSomeWhole = broken.length > 0 && broken.length < gpus.size;
  return textFinding({
    kind: 'not memory',
    says,
    evidence: seen,
    next: isHardware
      ? [
          areSomeWhole
            ? `Take ${broken.join(', ')} or its node out of use, reset or restart it, and have it checked; resume from the newest checkpoint.`
            : gpus.size > 1
              ? 'Take the GPUs or their node out of use, reset or restart them, and have them checked; resume from the newest checkpoint.'
              : 'Take the GPU or its node out of use, reset or restart it, and have it checked; resume from the newest checkpoint.',
          ...(areSomeWhole
            ? [
                `Of the others (${[...gpus.keys()].filter(gpu => !broken.includes(gpu)).join(', ')}): ${OF_PROGRAM.charAt(0).toLowerCase()}${OF_PROGRAM.slice(1)}`,
              ]
            : []),
        ]
      : [OF_PROGRAM],
  });
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}
