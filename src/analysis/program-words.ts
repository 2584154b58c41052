/** What a program is called, whose the tensors of a full device are, and what makes them smaller: by the program that has them. */
import type { Engine, FailedProgram, Settings } from '../texts/index.ts';

/** In a sentence about it. */
export function called(program: FailedProgram): string {
  switch (program.is) {
    case 'engine':
      return 'the engine';
    case 'training':
    case 'saving':
    case 'evaluation':
      return 'the training';
    default:
      return 'the program';
  }
}

/** Stands behind “full of”, and in front of “hold”. */
export function ownTensors(program: FailedProgram): string {
  switch (program.is) {
    case 'engine':
      return `${program.engine}’s own tensors (weights, activations, its KV cache)`;
    case 'loading':
      return 'the model’s own weights, while they are loaded';
    case 'checkpoint':
      return 'this process’s own tensors, with a checkpoint that it was reading';
    case 'saving':
      return 'the training’s own tensors, with a checkpoint that it was gathering to save it';
    case 'images':
      return 'the program’s own tensors (its models, the images it makes)';
    case 'inference':
      return 'the model’s own tensors (weights, activations, caches)';
    case 'training':
      return 'the training’s own tensors';
    default:
      return 'this process’s own tensors';
  }
}

const ENGINE_ADVICE: Readonly<Record<Engine, readonly string[]>> = {
  vLLM: [
    'Lower max_num_batched_tokens, max_num_seqs or max_model_len; enforce_eager=True needs no memory for captured graphs.',
    'Where the weights alone nearly fill it: a quantised model, or more devices (tensor_parallel_size). A lower gpu_memory_utilization helps where the KV cache took the rest.',
  ],
  SGLang: [
    'Lower --mem-fraction-static, --chunked-prefill-size or --max-running-requests; --disable-cuda-graph needs no memory for graphs.',
    'Where the weights alone nearly fill it: a quantised model, or more devices (--tp).',
  ],
  'text-generation-inference': [
    'Lower --max-batch-prefill-tokens, --max-batch-total-tokens or --max-total-tokens; a smaller --cuda-memory-fraction leaves room beside the KV cache.',
    'Where the weights alone nearly fill it: a quantised model (--quantize), or more devices (--num-shard).',
  ],
};

const SMALLER_IMAGES = 'smaller images (crops, tiles)';
/** What its model is given, made smaller: both where the text does not show which it is. */
type Given = 'images' | 'text' | undefined;
const smallerInputs = (given: Given, or = ' or '): string =>
  given === 'images'
    ? SMALLER_IMAGES
    : given === 'text'
      ? 'shorter sequences'
      : `shorter sequences${or}smaller images`;

const smallerSteps = (given: Given): string =>
  `Use smaller microbatches with gradient accumulation, activation checkpointing, ${given === undefined ? '' : 'or '}${smallerInputs(given)}.`;
const smallerInference = (isBatchOfOne: boolean): string =>
  `Use ${isBatchOfOne ? '' : 'a smaller batch, '}a shorter context, or smaller images (tiles, slices); weights of 8 or 4 bits, or parts of the model on the host (device_map, CPU offload).`;
const smallerEither = (what: string, isBatchOfOne: boolean): string[] => [
  `Make each pass smaller: ${isBatchOfOne ? '' : 'a smaller batch, '}${what}.${isBatchOfOne ? ' The batch is 1 already.' : ''} Where it trains: ${isBatchOfOne ? '' : 'gradient accumulation, '}activation checkpointing. Where it does not: torch.inference_mode(), weights of 8 or 4 bits, parts of the model on the host.`,
];

/** What a simulator has of the device beside PyTorch, made smaller. */
export const smallerScenes = ({ isOneEnvironment }: Settings): string =>
  isOneEnvironment
    ? 'Make the simulator’s contact and pair buffers smaller, or simplify terrain meshes: they are allocated whatever the number of environments.'
    : 'Run fewer environments (num_envs), with smaller contact buffers, simpler terrain, fewer or smaller cameras; headless where it draws.';

/** `torch.load` puts each tensor back onto the device that it was saved from. */
export const CHECKPOINT_ON_HOST =
  'Read the checkpoint onto the host: torch.load(…, map_location="cpu"). Without it every rank puts what it reads onto the device that it was saved from, mostly cuda:0. Let go of it after load_state_dict (del checkpoint).';

/** Its states are made in the first step, after the activations are gone. */
const IN_OPTIMIZER =
  'It was in the optimizer’s step: the activations are freed by then, and a smaller batch makes little room. Use an optimizer with smaller states (8 bits, Adafactor), train fewer parameters (LoRA), divide or offload states (ZeRO, FSDP); foreach=False makes no copies of all of them at once.';

const PREDICTIONS_KEPT =
  'It was evaluating: the Trainer keeps what the model returns for every batch on the device until the end. eval_accumulation_steps moves it to the host, preprocess_logits_for_metrics makes it small (argmax), prediction_loss_only keeps none of it; then a smaller per_device_eval_batch_size.';

/** Of diffusers, what is not in use yet. */
const DIFFUSERS: Readonly<Record<NonNullable<Settings['offloads']> | 'nothing', string>> = {
  nothing:
    'In diffusers: pipe.enable_model_cpu_offload(), or pipe.enable_sequential_cpu_offload(), which is slow and needs least; pipe.vae.enable_tiling().',
  model:
    'In diffusers: pipe.enable_sequential_cpu_offload() in the place of enable_model_cpu_offload(), which keeps a whole model on the device at a time; it is slow and needs least. pipe.vae.enable_tiling().',
  layers: 'In diffusers: pipe.vae.enable_tiling().',
};

/** What makes them smaller, beside what is set already. */
export function smaller(program: FailedProgram, { isBatchOfOne, offloads }: Settings): readonly string[] {
  switch (program.is) {
    case 'engine':
      return ENGINE_ADVICE[program.engine];
    case 'loading':
      // No step has been taken: a smaller batch makes no room for the weights.
      return [
        'Load fewer of them onto this device: half precision, 8 or 4 bits, more devices (device_map, ZeRO-3, FSDP), or parts on the host. A smaller batch makes no room here.',
        ...(program.by === 'diffusers'
          ? [
              'In diffusers: pipe.enable_model_cpu_offload() in the place of pipe.to(device), or pipe.enable_sequential_cpu_offload(), which is slow and needs least.',
            ]
          : []),
      ];
    case 'checkpoint':
      return [CHECKPOINT_ON_HOST];
    case 'saving':
      return [
        'It was gathering a checkpoint to save it, which puts whole what each device has a part of: gather it on the host (FSDP: FullStateDictConfig(offload_to_cpu=True, rank0_only=True)), or save it in parts (SHARDED_STATE_DICT, torch.distributed.checkpoint). torch.cuda.empty_cache() before it.',
        'Look whether the checkpoint is whole before it is used.',
      ];
    case 'evaluation':
      if (program.by === 'transformers') return [PREDICTIONS_KEPT];
      return [
        'It was evaluating: do that under torch.no_grad() or torch.inference_mode(), else each batch keeps its activations; and keep numbers, or copies on the host, of what is gathered over the batches.',
        'Use a smaller batch for the evaluation.',
      ];
    case 'images':
      return [
        'Make smaller or fewer images at once, decode them in tiles (VAE Decode (Tiled)), take a quantised model (fp8, GGUF), or start with --lowvram (--medvram); unload models that are not needed any more. ' +
          DIFFUSERS[offloads ?? 'nothing'],
      ];
    case 'inference':
      return [smallerInference(isBatchOfOne)];
    case 'training':
      if (program.at === 'optimizer') return [IN_OPTIMIZER];
      if (isBatchOfOne) return [smallerModel(program, 'The batch is 1 already')];
      return [smallerSteps(program.given)];
    default:
      return smallerEither(
        program.is === 'unknown' ? smallerInputs(program.given, ', ') : smallerInputs(undefined, ', '),
        isBatchOfOne,
      );
  }
}

/** What helps where the weights, gradients and states of one step fill the device, whatever the batch. */
export const smallerModel = (program: FailedProgram, why = 'A smaller batch does not help'): string =>
  program.is !== 'training' && program.is !== 'unknown'
    ? `${why}: a shorter context or smaller images, weights of 8 or 4 bits, more devices, or parts of the model on the host.`
    : `${why}: ${smallerInputs(program.given)}, activation checkpointing, weights and optimizer of fewer bits (8 or 4 bits, LoRA), ZeRO-3 or FSDP over more devices, offloading.`;
