/** Whose the tensors of a full device are, and what makes them smaller: by the program that has them. */
import type { Engine, FailedProgram } from '../texts/index.ts';
import { SMALLER_STEPS } from './text-finding.ts';

/** Stands behind “full of”, and in front of “hold”. */
export function ownTensors(program: FailedProgram): string {
  switch (program.is) {
    case 'engine':
      return `${program.engine}’s own tensors (weights, activations, its KV cache)`;
    case 'loading':
      return 'the model’s own weights, while they are loaded';
    case 'images':
      return 'the program’s own tensors (its models, the images it makes)';
    default:
      return 'the training’s own tensors';
  }
}

const ENGINE_ADVICE: Readonly<Record<Engine, readonly string[]>> = {
  vLLM: [
    'Lower max_num_batched_tokens, max_num_seqs or max_model_len; enforce_eager=True needs no memory for CUDA graphs.',
    'Where the weights alone nearly fill it: a quantised model, or more devices (tensor_parallel_size). A lower gpu_memory_utilization helps where the KV cache took the rest.',
  ],
  SGLang: [
    'Lower --mem-fraction-static, --chunked-prefill-size or --max-running-requests; --disable-cuda-graph needs no memory for graphs.',
    'Where the weights alone nearly fill it: a quantised model, or more devices (--tp).',
  ],
};

/** What makes them smaller. */
export function smaller(program: FailedProgram): readonly string[] {
  switch (program.is) {
    case 'engine':
      return ENGINE_ADVICE[program.engine];
    case 'loading':
      // No step has been taken: a smaller batch makes no room for the weights.
      return [
        'Load fewer of them onto this device: half precision, 8 or 4 bits, more devices (device_map, ZeRO-3, FSDP), or parts on the host. A smaller batch makes no room here.',
      ];
    case 'images':
      return [
        'Make smaller or fewer images at once, decode them in tiles (VAE Decode (Tiled)), take a quantised model (fp8, GGUF), or start with --lowvram (--medvram); unload models that are not needed any more.',
      ];
    default:
      return [SMALLER_STEPS];
  }
}
