/** What program a text is of, by its frames, its processes and the form of its lines: evidence of the text, no guess. */

/** An inference engine that names itself. */
export type Engine = 'vLLM' | 'SGLang' | 'text-generation-inference';

/**
 * `loading`: it was putting a model’s weights onto the device; `saving`: a training that gathers a checkpoint to save it; `checkpoint`: it was reading a checkpoint; `evaluation`: it was evaluating beside a training; `images`: it makes images or videos; `inference`: it generates,
 * transcribes or evaluates; `unknown`: the text shows neither a training nor anything else.
 */
export type FailedProgram =
  | {
      is:
        | 'training'
        | 'loading'
        | 'saving'
        | 'checkpoint'
        | 'evaluation'
        | 'images'
        | 'inference'
        | 'unknown';
      /** Where in a training it was: in the optimizer’s step. */
      at?: 'optimizer';
      /** What its model is given, where the text shows it: images have no sequences. */
      given?: 'images' | 'text';
      /** A pipeline of diffusers’ that was moved whole; the Trainer of transformers, where it evaluates. */
      by?: 'diffusers' | 'transformers';
    }
  | { is: 'engine'; engine: Engine };

const ENGINES: readonly { of: RegExp; engine: Engine }[] = [
  {
    // Its frames, its processes, and the form of its logger's lines.
    of: /\(EngineCore[_ ]|\/vllm\/(?:v1\/)?(?:engine|worker|executor|entrypoints)\/|\(\w{0,20}RayWorkerWrapper pid=|\b(?:INFO|WARNING|ERROR) \d\d-\d\d \d\d:\d\d:\d\d \[?(?:\w{1,40}\/){0,6}\w{1,40}\.py:\d{1,5}\]|^[$> ]{0,3}(?:\w{1,40}=\S{1,200} )?(?:vllm serve |python3? -m vllm\.entrypoints\.)/m,
    engine: 'vLLM',
  },
  {
    of: /\/sglang\/srt\/|^[$> ]{0,3}(?:\w{1,40}=\S{1,200} )?python3? -m sglang\.launch_server /m,
    engine: 'SGLang',
  },
  {
    of: /\btext_generation_(?:launcher|client|router)\b|\/text_generation_server\//,
    engine: 'text-generation-inference',
  },
];
/** A trainer that has an engine beside it may be the one that failed. */
const TRAINER =
  /\/(?:trl|verl|openrlhf|slime|swift|deepspeed(?!\/(?:inference|module_inject|model_implementations|ops\/transformer\/inference)\/)|nemo_rl)\/|\.backward\(|optimizer\.step/;
/** Frames that put a model’s weights onto the device: as they are read, or by `model.to(device)`, `model.cuda()`. */
const LOADING =
  /\btorch[\\/]nn[\\/]modules[\\/]module\.py"?, line \d{1,6}, in (?:convert|<lambda>)(?=\n|$)|\b_load_state_dict_into_meta_model\b|\bload_checkpoint_in_model\b|\b_load_pretrained_model\b|\bset_module_tensor_to_device\b|\bin prepare_model(?=\n|$)/;
/** `pipe.to(device)` of diffusers. */
const PIPELINE = /\bpipeline_utils\.py"?, line \d{1,6}, in to(?=\n|$)/;
/** Frames that read a checkpoint, or put it into a model or an optimizer. */
const CHECKPOINT =
  /\bin (?:_cuda_deserialize|default_restore_location|restore_location|persistent_load|load_state_dict)(?=\n|$|\()/m;
/** Frames that gather what is sharded, to save it whole. */
const SAVING =
  /\bin (?:_full_pre_state_dict_hook|_full_post_state_dict_hook|_pre_state_dict_hook|_?(?:full_)?optim_state_dict|get_model_state_dict|get_state_dict|_zero3_consolidated_16bit_state_dict)(?=\n|$|\()|\.py:\d{1,5}: UserWarning: Failed to clone\(\) tensor with name/m;
/** Frames of an evaluation that a training script calls. */
const EVALUATION =
  /\bin (?:evaluate|validate|validation|valid|val|eval|evaluation_loop|validation_step|(?:valid|val|eval|test)_epoch|(?:single|multi)_gpu_test)(?=\n|$|\()|[/\\]eval_hooks\.py"?, line \d/m;
/** The client's record of an error has the innermost of these alone. */
const IN_BACKWARD = /\bin (?:_engine_run_)?backward(?=\n|$|\()/m;
const STEPS = /\bin (?:forward|training_step|compute_loss|_inner_training_loop)\b|\.step\(/;
/** Frames, scripts and lines of a training, where nothing else names the program. */
const TRAINING = [
  /\bin (?:backward|_engine_run_backward|training_step|compute_loss|_?inner_training_loop|optimizer_step|_?(?:pre)?train(?:_\w{1,30})?|finetune|_?fit(?:_\w{1,30})?)(?=\n|$|\()/m,
  /[/\\](?:torch[/\\]optim|bitsandbytes[/\\]optim|torch[/\\]amp[/\\]grad_scaler|transformers[/\\]trainer|pytorch_lightning|lightning[/\\]pytorch|megatron|nemo|mmengine[/\\]runner|ultralytics[/\\]engine[/\\]trainer|llamafactory|axolotl|stable_baselines3|unsloth)[/\\.]/,
  /(?:^|[/\\"' ])(?:\w{1,40}[_-])?(?:pre|re)?(?:train|trainer|training|finetune|fine_tune|finetuning)(?:[_-]\w{1,60})?\.py\b/m,
  /\bautotrain[./\\]trainers\b/,
  /\b(?:trainer|model|learner|agent)\.(?:train|fit|learn)\((?!\s{0,4}(?:False|mode=False))|\bscaler\.(?:scale|step|unscale_)\(/,
  /\b[Ee]poch:? ?\[?\d{1,6} ?(?:\/|of) ?\d{1,6}\b|\b(?:train|training)[_ /]loss["']?\s{0,3}[:=]|\b(?:iter|iteration|step)s? {0,3}[:=]? {0,3}\d{1,9}\b.{0,80}\bloss\b/,
];
/** Frames, scripts and lines of programs that use a model. */
const INFERENCE = [
  /\bin (?:generate|_?sample|beam_search|transcribe|predict|infer|inference|decorate_context|encode_prompt)(?=\n|$|\()/m,
  /\bdeepspeed\.init_inference\(|\.generate\(|\btorch\.(?:no_grad|inference_mode)\(/,
  /[/\\](?:transformers[/\\]generation|transformers[/\\]pipelines|whisper\w{0,20}|faster_whisper|lmdeploy|exllamav?2?|text-generation-webui|fastchat|tensorrt_llm|triton_python_backend|ctranslate2|gradio|TTS|audiocraft)[/\\]/i,
  /(?:^|[/\\"' ])(?:\w{1,40}[_-])?(?:inference|infer|predict|generate|evaluate|eval|sample|demo|chat|server?)(?:[_-]\w{1,60})?\.py\b/m,
];

const IMAGES =
  /[\\/](?:ComfyUI|stable-diffusion-webui|sdnext|Fooocus|InvokeAI)\w{0,40}[\\/](?!\.?v?env[\\/])|[\\/]diffusers[\\/]pipelines[\\/]|# ComfyUI Error Report|\b(?:KSampler|CheckpointLoaderSimple|UNETLoader|VAE(?:De|En)code|CLIPTextEncode|SamplerCustomAdvanced)\b|\bTIPS: If the workflow worked before\b|\bThis error means you ran out of memory on your GPU\b|\bgot prompt\b|\bPrompt executed in\b|\bStable diffusion model failed to load\b|^A: [\d.]{1,8} GB, R: [\d.]{1,8} GB, Sys: |\bTorch active\/reserved: |\bwebui(?:-user)?\.(?:bat|sh)\b|\bError occurred when executing \w{1,60}:|\bpipe(?:line)?\([^\n]{0,200}\)\.(?:images|frames)\b|^\s{0,8}from diffusers import\b|[\\/](?:txt2img|img2img)\.py\b/im;
/** Frames of diffusers’ models, which a training of them has too. */
const OF_DIFFUSION = /[\\/]diffusers[\\/]models[\\/]/;
const TRAINS_IMAGES = /dreambooth|sd-scripts|kohya|[\\/]train\w{0,40}\.py|Running training/i;

/** Frames and modules of models that are given images. */
const SEES =
  /[/\\](?:torchvision|ultralytics|timm|detectron2|mm(?:det|seg|cls|pose|ocr|detection|segmentation|pretrain)|segmentation_models_pytorch|monai|kornia|nnunet\w{0,4}|yolo\w{0,12}|effdet)[/\\]|\b[Yy][Oo][Ll][Oo][ _-]?[vVxX]?\d{1,2}|\bYOLO[XRvV]?\b|\bmmdet\b|[Dd]etectron2?\b|\bnetworks\.lora\b|\bsd-scripts\b|\bkohya\w{0,4}\b|\b(?:[Cc]onv[23]d|max_pool[23]d|[Bb]atch[Nn]orm[23]d|interpolate|grid_sample)\b|(?<![\w-])(?:--)?(?:imgsz|img[-_]?size|image[-_]size|imgH)["']?[\s:=]{1,3}[\d([]|--img \d|\b(?:resnet|resnext|vgg|densenet)\d{2,3}\b|\b[Uu]_?[Nn]et(?:\.py)?\b/;
/** Of models that are given text as well. */
const READS =
  /\binput_ids\b|\battention_mask\b|tokeniz|\blm_head\b|causal_?lm|[/\\](?:trl|vllm|peft|llamafactory|axolotl|megatron)[/\\]|\bmax_(?:seq|new_tokens)|\b(?:llama|vicuna|alpaca|mistral|mixtral|falcon|qwen|baichuan)[\d.]{0,3}[-_](?:v?[\d.]{1,4}[-_])?\d{1,3}b\b(?!-?v(?:ision|l))/i;

/** Its loop of an evaluation, which keeps the predictions of all batches on the device. */
const TRAINER_OF_TRANSFORMERS = /\btransformers[\\/]trainer(?:_\w{1,20})?\.py\b/;

const RAISED = 'Traceback (most recent call last)';

/** Whether frames of an evaluation are those that failed. */
const isEvaluating = (text: string): boolean =>
  text.includes(RAISED) && EVALUATION.test(text) && !IN_BACKWARD.test(text);

/** Frames of an optimizer’s step, and frames behind it of what it calls again. */
const IN_STEP =
  /\b\w{0,40}optim\w{0,40}(?:[/\\]\w{1,60}){0,3}\.py"?, line \d{1,6}, in (?:step|_init_group|_(?:multi|single)_tensor_\w{1,20})(?=\n|$)/g;
const CALLED_AGAIN = /\bin (?:closure|forward|backward|training_step|_call_impl)(?=\n|$)/;

/** A node of TensorFlow’s in the optimizer’s update, `training_2/Adam/mul_23`: in front of gradients it is a layer’s. */
const UPDATE_NODE =
  /(?:\[\[(?:Node: |\{\{node ))training(?:_\d{1,4})?\/(?:Adam\w{0,4}|RMSprop|SGD|Adagrad|Adadelta|Nadam)\/(?!gradients\/)/;

function training(text: string): FailedProgram {
  const last = text.slice(Math.max(0, text.lastIndexOf(RAISED)));
  const step = [...last.matchAll(IN_STEP)].at(-1);
  const isInStep =
    (step !== undefined && !CALLED_AGAIN.test(last.slice(step.index))) || UPDATE_NODE.test(text);
  return { is: 'training', ...(isInStep && { at: 'optimizer' as const }) };
}

const evaluation = (text: string): FailedProgram => ({
  is: 'evaluation',
  ...(TRAINER_OF_TRANSFORMERS.test(text) && { by: 'transformers' }),
});

/** @param isTraining whether more than the text shows it */
export function programOf(text: string, isTraining = false): FailedProgram {
  const program: FailedProgram =
    isTraining && !SAVING.test(text)
      ? isEvaluating(text.slice(Math.max(0, text.lastIndexOf(RAISED))))
        ? evaluation(text)
        : training(text)
      : programIn(text);
  if (program.is === 'engine') return program;
  return READS.test(text)
    ? { ...program, given: 'text' }
    : SEES.test(text)
      ? { ...program, given: 'images' }
      : program;
}

function programIn(text: string): FailedProgram {
  if (SAVING.test(text) && !/\bin (?:backward|load_state_dict)(?=\n|$|\()/m.test(text))
    return { is: 'saving' };
  if (TRAINER.test(text)) return training(text);
  if (PIPELINE.test(text)) return { is: 'loading', by: 'diffusers' };
  if (IMAGES.test(text) && !TRAINS_IMAGES.test(text)) return { is: 'images' };
  if (!STEPS.test(text)) {
    if (LOADING.test(text)) return { is: 'loading' };
    if (CHECKPOINT.test(text)) return { is: 'checkpoint' };
  }
  const engine = ENGINES.find(({ of }) => of.test(text))?.engine;
  if (engine !== undefined) return { is: 'engine', engine };
  if (EVALUATION.test(text) && !IN_BACKWARD.test(text)) return evaluation(text);
  if (UPDATE_NODE.test(text) || TRAINING.some(sign => sign.test(text))) return training(text);
  if (OF_DIFFUSION.test(text) && !TRAINS_IMAGES.test(text)) return { is: 'images' };
  return { is: INFERENCE.some(sign => sign.test(text)) ? 'inference' : 'unknown' };
}
