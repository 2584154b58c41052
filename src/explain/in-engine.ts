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
/** Advice for a training's step. */
const OF_STEPS = /^Use smaller microbatches/;

/** The answer in the engine's words, where the text is one's and nothing of a training is in it. */
export function inEngine(answer: Answer, text: string): Answer {
  if (!answer.says.includes(OWN) || TRAINER.test(text)) return answer;
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
