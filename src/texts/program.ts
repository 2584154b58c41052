/** What program a text is of, by its frames, its processes and the form of its lines. */

/** An inference engine that names itself. */
export type Engine = 'vLLM' | 'SGLang';

/** `loading`: it was putting a model’s weights onto the device. `images`: it makes images or videos, and trains nothing. */
export type FailedProgram = { is: 'training' | 'loading' | 'images' } | { is: 'engine'; engine: Engine };

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

const IMAGES =
  /[\\/](?:ComfyUI|stable-diffusion-webui|sdnext|Fooocus|InvokeAI)\w{0,40}[\\/]|# ComfyUI Error Report|\bKSampler\b/i;
const TRAINS_IMAGES = /dreambooth|sd-scripts|kohya|[\\/]train\w{0,40}\.py|Running training/i;

export function programOf(text: string): FailedProgram {
  if (TRAINER.test(text)) return { is: 'training' };
  if (IMAGES.test(text) && !TRAINS_IMAGES.test(text)) return { is: 'images' };
  if (LOADING.test(text) && !STEPS.test(text)) return { is: 'loading' };
  const engine = ENGINES.find(({ of }) => of.test(text))?.engine;
  return engine === undefined ? { is: 'training' } : { is: 'engine', engine };
}
