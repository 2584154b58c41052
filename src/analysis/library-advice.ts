/** What to try where a library beside PyTorch was refused. */
import { capitalised } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';
import type { FailedProgram, Shown } from '../texts/index.ts';

export const XLA = [
  'Use a smaller batch, rematerialisation (jax.checkpoint), donated buffers (donate_argnums), or shard parameters and optimizer states over more devices.',
];

/** The same where XLA runs for another library than JAX. */
const XLA_OF_OTHERS = [
  'Use a smaller batch, compute activations again in the place of keeping them, take bfloat16, or shard parameters and optimizer states over more devices.',
];

const XLA_WITHOUT_TRAINING = [
  'Use a smaller batch, shorter or smaller inputs, donated buffers (donate_argnums), or shard the parameters over more devices.',
];

/** What helps a program of XLA’s, by the library that made it. */
export const smallerXla = (
  { isOfTorch, isOfJax }: Pick<Shown, 'isOfTorch' | 'isOfJax'>,
  program: FailedProgram,
): readonly string[] =>
  isOfTorch || !isOfJax ? XLA_OF_OTHERS : USES.has(program.is) ? XLA_WITHOUT_TRAINING : XLA;

/** Of a GPU alone. */
export const OF_SHARE = [
  'XLA takes 75% of a GPU when it starts, and no more: XLA_PYTHON_CLIENT_MEM_FRACTION raises that where nobody else needs the device.',
];

/** What asks the driver beside XLA’s pool: kernels as they are loaded, NCCL, cuDNN. */
export const BESIDE_POOL_OF_XLA = [
  'Leave memory outside XLA’s pool, which takes 75% of a GPU when it starts: a smaller XLA_PYTHON_CLIENT_MEM_FRACTION, or XLA_PYTHON_CLIENT_PREALLOCATE=false.',
  'Look at nvidia-smi before it starts: who else holds memory of the device? Each other JAX takes its 75% too.',
];

const BOOSTED_TREES = [
  'Use a smaller or external-memory data set, fewer bins (max_bin), or the host (device="cpu"); with several GPUs divide the rows.',
];

const SMALLER_SCENE =
  'Make what is rendered smaller (resolution, samples at once, texture sizes, instances), or end other programs that use the GPU.';

const LIBRARY_ADVICE: Readonly<Record<string, readonly string[]>> = {
  'jax on gpu': [...XLA, ...OF_SHARE],
  jax: XLA,
  tensorflow: [
    'Use a smaller batch or mixed precision; tf.config.experimental.set_memory_growth where another process shares the device.',
  ],
  paddle: ['Use a smaller batch or recompute; FLAGS_fraction_of_gpu_memory_to_use bounds its share.'],
  mindspore: [
    'Use a smaller batch or recompute (cell.recompute()); mindspore.set_context(max_device_memory="…GB") bounds its pool: it may be set lower than the device.',
  ],
  tensorrt: [
    'While an engine is built, such a tactic is left out and the build goes on: it fails only where none is left (“could not find any implementation”).',
    'Bound the builder’s workspace (config.set_memory_pool_limit; trtexec --memPoolSize), or build for smaller batches and shapes.',
    'While it runs, an execution context asks for all of its activations at once: one context for several inputs, or an engine for smaller batches and shapes.',
  ],
  'tensorrt-llm': [
    'Give the KV cache a smaller share (kv_cache_config.free_gpu_memory_fraction), or lower max_batch_size, max_num_tokens and max_seq_len.',
  ],
  'onnx runtime': [
    'Bound its arena (gpu_mem_limit, arena_extend_strategy: kSameAsRequested), or use a smaller batch.',
  ],
  vulkan: [
    'Lower what the simulator draws: its quality (CARLA: -quality-level=Low), number and resolution of cameras, headless rendering (-RenderOffScreen, --headless).',
    'Give it a GPU of its own (CARLA: -graphicsadapter=N), or leave it memory beside PyTorch: set_per_process_memory_fraction below 1.',
  ],
  warp: [
    'Run fewer environments, or bound what each of them has: contacts and constraints (MuJoCo Warp: nconmax, njmax, naconmax), meshes and their collisions.',
    'Where JAX shares the device, it takes 75% of it when it starts: XLA_PYTHON_CLIENT_MEM_FRACTION makes that smaller, XLA_PYTHON_CLIENT_PREALLOCATE=false takes it as it is needed.',
  ],
  mxnet: ['Use a smaller batch; MXNET_GPU_MEM_POOL_RESERVE leaves memory outside its pool.'],
  numba: [
    'Numba asks the driver itself: where PyTorch shares the device, torch.cuda.empty_cache() before it, or a smaller share for PyTorch.',
  ],
  habana: [
    'Use a smaller batch, recomputation, or ZeRO over more cards; mark_step() bounds how much is held at once in lazy mode.',
  ],
  rmm: [
    'Process the data in smaller pieces, or let RAPIDS go beyond the device (managed memory, spilling: rmm.reinitialize(managed_memory=True), cudf.set_option("spill", True)).',
  ],
  xgboost: BOOSTED_TREES,
  faiss: [
    'faiss keeps up to 1.5 GiB of the device for itself when it starts: res.setTempMemory(bytes) or noTempMemory() makes that smaller.',
    'Let the index take less: useFloat16, a quantised index (IVFPQ), or shards over several devices; free what PyTorch or TensorFlow holds of the same device.',
  ],
  mlx: [
    'Use a smaller batch or shorter sequences, gradient checkpointing (mlx_lm.lora: --batch-size, --max-seq-length, --grad-checkpoint, --num-layers), or weights of 4 bits.',
    'The system bounds what the GPU may have of the memory that it shares: sudo sysctl iogpu.wired_limit_mb=… raises that; mx.set_memory_limit and mx.clear_cache are MLX’s own.',
  ],
  directml: [
    'Use a smaller batch or smaller images, weights of 16 or 8 bits, or give the program another device; what exceeds the dedicated memory lies in the host’s and is slow.',
  ],
  cycles: [
    'Make the scene smaller for the GPU (texture sizes, subdivision, instances), end other programs that use it, or render on the CPU.',
  ],
  cupy: [
    'Free its pool between phases: cupy.get_default_memory_pool().free_all_blocks().',
    'Where the text names a limit, that was set for it: set_limit() of the pool, or CUPY_GPU_MEMORY_LIMIT.',
  ],
  catboost: [
    'Use less depth, fewer bins (border_count) or a smaller max_ctr_complexity, a part of the rows, or the host (task_type="CPU"); gpu_ram_part is its share of the device.',
  ],
  lightgbm: ['Use fewer bins (max_bin=63), a part of the rows, or the host (device_type="cpu").'],
  optix: [SMALLER_SCENE],
  'dr.jit': [SMALLER_SCENE],
  direct3d: [SMALLER_SCENE],
};

/** The same of a program that does not train: nothing that only a training has. */
const WITHOUT_TRAINING: Readonly<Record<string, readonly string[]>> = {
  'jax on gpu': [...XLA_WITHOUT_TRAINING, ...OF_SHARE],
  tensorflow: [
    'Use a smaller batch, or shorter or smaller inputs; tf.config.experimental.set_memory_growth where another process shares the device.',
  ],
  paddle: ['Use a smaller batch, or smaller images; FLAGS_fraction_of_gpu_memory_to_use bounds its share.'],
  mindspore: [
    'Use a smaller batch; mindspore.set_context(max_device_memory="…GB") bounds its pool: it may be set lower than the device.',
  ],
};
/** The same in the optimizer’s update, where the batch has no part. */
const IN_OPTIMIZER: Readonly<Record<string, readonly string[]>> = {
  tensorflow: [
    'It was in the optimizer’s update of a weight: a smaller batch makes little room. Make the largest layers smaller (embeddings, dense layers behind a flattening), or use an optimizer with smaller states (SGD, Adafactor).',
    'Where models are made one after another in one process: tf.keras.backend.clear_session() lets go of those before.',
  ],
};
const USES: ReadonlySet<FailedProgram['is']> = new Set(['inference', 'images', 'loading']);

type ShownOfLibrary = Pick<Shown, 'isOfTorch' | 'isOfJax' | 'isOfTrees'> & Partial<Pick<Shown, 'settings'>>;

const NOTHING_SHOWN: ShownOfLibrary = { isOfTorch: false, isOfJax: true, isOfTrees: false };

/** What shows of XGBoost where it does not name itself, and of extensions of PyTorch’s. */
const ofThrust = ({ isOfTorch, isOfTrees }: Pick<Shown, 'isOfTorch' | 'isOfTrees'>): readonly string[] => [
  ...(isOfTrees ? BOOSTED_TREES : ['Give it less at once: fewer points, rows or images.']),
  ...(isOfTorch
    ? [
        'Thrust asks the driver beside PyTorch’s own allocator: set_per_process_memory_fraction below 1 leaves it room where PyTorch keeps the rest.',
      ]
    : []),
];

/** What a batch of one leaves of an advice; null for nothing. */
function withoutBatch(advice: string): string | null {
  const left = advice
    .replace(/^Use (?:a )?smaller batch(?:es)? or recompute/, 'Recompute')
    .replace(/^Use a smaller batch(?:, or |, | or )/, 'Use ')
    .replace(/^Use a smaller batch(?:; |\.$)/, '')
    .replace(/, or use a smaller batch(?=\.)/, '');
  return left === '' ? null : capitalised(left);
}

/** Empty for a library that is not known. XLA’s share is a setting of GPUs alone. */
export function libraryAdvice(
  refused: Pick<OutOfMemory, 'by' | 'device'>,
  program: FailedProgram,
  shown: ShownOfLibrary = NOTHING_SHOWN,
): readonly string[] {
  const advice = adviceOf(refused, program, shown);
  return shown.settings?.isBatchOfOne === true ? advice.flatMap(one => withoutBatch(one) ?? []) : advice;
}

function adviceOf(
  { by, device }: Pick<OutOfMemory, 'by' | 'device'>,
  program: FailedProgram,
  shown: ShownOfLibrary,
): readonly string[] {
  if (by === 'thrust') return ofThrust(shown);
  if (by === 'jax' && (device === 'tpu' || !shown.isOfJax || shown.isOfTorch))
    return smallerXla(shown, program);
  const library = by === 'jax' && device !== 'tpu' && device !== 'mps' ? 'jax on gpu' : (by ?? '');
  if (program.is === 'training' && program.at === 'optimizer' && IN_OPTIMIZER[library] !== undefined)
    return IN_OPTIMIZER[library];
  return (USES.has(program.is) ? WITHOUT_TRAINING[library] : undefined) ?? LIBRARY_ADVICE[library] ?? [];
}
