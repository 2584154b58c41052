/** What a text shows of the program that wrote it beside its error: what it does, by whose driver it reaches a device, and with which library. */
import type { Ending } from '../contract/index.ts';
import { type FailedProgram, programOf } from './program.ts';
import { progressIn } from './progress.ts';
import { type Settings, settingsIn } from './settings.ts';

/** Libraries with memory of their own whose errors have the words of another one. */
export type Library = 'ggml' | 'mlx' | 'cupy' | 'tensorflow' | 'jax';

export interface Shown {
  program: FailedProgram;
  /** A backend other than CUDA; null where nothing names one. */
  backend: string | null;
  library: Library | null;
  /** Whether a path, a module or an error is of Windows. */
  isWindows: boolean;
  /** Whether a path or a prompt is of Linux or macOS. */
  isUnix: boolean;
  /** Whether an error, or a frame, is of a program in Java or Scala. */
  isOfJava: boolean;
  /** Whether TensorFlow’s pool of a GPU has a line of its own. */
  hasGpuPool: boolean;
  /** Whether PyTorch is named, or a frame is of it. */
  isOfTorch: boolean;
  /** Whether JAX is named, or an error is of its kind. */
  isOfJax: boolean;
  /** Whether a library of boosted trees is named, or one of RAPIDS’. */
  isOfTrees: boolean;
  /** Whether frames of a traceback are there. */
  hasFrames: boolean;
  /** Whether a simulator that runs on the GPU is named, within the program or beside it. */
  hasSimulator: boolean;
  /** Whether a word of PyTorch’s is there that it prints since 1.8. */
  isRecentTorch: boolean;
  settings: Settings;
  /** How far it had come by a line of its own; null where a trainer’s format has the steps, and where no line names it. */
  reached: string | null;
}

/** NVIDIA’s own words: beside them another vendor’s are a list of what a program could use. */
const NVIDIA = /\bNVIDIA\b|\bnvidia-smi\b|\bcompute capability \d/;
const BACKENDS: readonly { backend: string; of: RegExp }[] = [
  { backend: 'vulkan', of: /\bggml_vulkan\b|\bvk::Device::|\bVulkan\d\b/ },
  { backend: 'dml', of: /\bDmlExecutionProvider\b|\btorch_directml\b/ },
  {
    backend: 'hip',
    of: /\bROCm\d?\b|\brocm\b|\/rocm|\bHIP\b|\bhip(?:Malloc|Error|blas)|\bHIP(?:BLAS)?_\w|\bAMDGPU\b|\bgfx\d{3,4}[a-f]?\b|\brocblas_|\bMIOpen\b|\bmiopen\w|\bHSA_STATUS/,
  },
  { backend: 'xpu', of: /\bSYCL\d?\b|\bggml_backend_sycl|\blevel_zero\b|\bUR_RESULT_|\boneAPI\b|\bxpu\b/i },
  { backend: 'npu', of: /\bAscend\b|\bCANN\d?\b|\bNPU \d/ },
  { backend: 'mps', of: /\bggml_metal|\bMetal\b|\[METAL\]|\bkIOGPU|\bMTLDevice|\bApple M\d/ },
];

const LIBRARIES: readonly { library: Library; of: RegExp }[] = [
  { library: 'ggml', of: /\bggml_|\bggml-|\bllama_\w{3,40}:|\bllama runner\b|\bllama\.cpp\b/ },
  {
    library: 'mlx',
    of: /\[METAL\] Command buffer|\[metal::malloc\]|\bmlx(?:_lm|\.core|\/)\b|[/\\]mlx[/\\_]/,
  },
  {
    library: 'jax',
    of: /\bjaxlib[./\\]|\bjax[/\\]_src[/\\]|\bXlaRuntimeError\b|\bXlaModule\b|\bFailed to launch CUDA kernel: \w{1,80} with block dimensions\b/,
  },
  {
    library: 'tensorflow',
    of: /\btensorflow[/\\](?:python|stream_executor|core|compiler)[/\\]|\btf_compat\./,
  },
  { library: 'cupy', of: /\bcupy(?:_backends|x)?[./]|\bCUDARuntimeError: (?:cuda|hip)Error/ },
];
const WINDOWS = /\b[A-Z]:\\\w|\bc10\\(?:core|cuda)\\|\bWinError\b|\bWindows\b|\.dll\b|\bwin32\b|\.bat\b/;
const UNIX =
  /(?:^|[\s"'`(<=[])\/(?:home|root|usr|opt|mnt|data\d?|workspace|content|tmp|var|env|venv|Users|kaggle|scratch)\/\w|\bubuntu\b|\bLinux\b|\.so\b/m;
const JAVA = /\bjcuda\.\w|^\s{1,8}at [\w$.]{3,200}\([\w$]{1,80}\.(?:java|scala):\d{1,6}\)/m;
const FRAMES =
  /\.pyx?["”]?, line \d|\bline \d{1,6}, in \w|^-{2,5}> ?\d{1,5} |\.py:\d{1,6}\b|\bTraceback \(most recent call last\)/m;
/** Simulators whose scenes and buffers lie on the device of the training, in its process. */
const SIMULATOR =
  /\bisaac[-_ ]?(?:gym|sim|lab|training|orbit)|[/\\]IsaacLab|\bomni(?:\.(?:isaac|physx|kit)|_drones|isaacgym)|\bOmniDrones\b|\blegged_gym\b|\bmani_?skill\d?\b|\bsapien[/\\.]|\bmujoco_warp\b|\bmjlab[/\\.]|\bhabitat_sim\b|\bGPU PhysX\b/i;
const TORCH = /\btorch[./\\]|\bPyTorch\b|\bpytorch\b/;

/** @param isTraining whether more than the text shows that it is a training */
export function shownIn(text: string, isTraining = false): Shown {
  return {
    program: programOf(text, isTraining),
    backend: NVIDIA.test(text) ? null : (BACKENDS.find(({ of }) => of.test(text))?.backend ?? null),
    library: TORCH.test(text) ? null : (LIBRARIES.find(({ of }) => of.test(text))?.library ?? null),
    isWindows: WINDOWS.test(text),
    isUnix: UNIX.test(text),
    isOfJava: !TORCH.test(text) && JAVA.test(text),
    hasGpuPool: /\bGPU_\d{1,2}_bfc\b/.test(text),
    isOfTorch: TORCH.test(text) || /\btorch\b/.test(text),
    isOfJax: /\bjax|\bflax\b|\boptax\b|XlaRuntimeError|RESOURCE_EXHAUSTED|xla_extension/i.test(
      text.replace(/\/jax(?:ws|b)\b/g, ''),
    ),
    isOfTrees: /xgb|lightgbm|catboost|\bcu(?:ml|df)\b|rapids|\brmm\b/i.test(text),
    hasFrames: FRAMES.test(text),
    hasSimulator: SIMULATOR.test(text),
    isRecentTorch: /\bmight be asynchronously reported\b|\bAcceleratorError\b/.test(text),
    settings: settingsIn(text),
    reached: isTraining ? null : progressIn(text),
  };
}

/** The words of an error and the frames that are kept of it, each in a line as tracebacks have them: they show what the program did. */
export function shownInError(
  { message, ending }: { message?: string | null; ending?: Ending | null },
  isTraining = false,
): Shown {
  const frames = ending?.evidence == null || ending.by != null ? '' : ending.evidence;
  return shownIn([message ?? '', ...frames.replace(/\)$/, '').split(' (within ')].join('\n'), isTraining);
}
