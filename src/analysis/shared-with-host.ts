/**
 * Whether a GPU has no memory of its own but takes the host's: AMD's APUs, NVIDIA's Grace and Jetson boards, Intel's integrated
 * GPUs. There, what is neither free nor the trainer's may be any program's of the host.
 */
const GIB = 1024 ** 3;

/** GiB of AMD's large boards, which have memory of their own; an APU may take more than the small ones have. */
const AMD_BOARDS = [31.98, 44.98, 47.98, 63.98, 191.98, 255.98, 287.98];
const LARGEST_SMALL_BOARD = 24.5;
/** GiB that NVIDIA's boards with the host's memory show, and none of the others: Orin of 64 GB, GB10 and Thor of 128 GB. */
const NVIDIA_SHARED: readonly (readonly [number, number])[] = [
  [58, 63],
  [115, 127],
];

/**
 * @param message the text of an error: it names the backend
 * @returns `likely` where no board with memory of its own has that much, `possible` where the backend has integrated GPUs too; null
 * otherwise.
 */
export function sharesHostMemory(message: string, totalBytes: number | null): 'likely' | 'possible' | null {
  const gib = (totalBytes ?? 0) / GIB;
  if (/\bHIP\b/.test(message)) {
    const isBoard = gib <= LARGEST_SMALL_BOARD || AMD_BOARDS.some(size => Math.abs(size - gib) < 0.05);
    return isBoard ? null : 'likely';
  }
  if (/\bXPU\b/.test(message)) return 'possible';
  return /\bCUDA\b/.test(message) && NVIDIA_SHARED.some(([from, to]) => gib >= from && gib <= to)
    ? 'likely'
    : null;
}
