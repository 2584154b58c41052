/** An error that is known by its words, and the advice that several have. */
import type { Finding, VerdictKind } from '../../contract/index.ts';
import type { Mark } from '../text-finding.ts';

export interface Known {
  /** Words of the text, in lower case; all of them stand in it. */
  words: readonly string[];
  /** `not memory` where it is not given. */
  kind?: VerdictKind;
  mark?: Mark;
  says: string;
  next: readonly string[];
  confidence?: Finding['confidence'];
  /** Finds what the text names, which is put behind `named.says`. */
  named?: { pattern: RegExp; says: string };
}

export const FIND_THE_LINE =
  'Run with CUDA_LAUNCH_BLOCKING=1 (it is reported later than it happened otherwise), or compute-sanitizer, to find the kernel.';

export const FIND_THE_FAULT = 'Look for lines of “NVRM: Xid” in dmesg: they name a fault of the device.';

/** The same of ROCm. */
const OF_HIP: Readonly<Record<string, string>> = {
  [FIND_THE_LINE]:
    'Run with AMD_SERIALIZE_KERNEL=3 (it is reported later than it happened otherwise) to find the kernel.',
  [FIND_THE_FAULT]: 'Look for lines of amdgpu in dmesg: they name a fault of the device.',
};

/** An advice, as it is for the vendor’s driver that an error names. */
export const ofDriver = (advice: string, message: string): string =>
  /\bHIP error|\bhipError/.test(message) ? (OF_HIP[advice] ?? advice) : advice;

/** What NCCL puts behind its error. */
export const LAST_OF_NCCL = {
  pattern: /Last error:\s{1,4}([^\n]{2,200}[^\n.\s])/,
  says: 'NCCL’s last error:',
};

/** One answer for several wordings: of each, all its words stand in the text. */
export const worded = (answer: Omit<Known, 'words'>, ...wordings: (string | readonly string[])[]): Known[] =>
  wordings.map(words => ({ ...answer, words: typeof words === 'string' ? [words] : words }));
