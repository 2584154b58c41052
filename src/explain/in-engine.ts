/** An out-of-memory error of an inference engine: its tensors are no training's, and what helps is the engine's. */
import type { Answer } from './answer.ts';

/** Frames and processes of vLLM and SGLang. */
const ENGINES: readonly { of: RegExp; name: string; next: string[] }[] = [
  {
    // Its frames, its processes, and the form of its logger's lines.
    of: /\(EngineCore[_ ]|\/vllm\/(?:v1\/)?(?:engine|worker|executor|entrypoints)\/|\(\w{0,20}RayWorkerWrapper pid=|\b(?:INFO|WARNING|ERROR) \d\d-\d\d \d\d:\d\d:\d\d \[?(?:\w{1,40}\/){0,6}\w{1,40}\.py:\d{1,5}\]/,
    name: 'vLLM',
    next: [
      'Lower max_num_batched_tokens, max_num_seqs or max_model_len; enforce_eager=True needs no memory for CUDA graphs.',
      'Where the weights alone nearly fill it: a quantised model, or more devices (tensor_parallel_size). A lower gpu_memory_utilization helps where the KV cache took the rest.',
    ],
  },
  {
    of: /\/sglang\/srt\//,
    name: 'SGLang',
    next: [
      'Lower --mem-fraction-static, --chunked-prefill-size or --max-running-requests; --disable-cuda-graph needs no memory for graphs.',
      'Where the weights alone nearly fill it: a quantised model, or more devices (--tp).',
    ],
  },
];
const OWN = 'the training’s own tensors';
/** A trainer that has an engine beside it may be the one that failed. */
const TRAINER = /\/(?:trl|verl|openrlhf|slime|swift|deepspeed|nemo_rl)\/|\.backward\(|optimizer\.step/;
/** Frames that put a model's weights onto the device. */
const LOADING =
  /\b_load_state_dict_into_meta_model\b|\bload_checkpoint_in_model\b|\b_load_pretrained_model\b|\bset_module_tensor_to_device\b/;
const STEPS = /\bin (?:forward|training_step|compute_loss|_inner_training_loop)\b|\.step\(/;
/** Advice for a training's step. */
const OF_STEPS = /^Use smaller microbatches/;

/** The answer in the engine's words, where the text is one's and nothing of a training is in it. */
export function inEngine(answer: Answer, text: string): Answer {
  if (answer.says.includes(OF_GGML)) return inGgml(answer, text);
  if (!answer.says.includes(OWN) || TRAINER.test(text)) return answer;
  if (LOADING.test(text) && !STEPS.test(text)) return whileLoading(answer);
  const engine = ENGINES.find(({ of }) => of.test(text));
  if (engine === undefined) return answer;
  return {
    ...answer,
    says: answer.says
      .replace('The training failed', 'The engine failed')
      .replace(OWN, `${engine.name}’s own tensors (weights, activations, its KV cache)`),
    next: [...engine.next, ...answer.next.filter(line => !OF_STEPS.test(line))],
  };
}

/** No step has been taken: a smaller batch makes no room for the weights. */
const whileLoading = (answer: Answer): Answer => ({
  ...answer,
  says: answer.says.replace(OWN, 'the model’s own weights, while they are loaded'),
  next: [
    'Load fewer of them onto this device: half precision, 8 or 4 bits, more devices (device_map, ZeRO-3, FSDP), or parts on the host. A smaller batch makes no room here.',
    ...answer.next.filter(line => !OF_STEPS.test(line)),
  ],
});

const OF_GGML = 'the model, or what it computes in, does not fit beside what is there';
/** Which of its three kinds of memory ggml had no room for, by the lines beside its refusal. */
const GGML: readonly { of: RegExp; says: string; next: string[] }[] = [
  {
    of: /failed to allocate compute (?:\w{1,4} )?buffers|gallocr_reserve_n|graph_reserve:/,
    says: 'the compute buffer, which grows with context and batch, does not fit beside the model and its KV cache',
    next: [
      'Make the compute buffer smaller: a smaller --ubatch-size (-ub), a shorter context (-c), flash attention (-fa). With several GPUs pipeline parallelism needs it several times.',
    ],
  },
  {
    of: /failed to allocate buffer for (?:kv|rs) cache|llama_kv_cache_init: failed/,
    says: 'the KV cache, which grows with the context, does not fit beside the model',
    next: ['Shorten the context (-c; num_ctx) first: the KV cache is in proportion to it.'],
  },
  {
    of: /alloc_tensor_range|unable to allocate \w{1,12} buffer|unable to allocate backend buffer/,
    says: 'the model (its weights) does not fit',
    next: [],
  },
];

function inGgml(answer: Answer, text: string): Answer {
  const part = GGML.find(({ of }) => of.test(text));
  return part === undefined
    ? answer
    : { ...answer, says: answer.says.replace(OF_GGML, part.says), next: [...part.next, ...answer.next] };
}
