/**
 * What the figures of a loop written by hand are called: memory by any of its spellings, and what else such loops have their own names for, by what
 * stands beside it.
 */
import { byShape, byText } from './by-shape.ts';
import type { Figures, Names } from './figures.ts';
import { held, memoryNames, peak, update } from './known-keys.ts';

export const loopNames: Names = {
  LR: { step: 'learningRate' },
  learning_rate: { step: 'learningRate' },
  'Learning rate': { step: 'learningRate' },
  'learning rate': { step: 'learningRate' },
  'Learning Rate': { step: 'learningRate' },
  LearningRate: { step: 'learningRate' },
  Lr: { step: 'learningRate' },
  'samples/sec': { step: 'samplesPerSecond' },
  gnorm: { step: 'gradNorm' },
  norm: { step: 'gradNorm' },
  'grad norm': { step: 'gradNorm' },
  'Grad. Norm': { step: 'gradNorm' },
  time: { step: 'stepMs', power: 3 },
  // ssd.pytorch.
  timer: { step: 'stepMs', power: 3 },
  dt: { step: 'stepMs', power: 3 },
  'iter time': { step: 'stepMs', power: 3 },
  iter_time: { step: 'stepMs', power: 3 },
  'time in ms': { step: 'stepMs' },
  'tok/sec': { step: 'tokensPerSecond' },
  // MaxText; ML-Agents.
  seconds: { step: 'stepMs', power: 3 },
  'Tokens/s/device': { step: 'tokensPerSecond' },
  'Mean Reward': update('rollout.episodicReturn'),
  'mean reward': update('rollout.episodicReturn'),
  // The logger of torchvision's references, DETR, MAE, DINO; Swin and YOLOX: all of torch.cuda.max_memory_allocated.
  'max mem': peak('peakAllocatedBytes', 'MiB'),
  mem: peak('peakAllocatedBytes', 'MiB'),
  ...memoryNames,
  // `mem 41.2/79.2 GB`
  device_total: held('deviceTotalBytes', 'GiB'),
  // PaddleNLP, PaddleDetection.
  max_mem_allocated: peak('peakAllocatedBytes', 'MiB'),
  max_mem_reserved: peak('peakReservedBytes', 'MiB'),
  max_memory_allocated: peak('peakAllocatedBytes', 'GiB'),
  max_memory_reserved: peak('peakReservedBytes', 'GiB'),
  current_memory_allocated: held('allocatedBytes', 'GiB'),
  current_memory_reserved: held('reservedBytes', 'GiB'),
  // nanotron.
  tokens_per_sec: { step: 'tokensPerSecond' },
  elapsed_time_per_iteration_ms: { step: 'stepMs' },
  cuda_memory_allocated: held('allocatedBytes', 'GiB'),
  cuda_max_memory_reserved: peak('peakReservedBytes', 'GiB'),
  // ArcticTraining.
  MA: held('allocatedBytes', 'GiB'),
  Max_MA: peak('peakAllocatedBytes', 'GiB'),
  // prime-rl.
  'Peak Mem.': peak('peakReservedBytes', 'GiB'),
};

/** Where a peak stands on the same line, what has no word for it is held now. */
const PEAK = /(?:peak|max).{0,12}mem/i;
const besidePeak: Names = {
  ...loopNames,
  mem: held('allocatedBytes', 'MiB'),
  gpu_mem: held('allocatedBytes', 'GiB'),
};

/** Beside what the environments gave, a time is that of an episode, or of several, and a mean is another return. */
const { time: _, 'Mean Reward': __, 'mean reward': ___, ...ofStep } = loopNames;
const besideReturn: Names = {
  ...ofStep,
  ...Object.fromEntries(['FPS', 'fps', 'SPS'].map(key => [key, { step: 'samplesPerSecond' }])),
  ...Object.fromEntries(
    ['frame', 'Frame', 'frames', 'Frames', 'Timesteps', 'timesteps', 'total_steps', 'Total Steps'].map(
      key => [key, update('rollout.totalSteps')],
    ),
  ),
};

/** NeMo's Automodel: `… | step 9 | epoch 0 | loss 0.69 | grad_norm 1.5 | lr 1.00e-05 | mem 24.90 GiB | tps 11278.56(1409.82/gpu) |`, a peak of each step. */
const AUTOMODEL = byShape(/\| step \d{1,12} \| epoch \d{1,9} \| loss .{1,80} \| mem [\d.]{1,12} GiB \| tps /);
const autoModelNames: Names = {
  ...loopNames,
  gpu_mem: peak('peakAllocatedBytes', 'GiB', 'update'),
  tps: { step: 'tokensPerSecond' },
};

/** Spellings of what loops print of a device's memory, in small letters alone; with their unit they are of memory, and of nothing else. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    gpu_mem:
      'gpu gpumem gpumemory gpumemused gpumemoryused cudamem cudamemory vram vramused mem memory memused memoryused',
    peak_mem:
      'peak peakmem peakmemory peakgpumem peakgpumemory peakvram peakgpu maxmem maxmemory maxgpumem maxgpumemory maxvram gpupeak gpumempeak mempeak memorypeak cudamax gpumax cudapeak peakcuda',
    max_allocated:
      'maxallocated maxalloc peakallocated peakalloc maxmemallocated maxmemoryallocated peakmemoryallocated',
    max_reserved: 'maxreserved peakreserved maxmemreserved maxmemoryreserved peakmemoryreserved',
    allocated: 'allocated alloc memallocated memoryallocated gpuallocated cudaallocated gpumemallocated',
    reserved: 'reserved memreserved memoryreserved gpureserved cudareserved gpumemreserved cached',
  }).flatMap(([name, spellings]) => spellings.split(' ').map(spelling => [spelling, name] as const)),
);
export const memoryName = byText((key: string): string | undefined =>
  SPELLINGS.get(key.toLowerCase().replace(/[^a-z]/g, '')),
);
const isPeak = byText((key: string) => PEAK.test(key) || /^(?:peak|max)_/.test(memoryName(key) ?? ''));

/** `GPU Mem (GB): 5.28 | Peak Mem: 5.79`: the unit of what is held now, where each peak without one is no less, and no other amount. */
function unitForAll(figures: Figures): string | undefined {
  const amounts = [...figures].filter(([key]) => memoryName(key) !== undefined);
  const [now, ...others] = amounts.filter(([key, { unit }]) => unit !== undefined && !isPeak(key));
  const least = now === undefined || others.length > 0 ? Number.NaN : Number(now[1].value);
  const isOne = amounts.every(
    ([key, { value, unit }]) =>
      unit !== undefined || (isPeak(key) && Number(value) >= least && Number(value) <= least * 64),
  );
  return isOne ? now?.[1].unit : undefined;
}

/**
 * Each spelling of memory takes its one name; without its unit it may be of anything.
 * @returns whether one of them is a peak.
 */
export function nameMemory(figures: Figures): boolean {
  let hasPeak = false;
  const unit = unitForAll(figures);
  for (const [key, printed] of [...figures]) {
    const name = memoryName(key);
    hasPeak ||= isPeak(key);
    const takes = unit !== undefined && printed.unit === undefined && name !== undefined && isPeak(key);
    const figure = takes ? { ...printed, unit } : printed;
    if (name === undefined || (figure.unit === undefined && !Object.hasOwn(memoryNames, key))) continue;
    figures.delete(key);
    const isOf = figure.unit !== undefined && /^(?:[KMGT]i?B?|B)$/.test(figure.unit);
    if (!isOf) figures.set(`${key} (${figure.unit ?? 'no unit'})`, figure);
    else if (!figures.has(name)) figures.set(name, figure);
  }
  return hasPeak;
}

/** What the names of a line's figures mean, by what else is on it. */
export const namesBeside = (text: string, hasPeak: boolean, hasReturn: boolean): Names =>
  AUTOMODEL.test(text) ? autoModelNames : hasPeak ? besidePeak : hasReturn ? besideReturn : loopNames;
