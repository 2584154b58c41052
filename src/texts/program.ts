/** What program a text is of, by its frames, its processes and the form of its lines. */

/** An inference engine that names itself. */
export type Engine = 'vLLM' | 'SGLang';

/** `loading`: it was putting a model’s weights onto the device. */
export type FailedProgram = { is: 'training' | 'loading' } | { is: 'engine'; engine: Engine };

const ENGINES: readonly { of: RegExp; engine: Engine }[] = [
  {
    // Its frames, its processes, and the form of its logger's lines.
    of: /\(EngineCore[_ ]|\/vllm\/(?:v1\/)?(?:engine|worker|executor|entrypoints)\/|\(\w{0,20}RayWorkerWrapper pid=|\b(?:INFO|WARNING|ERROR) \d\d-\d\d \d\d:\d\d:\d\d \[?(?:\w{1,40}\/){0,6}\w{1,40}\.py:\d{1,5}\]/,
    engine: 'vLLM',
  },
  { of: /\/sglang\/srt\//, engine: 'SGLang' },
];
/** A trainer that has an engine beside it may be the one that failed. */
const TRAINER = /\/(?:trl|verl|openrlhf|slime|swift|deepspeed|nemo_rl)\/|\.backward\(|optimizer\.step/;
/** Frames that put a model's weights onto the device. */
const LOADING =
  /\b_load_state_dict_into_meta_model\b|\bload_checkpoint_in_model\b|\b_load_pretrained_model\b|\bset_module_tensor_to_device\b/;
const STEPS = /\bin (?:forward|training_step|compute_loss|_inner_training_loop)\b|\.step\(/;

export function programOf(text: string): FailedProgram {
  if (TRAINER.test(text)) return { is: 'training' };
  if (LOADING.test(text) && !STEPS.test(text)) return { is: 'loading' };
  const engine = ENGINES.find(({ of }) => of.test(text))?.engine;
  return engine === undefined ? { is: 'training' } : { is: 'engine', engine };
}
