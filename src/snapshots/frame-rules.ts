/** Which frame of a stack is the program's own, and what a stack allocated for: each category by a rule that has a name. */
import { type Dump, type Frame, framesOf } from './dump.ts';

type Category =
  | 'optimizer state'
  | 'backward pass'
  | 'parameters'
  | 'activations'
  | 'library'
  | 'before recording'
  | 'other';

interface Judged {
  category: Category;
  /** The rule that decided it. */
  rule: string;
}

/** Why a block has no line of the program. */
export type NoLine = 'before recording' | 'backward pass' | 'no Python frame';

export const NO_LINE: Record<NoLine, string> = {
  'before recording': 'allocated before recording',
  'backward pass': 'backward pass (no Python frame)',
  'no Python frame': 'no Python frame',
};

const slashed = (file: string): string => file.replaceAll('\\', '/');

/** Frames of Python code; those of C++ have object files or nothing for a file, and 0 for a line. */
export function isPython({ file, line }: Frame): boolean {
  if (line < 1) return false;
  return file.endsWith('.py') || (file.startsWith('<') && file.endsWith('>')) || file.endsWith('.pyx');
}

/** Whether a file is of the stand-in device, whose frames are on no stack that is shown. */
export const isEsper = (file: string): boolean => slashed(file).includes('esper_telemetry/standin/');

const LIBRARY_FOLDERS = [
  '/site-packages/',
  '/dist-packages/',
  '/lib/python2',
  '/lib/python3',
  '/python3.',
  '/Lib/',
];

/** Code of a prompt's cell, or that was typed or piped in: the program itself. */
const CELL = /^<ipython-input-(\d{1,9})-\w{1,64}>$/;
const isTyped = (path: string): boolean => path === '<stdin>' || CELL.test(path);

/** A file of torch.compile's cache, or a module that a library wrote to the temporary folder (`torch_geometric.nn.conv_GCNConv_x9_1k2ab.py`). */
const MADE = /\/(?:[a-z2-7]{2}\/c[a-z2-7]{51}|(?:tmp|Temp|T)\/[^/.]+\.[^/]+_[a-z0-9_]{8})\.py$/;

/** Whether a file is of an installed package, of Python itself or made at run time, and not of the program. */
export function isLibrary(file: string): boolean {
  const path = slashed(file);
  return (
    (path.startsWith('<') && !isTyped(path)) ||
    path.startsWith('torch/') ||
    path.startsWith('torchvision/') ||
    LIBRARY_FOLDERS.some(folder => path.includes(folder)) ||
    MADE.test(path)
  );
}

const PYTHONS_OWN =
  /\/(?:lib\/)?python[23][.\d]{0,5}\/(?!site-packages\/|dist-packages\/)|\/Lib\/(?!site-packages\/)/;

/** Whether a library's file is of torch or of Python itself. */
function isOfTorch(file: string): boolean {
  const path = slashed(file);
  return (
    path.startsWith('<') ||
    shortPath(path, '').startsWith('torch/') ||
    PYTHONS_OWN.test(path) ||
    MADE.test(path)
  );
}

/** The path as it is shown: within its package, or without the folders that all files of the program share. */
export function shortPath(file: string, root: string): string {
  const path = slashed(file);
  const cell = CELL.exec(path);
  if (cell !== null) return `In[${cell[1]}]`;
  for (const folder of ['/site-packages/', '/dist-packages/']) {
    const at = path.lastIndexOf(folder);
    if (at >= 0) return path.slice(at + folder.length);
  }
  const python = /\/lib\/python[23][.\d]{0,5}\//.exec(path);
  if (python !== null) return path.slice(python.index + python[0].length);
  return root !== '' && path.startsWith(root) ? path.slice(root.length) : path;
}

/** The folder, with a slash behind it, that all files share; empty where there is none, or but a relative one. */
export function sharedFolder(files: Iterable<string>): string {
  let shared: string[] | null = null;
  for (const file of files) {
    const folders = slashed(file).split('/').slice(0, -1);
    if (shared === null) {
      shared = folders;
      continue;
    }
    let same = 0;
    while (same < shared.length && shared[same] === folders[same]) same++;
    shared = shared.slice(0, same);
  }
  const isAbsolute = shared !== null && shared.length > 0 && (shared[0] === '' || shared[0]!.endsWith(':'));
  return isAbsolute && shared!.join('') !== '' ? `${shared!.join('/')}/` : '';
}

interface Rule extends Judged {
  holds(frame: Frame, path: string): boolean;
}

const inTorch = (path: string, part: string): boolean => path.includes(`torch/${part}`);
/** The first rule that a frame of the stack meets decides; within a rule any frame may meet it. */
const RULES: readonly Rule[] = [
  {
    category: 'optimizer state',
    rule: 'a frame in torch/optim or in a step of an optimizer',
    holds: ({ function: name }, path) =>
      inTorch(path, 'optim/') ||
      (/optim/i.test(path) && ['step', '_init_group', 'init_state'].includes(name)),
  },
  {
    category: 'backward pass',
    rule: 'a frame of autograd',
    holds: ({ function: name }, path) =>
      inTorch(path, 'autograd/') ||
      (inTorch(path, '_tensor.py') && name === 'backward') ||
      name.includes('autograd::Engine'),
  },
  {
    category: 'parameters',
    rule: 'a module that is moved, loaded or initialised',
    holds: ({ function: name }, path) =>
      (inTorch(path, 'nn/modules/module.py') &&
        ['_apply', 'convert', 'load_state_dict', '_load_from_state_dict'].includes(name)) ||
      name === 'from_pretrained' ||
      name === 'reset_parameters' ||
      (inTorch(path, 'nn/modules/') && name === '__init__') ||
      (inTorch(path, 'serialization.py') && name === 'load'),
  },
  {
    category: 'activations',
    rule: 'a call of a module, or a function named forward',
    holds: ({ function: name }, path) =>
      name === 'forward' ||
      (inTorch(path, 'nn/modules/module.py') && (name === '_call_impl' || name === '_wrapped_call_impl')),
  },
];

/** A stack as attribution needs it. */
export interface StackView extends Judged {
  /** Frames of Python code, without those of Esper, innermost first; where there are none, those of other code. */
  frames: Frame[];
  /** The innermost frame of the program, else the innermost of Python; null where there is none. */
  line: Frame | null;
  /** Why there is no line. */
  noLine: NoLine | null;
  /** The innermost frame of a library that the program's line had called, and that is not torch's or Python's own. */
  within: Frame | null;
}

/** @param isRecorded whether an event allocated it; a block without one was there before. */
export function viewOfStack(dump: Dump, stack: number, isRecorded: boolean): StackView {
  const frames = framesOf(dump, stack).filter(({ file }) => !isEsper(file));
  const python = frames.filter(isPython);
  const at = python.findIndex(({ file }) => !isLibrary(file));
  const own = python[at] ?? null;
  const line = own ?? python[0] ?? null;
  const within = python.slice(0, Math.max(0, at)).find(({ file }) => !isOfTorch(file)) ?? null;
  const noLine: NoLine | null =
    line !== null
      ? null
      : frames.length > 0 && !frames.some(({ function: name }) => name.includes('autograd::'))
        ? 'no Python frame'
        : frames.length > 0 || isRecorded
          ? 'backward pass'
          : 'before recording';
  return {
    frames: python.length > 0 ? python : frames,
    line,
    noLine,
    within,
    ...categoryOf(frames, own, noLine),
  };
}

function categoryOf(frames: Frame[], own: Frame | null, noLine: NoLine | null): Judged {
  if (noLine === 'before recording')
    return {
      category: 'before recording',
      rule: 'no event of the timeline allocated it, and it has no stack',
    };
  if (noLine === 'backward pass')
    return { category: 'backward pass', rule: 'no Python frame: a thread of autograd' };
  for (const { category, rule, holds } of RULES)
    if (frames.some(frame => holds(frame, slashed(frame.file)))) return { category, rule };
  if (own === null) return { category: 'library', rule: 'no frame of the program' };
  return { category: 'other', rule: 'no rule' };
}
