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

export const LEAVE_ROOM =
  'Look at nvidia-smi: with the device nearly full, leave memory outside PyTorch (set_per_process_memory_fraction below 1, smaller batch).';

export const WITHOUT_CUDNN =
  'Run once with torch.backends.cudnn.benchmark = False, or cudnn.enabled = False: does it go away?';

/** The same of XLA, in JAX and TensorFlow. */
const OF_XLA: Readonly<Record<string, string>> = {
  [LEAVE_ROOM]:
    'Look at nvidia-smi: with the device nearly full, leave memory outside of what it takes when it starts (XLA_PYTHON_CLIENT_MEM_FRACTION below 0.75; in TensorFlow set_memory_growth), or use a smaller batch.',
  [WITHOUT_CUDNN]:
    'XLA_FLAGS=--xla_gpu_strict_conv_algorithm_picker=false lets XLA go on with another algorithm: does it go away?',
};

/** An advice, as it is for the vendor’s driver or the library that an error names. */
export const ofDriver = (advice: string, message: string): string =>
  (/\bHIP error|\bhipError/.test(message) ? OF_HIP[advice] : undefined) ??
  (/\bXLA_FLAGS\b|\bxla[/_]|\bjaxlib\b|\btensorflow\//.test(message) ? OF_XLA[advice] : undefined) ??
  advice;

/** What NCCL puts behind its error. */
export const LAST_OF_NCCL = {
  pattern: /Last error:\s{1,4}([^\n]{2,200}[^\n.\s])/,
  says: 'NCCL’s last error:',
};

/** One answer for several wordings: of each, all its words stand in the text. */
export const worded = (answer: Omit<Known, 'words'>, ...wordings: (string | readonly string[])[]): Known[] =>
  wordings.map(words => ({ ...answer, words: typeof words === 'string' ? [words] : words }));
