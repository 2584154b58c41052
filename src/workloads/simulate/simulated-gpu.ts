/**
 * A GPU for machines that have none: the training that runs beside it drives a caching allocator with its own
 * phases and its own figures. Only the scale is made up: the small network is presented as a job that nearly
 * fills the device, each parameter and each sample standing for so many bytes that the parts of the job take
 * the shares below. What moves from update to update comes from the sequences of the rollouts.
 */
import { seededRandom } from '../../base/index.ts';
import type { DeviceMemory } from '../../contract/index.ts';
import type { Block } from '../allocator/index.ts';
import { CachingAllocator, Device } from '../allocator/index.ts';
import { readMemory } from './read-memory.ts';
import { SequenceSampler } from './sequence-sampler.ts';
import { paddedBatches, truncate } from './sequences.ts';

/** Share of the device that parameters, gradients and the two moments of Adam take together. */
const MODEL_SHARE = 0.48;
/** Likewise, the activations of one minibatch, were nothing of it padded. */
const ACTIVATION_SHARE = 0.036;
/** Likewise, the rollout buffer. */
const ROLLOUT_SHARE = 0.03;
/** Sequences are batched until padding has made them this many minibatches large. */
const PADDING_LIMIT = 3;

const LAYERS = 8;
/** What a layer keeps for its backward pass, as shares of its activations. */
const LAYER_ACTIVATIONS = [0.5, 0.3, 0.2];
/** Temporary workspace of a layer's backward pass, likewise. */
const WORKSPACE = 0.5;
/** Tensors of the rollout buffer: observations, actions, log-probabilities, values, advantages. */
const ROLLOUT_TENSORS = [0.6, 0.1, 0.1, 0.1, 0.1];

/** What a CUDA context with its libraries takes of an 8 GiB device or larger, bytes. */
const CONTEXT_BYTES = 450 * 2 ** 20;
const contextBytes = (totalBytes: number) => Math.min(CONTEXT_BYTES, Math.floor(totalBytes / 18));

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export interface SimulatedGpuOptions {
  totalBytes: number;
  /** Whether the allocator's segments grow in place; false by default. */
  expandableSegments?: boolean;
  /** Equal seeds and equal calls give equal figures, `readMs` excepted. */
  seed: number;
  /** Elements of each parameter tensor of the network. */
  parameterSizes: readonly number[];
  /** Environment steps of a rollout, all environments together. */
  rolloutSteps: number;
  /** Samples of a minibatch. */
  minibatchSize: number;
}

export class SimulatedGpu {
  readonly name = 'sim:0';
  /** For what a training does not do by itself: neighbours, leaks, limits. */
  readonly allocator: CachingAllocator;
  readonly #random: () => number;
  readonly #tensorBytes: readonly number[];
  readonly #minibatchSize: number;
  readonly #activationBytesPerStep: number;
  readonly #rolloutBytesPerStep: number;
  #gradients: Block[] = [];
  #moments: Block[] = [];
  #rollout: Block[] = [];
  #sampler: SequenceSampler | null = null;

  constructor(options: SimulatedGpuOptions) {
    const {
      totalBytes,
      expandableSegments = false,
      seed,
      parameterSizes,
      rolloutSteps,
      minibatchSize,
    } = options;
    const device = new Device({ name: this.name, totalBytes, contextBytes: contextBytes(totalBytes) });
    this.allocator = new CachingAllocator({ device, settings: { expandableSegments } });
    this.#random = seededRandom(seed);
    const bytesPerParameter = (MODEL_SHARE * totalBytes) / 4 / sum(parameterSizes);
    this.#tensorBytes = parameterSizes.map(size => Math.ceil(size * bytesPerParameter));
    this.#minibatchSize = minibatchSize;
    this.#activationBytesPerStep = (ACTIVATION_SHARE * totalBytes) / minibatchSize;
    this.#rolloutBytesPerStep = (ROLLOUT_SHARE * totalBytes) / rolloutSteps;
  }

  /** What `TRAINING_STARTED` records of the allocator. */
  get expandableSegments(): boolean {
    return this.allocator.hasExpandableSegments;
  }

  /** Allocates the parameters. */
  loadModel(): void {
    for (const bytes of this.#tensorBytes) this.allocator.malloc(bytes);
  }

  /**
   * Gives the cache back, as trainers do that share the device with an inference engine, and fills the buffer.
   * @param sequences lengths of the rollout's sequences in steps, see `sequenceLengths`; at least one
   */
  collectRollout(sequences: readonly number[]): void {
    this.allocator.emptyCache();
    const lengths = truncate(sequences, Math.ceil(this.#minibatchSize / 2));
    if (lengths.length === 0) throw new RangeError('a rollout has at least one sequence');
    const bytes = sum(paddedBatches(lengths, this.#budget(0))) * this.#rolloutBytesPerStep;
    for (const share of ROLLOUT_TENSORS) this.#rollout.push(this.allocator.malloc(Math.ceil(share * bytes)));
    this.#sampler = new SequenceSampler(lengths, this.#random);
  }

  /**
   * Forward and backward pass over sequences of the rollout that have `samples` steps together.
   * @throws OutOfMemoryError when the device is full; the activations are freed then
   */
  minibatch(samples: number): void {
    if (this.#sampler === null) throw new Error('a minibatch needs a rollout');
    const taken = this.#sampler.take(samples);
    for (const steps of paddedBatches(taken, this.#budget(samples)))
      this.#forwardBackward((steps * this.#activationBytesPerStep) / LAYERS);
  }

  /** A step of fused Adam, whose moments appear at the first step. */
  optimizerStep(): void {
    while (this.#moments.length < 2 * this.#tensorBytes.length)
      this.#moments.push(this.allocator.malloc(this.#tensorBytes[this.#moments.length >> 1]!));
  }

  /** Gives the cache back. */
  emptyCache(): void {
    this.allocator.emptyCache();
  }

  /** Frees the rollout; peaks start again. */
  finishUpdate(): void {
    for (const block of this.#rollout) this.allocator.free(block);
    this.#rollout = [];
    this.#sampler = null;
    this.allocator.resetPeakStats();
  }

  /** The device as its process sees it. To be read at the end of an update, before {@link finishUpdate}. */
  read(): DeviceMemory {
    return readMemory(this.allocator, 'update');
  }

  /** Padded steps that are processed together at most. */
  #budget(samples: number): number {
    return PADDING_LIMIT * Math.max(samples, this.#minibatchSize);
  }

  #forwardBackward(layerBytes: number): void {
    const activations: Block[] = [];
    try {
      for (let layer = 0; layer < LAYERS; layer++)
        for (const share of LAYER_ACTIVATIONS)
          activations.push(this.allocator.malloc(Math.ceil(share * layerBytes)));
      for (let layer = LAYERS - 1; layer >= 0; layer--) {
        const workspace = this.allocator.malloc(Math.ceil(WORKSPACE * layerBytes));
        for (const _ of LAYER_ACTIVATIONS) this.allocator.free(activations.pop()!);
        this.allocator.free(workspace);
        this.#accumulateGradients(layer);
      }
    } finally {
      for (const block of activations) this.allocator.free(block);
    }
  }

  /** Gradients appear in the first backward pass, the last layers' first, and are added to from then on. */
  #accumulateGradients(layer: number): void {
    const reached = Math.ceil(((LAYERS - layer) / LAYERS) * this.#tensorBytes.length);
    while (this.#gradients.length < reached)
      this.#gradients.push(this.allocator.malloc(this.#tensorBytes.at(-1 - this.#gradients.length)!));
  }
}
