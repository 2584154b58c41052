/**
 * A training job as its allocator sees it: model, gradients and moments that stay, a rollout that lives for an update,
 * activations that live for a microbatch. Unlike `SimulatedGpu` no training drives it: each update is given how long
 * its sequences are, so a thousand updates take a moment.
 */
import type { DeviceMemory } from '../../../contract/index.ts';
import type { Block } from '../../allocator/index.ts';
import { CachingAllocator, Device } from '../../allocator/index.ts';
import { readMemory } from '../read-memory.ts';

export interface JobOptions {
  totalBytes: number;
  /** Shares of the device: model with gradients and moments; rollout; activations of one microbatch at length 1. */
  modelShare: number;
  rolloutShare: number;
  activationShare: number;
  /** Gives the cache back before each rollout, as trainers do that share a device with an inference engine. */
  givesCacheBack: boolean;
  /** Resets the peaks after each reading, so that they are those of the update. */
  resetsPeaks: boolean;
  /** Gradients and moments are there from the beginning, as after a checkpoint was loaded. */
  isResumed?: boolean;
}

const CONTEXT_BYTES = 450 * 2 ** 20;
const TENSORS = 20;
const LAYERS = 6;
const LAYER_ACTIVATIONS = [0.5, 0.3, 0.2];
const WORKSPACE = 0.5;
/** What the backward pass needs at its peak, in activations of a whole microbatch. */
export const BACKWARD_PEAK = 1 + WORKSPACE / LAYERS;
const ROLLOUT_TENSORS = [0.6, 0.1, 0.1, 0.1, 0.1];
/** Parameters, gradients, two moments of Adam. */
const COPIES = 4;

export class Job {
  readonly allocator: CachingAllocator;
  readonly options: JobOptions;
  readonly #tensorBytes: readonly number[];
  #gradients = 0;
  #moments = 0;

  constructor(options: JobOptions) {
    const { totalBytes, modelShare } = options;
    this.options = options;
    const contextBytes = Math.min(CONTEXT_BYTES, Math.floor(totalBytes / 18));
    this.allocator = new CachingAllocator({ device: new Device({ totalBytes, contextBytes }) });
    // Embeddings are large, biases small.
    const weights = Array.from({ length: TENSORS }, (_, i) => 1 + (i % 5) ** 2);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    this.#tensorBytes = weights.map(weight => Math.ceil((weight * modelShare * totalBytes) / COPIES / whole));
    for (const bytes of this.#tensorBytes) this.allocator.malloc(bytes);
    if (options.isResumed) {
      this.#addGradients();
      this.#addMoments();
    }
  }

  /**
   * One update.
   * @param lengths length of each microbatch's sequences, 1 being the usual one
   * @param during called in the middle of the first backward pass: what a program does there that it should not
   * @throws OutOfMemoryError as torch would; what lives for an update or less is freed then
   */
  update(lengths: readonly number[], during: () => void = () => {}): void {
    const { totalBytes, rolloutShare, activationShare, givesCacheBack } = this.options;
    const { allocator } = this;
    if (givesCacheBack) allocator.emptyCache();
    const rollout: Block[] = [];
    try {
      for (const share of ROLLOUT_TENSORS)
        rollout.push(allocator.malloc(Math.ceil(share * rolloutShare * totalBytes)));
      lengths.forEach((length, i) => {
        this.#microbatch((length * activationShare * totalBytes) / LAYERS, i === 0 ? during : () => {});
      });
      this.#addMoments();
    } finally {
      for (const block of rollout) allocator.free(block);
    }
  }

  /** The memory at the end of an update. */
  read(): DeviceMemory {
    const { resetsPeaks } = this.options;
    const reading = readMemory(this.allocator, resetsPeaks ? 'update' : 'run');
    if (resetsPeaks) this.allocator.resetPeakStats();
    // A duration: the one figure that would differ from one play to the next.
    return { ...reading, readMs: null };
  }

  #microbatch(layerBytes: number, during: () => void): void {
    const { allocator } = this;
    const activations: Block[] = [];
    const allocate = (share: number) => allocator.malloc(Math.ceil(share * layerBytes));
    try {
      for (let layer = 0; layer < LAYERS; layer++)
        for (const share of LAYER_ACTIVATIONS) activations.push(allocate(share));
      for (let layer = LAYERS - 1; layer >= 0; layer--) {
        const workspace = allocate(WORKSPACE);
        for (const _ of LAYER_ACTIVATIONS) allocator.free(activations.pop()!);
        allocator.free(workspace);
        if (layer === LAYERS >> 1) during();
      }
      this.#addGradients();
    } finally {
      for (const block of activations) allocator.free(block);
    }
  }

  /** Gradients appear in the first backward pass and are added to from then on. */
  #addGradients(): void {
    for (; this.#gradients < TENSORS; this.#gradients++)
      this.allocator.malloc(this.#tensorBytes[this.#gradients]!);
  }

  /** The moments of Adam appear at its first step. */
  #addMoments(): void {
    for (; this.#moments < 2 * TENSORS; this.#moments++)
      this.allocator.malloc(this.#tensorBytes[this.#moments >> 1]!);
  }
}
