/**
 * Advice to use expandable segments: one sentence everywhere, with its price, and none where vLLM's sleep mode is known, which
 * does not work with them.
 */

/** What they cost, and what they do not work with where an engine may be beside the trainer. */
const COST = 'With recomputation, expandable segments may cost 15 to 20% of the throughput';
const NOT_WITH = 'vLLM’s sleep mode does not work with them';

const SETTING = 'expandable_segments:True';
/** Where each backend has them; none where it has not. */
const SETTINGS: Readonly<Record<string, string>> = {
  cuda: `PYTORCH_ALLOC_CONF=${SETTING} (PYTORCH_CUDA_ALLOC_CONF before PyTorch 2.9)`,
  hip: `PYTORCH_ALLOC_CONF=${SETTING} (PYTORCH_HIP_ALLOC_CONF before PyTorch 2.9; builds without them print a warning and go on)`,
  npu: `PYTORCH_NPU_ALLOC_CONF=${SETTING}`,
  mlu: `PYTORCH_MLU_ALLOC_CONF=${SETTING}`,
  musa: `PYTORCH_MUSA_ALLOC_CONF=${SETTING}`,
};

/** Reasons not to advise them. */
export interface ExpandableSegments {
  /** They are in use already. */
  isInUse: boolean;
  /** An inference engine beside it sleeps. */
  engineSleeps: boolean;
  /** An inference engine may share the device: true by default, as of a run that does not show it. */
  hasEngine?: boolean;
  /** `cuda` by default. */
  backend?: string;
}

/** Their advice; empty where there is a reason not to give it. @param why what they are good for: ends with a full stop */
export const expandableAdvice = (
  { isInUse, engineSleeps, hasEngine = true, backend = 'cuda' }: ExpandableSegments,
  why = '',
): string[] =>
  isInUse || engineSleeps || SETTINGS[backend] === undefined
    ? []
    : [
        `Set ${SETTINGS[backend]}${why === '' ? '.' : `, ${why}`} ${COST}${hasEngine ? `; ${NOT_WITH}` : ''}.`,
      ];

/** PyTorch before 2.1, which has none, puts what it holds in brackets behind the device. Forks for other devices still do. */
export const hasNoSegments = (message: string, backend: string): boolean =>
  (backend === 'cuda' || backend === 'hip') && /\(GPU \d{1,3}; /i.test(message);

/** What to set there instead, where the version has it. */
export const olderAdvice = (message: string): string[] =>
  message.includes('max_split_size_mb')
    ? [
        `Set ${message.includes('PYTORCH_HIP_ALLOC_CONF') ? 'PYTORCH_HIP_ALLOC_CONF' : 'PYTORCH_CUDA_ALLOC_CONF'}=max_split_size_mb:128 (or up to 512): it keeps large pieces whole.`,
      ]
    : [];

export const UPDATE_TORCH =
  'Update PyTorch: by its words this one is older than 2.1, which can join the pieces (expandable_segments:True).';

/** The same advice without that of expandable segments. */
export const withoutExpandable = (next: readonly string[]): string[] =>
  next.filter(advice => !advice.includes(SETTING));

const SLEEPS =
  /Sleep mode freed|cumem_?allocator|seconds to fall asleep|enable[-_]sleep(?:[-_]mode)?["']?\s{0,3}[:=]\s{0,3}["']?true|--(?:vllm[-_])?enable[-_]sleep(?:[-_]mode)?(?![-_=\w])|free_cache_engine["']?\s{0,3}[:=]\s{0,3}["']?true/i;

/** Whether a log, an error or a configuration as text shows an inference engine that sleeps (vLLM's sleep mode, verl's and TRL's options for it). */
export const hasSleepMode = (text: string): boolean => SLEEPS.test(text);

/** Whether a phase of the training step is an engine's sleep, or the end of it. */
export const isSleepPhase = (phase: string): boolean => /sleep|wake[-_ ]?up/i.test(phase);
