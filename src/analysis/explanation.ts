/**
 * What a text alone reveals of an end, where no memory was measured or none of it explains the end: whose memory it was,
 * what killed the training, what to try.
 */
import { GIB, MIB } from '../base/index.ts';
import {
  type Ending,
  type Finding,
  type OutOfMemory,
  placeOfError,
  type ShownAround,
} from '../contract/index.ts';
import {
  cacheRoomIn,
  isCut,
  isRepeat,
  readMemoryError,
  refusedAgain,
  type Shown,
  shownOfFailure,
  timesRefusedIn,
} from '../texts/index.ts';
import { explainEnding } from './ending-finding.ts';
import { noRoomForCache } from './engine-finding.ts';
import { explainError, explainNamed } from './error-finding.ts';
import { withFirstUseAt } from './first-use.ts';
import { explainDevice } from './full-device.ts';
import { withGgmlPart } from './ggml-part.ts';
import { explainOther } from './other-memory-finding.ts';
import { NO_SIZE } from './request-finding.ts';
import { withSleepingEngine } from './sleeping-engine.ts';
import {
  asEvidence,
  finished,
  MORE_HOST_MEMORY,
  type TextFinding,
  textFinding,
  torchAmount,
} from './text-finding.ts';
import { withPlanOfXla } from './xla-plan.ts';

export interface FailureText {
  errorType: string | null;
  message: string | null;
  outOfMemory: OutOfMemory | null;
  ending: Ending | null;
  /** What stands around it, where that shows more of the program than its own words and frames. */
  shown?: ShownAround | null;
}

/**
 * @param isTraining whether more than the text shows it
 * @returns null where the text is of no error and of no ending from outside.
 */
export function explain(failure: FailureText, isTraining = false): Finding | null {
  const finding = findingOfText(failure, shownOfFailure(failure, isTraining));
  return finding && finished(finding);
}

/** The same, as long as what stands around the error may add to it. */
export function findingOfText(failure: FailureText, shown: Shown): TextFinding | null {
  const finding = findingOf(failure, shown);
  if (finding === null) return null;
  const placed = withPlace(withFirstUseAt(finding, placeOfError(failure.ending)), failure);
  return shown.reached === null
    ? placed
    : {
        ...placed,
        evidence: [
          ...placed.evidence,
          asEvidence(`The newest that the text has of its progress: ${shown.reached}.`),
        ],
      };
}

/** Where a signal is handled, whatever the program did just then: no place of an error’s. */
const HANDLER =
  /(?:^| \(within )[^() ]{0,200}[\\/]_utils[\\/]signal_handling\.py, line \d{1,7}, in \w{1,60}\)?$/;

/** The place in the program that raised the error, as a sentence; null where the text names none. */
export function raisedAt({ ending, message }: Pick<FailureText, 'ending' | 'message'>): string | null {
  const place = placeOfError(ending)?.replace(HANDLER, '') ?? '';
  return place === '' ? null : `${isCut(message) ? 'The last frame in it' : 'Raised at'}: ${place}.`;
}

/** With that place, where there is one. */
export function withPlace(finding: TextFinding, failure: FailureText): TextFinding {
  const raised = raisedAt(failure);
  return raised === null ? finding : { ...finding, evidence: [...finding.evidence, asEvidence(raised)] };
}

function findingOf(
  { errorType, message, outOfMemory, ending }: FailureText,
  shown: Shown,
): TextFinding | null {
  const killed = ending === null ? null : explainEnding(ending, message ?? '');
  if (killed !== null) return killed;
  const without = withoutRoom(errorType, message ?? '');
  if (without !== null) return without;
  const error = readMemoryError(message ?? '', { errorType });
  if (error !== null && error.outOfMemory === null)
    return explainOther(
      error.memory === 'disk' && SHARES.test(ending?.evidence ?? '')
        ? { ...error, memory: 'shared memory files', by: 'multiprocessing' }
        : error,
      message ?? '',
    );
  const figures = outOfMemory ?? error?.outOfMemory ?? null;
  if (figures === null)
    return isOwnError(errorType, ending)
      ? explainNamed(errorType, message ?? '')
      : explainError(message ?? '');
  return figures.device === 'cpu'
    ? explainHost(figures, message ?? '', shown)
    : withTimes(
        withSleepingEngine(
          withGgmlPart(
            withPlanOfXla(explainDevice(figures, message ?? '', shown), message ?? ''),
            message ?? '',
          ),
          message ?? '',
        ),
        message ?? '',
      );
}

/** With how often an allocator printed the refusal. */
function withTimes(finding: TextFinding, message: string): TextFinding {
  const times = timesRefusedIn(message);
  return times > 1 ? { ...finding, says: `${finding.says} ${refusedAgain(times)}` } : finding;
}

/** An engine that had nothing left for its cache, where the error that follows from it is not in the text. */
function withoutRoom(errorType: string | null, message: string): TextFinding | null {
  const room = isCut(message) || isRepeat(errorType, message) ? cacheRoomIn(message) : null;
  return room === null || room.gib > 0
    ? null
    : {
        ...noRoomForCache(null),
        confidence: 'likely',
        evidence: [asEvidence(`The engine, before its error: ${room.words}.`)],
        isWithoutFigures: false,
      };
}

/** Whether it is an error of the program's own, not its end on request, by a launcher, or with another rank. */
const isOwnError = (errorType: string | null, ending: Ending | null): boolean =>
  (ending?.kind ?? 'error') === 'error' && errorType !== 'KeyboardInterrupt';

/** Where Python makes what its processes share: semaphores and blocks of memory are files of /dev/shm. */
const SHARES = /\bmultiprocessing[\\/](?:synchronize|heap|shared_memory)\.py\b/;
/** More than a machine has, mostly: a request of this size has a wrong shape. */
const NO_HOST = 512 * GIB;
/** Drivers whose words for a lack of the host’s memory stand for more than that. */
const DRIVERS_WORD: ReadonlySet<string> = new Set(['vulkan', 'xpu']);
/** One array above this is rarely meant; one below it is not what fills a host. */
const LARGE_ARRAY = 16 * GIB;
const SMALL_ARRAY = GIB / 2;
/** numpy: `Unable to allocate array with shape (9681, 9681) and data type float64`; the size only since 1.17. */
const ARRAY = /array with shape (\([\d, ]{1,80}\)) and data type (\w{1,12})?/;
const ELEMENT = /(\d{1,3})$/;

/** A tensor that processes share is a mapping of a file of its own. */
const MAPPED = /unable to mmap \d{1,15} bytes from file <(?:\/torch_|filename not specified>)/;
/** A host that is full is rarely full of so little. */
const SMALL_MAPPING = 16 * MIB;

/** What helps a host that is full, by the program and its system. */
function hostAdvice(asked: number | null, by: string | null, { program, isWindows }: Shown): string[] {
  if (!isWindows && program.is !== 'images') return MORE_HOST_MEMORY;
  return [
    ...(asked !== null && asked < SMALL_ARRAY
      ? ['It asked for little: the host is full of what was kept before.']
      : []),
    ...(isWindows
      ? [
          'Windows refuses what neither memory nor its page file has room for: make the page file larger, or let the system manage it; the Task Manager (Committed) shows how near it is.',
        ]
      : []),
    program.is === 'images'
      ? 'Keep fewer models loaded at once (ComfyUI: --cache-none, --cache-lru 1), take smaller or quantised ones, and close other programs.'
      : by === 'ggml'
        ? 'Take a smaller quantisation or a shorter context, let it map the file (mmap) instead of reading it into memory, and close other programs.'
        : 'Use fewer DataLoader workers, load data in pieces, and close other programs.',
  ];
}

function explainHost(
  { triedBytes, freeBytes, processBytes, by }: OutOfMemory,
  message: string,
  shown: Shown,
): Finding {
  const [, shape, type] = ARRAY.exec(message) ?? [];
  // A size that rounds to nothing, as `0GB` does, is none.
  const printed = triedBytes === 0 ? null : triedBytes;
  const counted = shape === undefined || type === undefined ? null : bytesOf(shape, type);
  // The text rounds what the shape has to the byte.
  const isOfShape = counted !== null && (printed == null || Math.abs(counted - printed) <= counted / 100);
  const asked = isOfShape ? counted : (printed ?? null);
  const isHuge = asked !== null && asked >= NO_HOST;
  if (asked !== null && asked < SMALL_MAPPING && MAPPED.test(message))
    return textFinding({
      kind: 'not memory',
      confidence: 'likely',
      says: `Not out of GPU memory, and by the size not of the host’s either: a mapping of ${torchAmount(asked)} was refused. Each tensor that processes share is a mapping of its own, and a process may have only so many (vm.max_map_count).`,
      next: [
        'Raise it on the host (sysctl -w vm.max_map_count=1048576), or share fewer tensors: one large one in the place of many small ones, no batches of the DataLoader kept in a list, fewer workers.',
        'Look at free -h all the same: where the host has no memory left, even so little is refused.',
      ],
    });
  if (asked !== null && asked >= NO_SIZE && by === 'pytorch')
    return textFinding({
      kind: 'not memory',
      confidence: 'likely',
      says: `Not a shortage of memory: ${torchAmount(asked)} (${asked} bytes) was asked for on the host. That was never a real size: the number came from a damaged file, or from a message of another rank that was none.`,
      next: [
        'Look at the frame that asked: a size that was read from a file, or received (broadcast_object_list, all_gather_object).',
        'Where ranks exchange objects: does each of them make the same calls in the same order, and did one of them fail before?',
      ],
    });
  // A rounded figure is of no one number of bytes.
  const isExact = asked !== null && (isOfShape || message.includes(`${asked}`));
  // Of numpy the shape is known, of PyTorch the size alone.
  const isLargeTensor = by === 'pytorch' && asked !== null && asked >= LARGE_ARRAY;
  if (DRIVERS_WORD.has(by ?? '') && triedBytes == null)
    return textFinding({
      kind: 'host memory',
      confidence: 'likely',
      says: `Out of the host’s memory, by the words of the ${by === 'vulkan' ? 'graphics driver (Vulkan)' : 'GPU’s driver (Level Zero, OpenCL)'}: drivers return them for other reasons too (a device that is full or was lost, a driver or display that does not fit).`,
      next: [
        'Look at free -h while it starts: where the host has room, it is the driver. Look at its version, and at dmesg for lines of it.',
        ...MORE_HOST_MEMORY,
      ],
    });
  return textFinding({
    kind: 'host memory',
    says: `Out of the host’s memory, not the GPU’s${asked === null ? '' : `: ${torchAmount(printed ?? asked)}${isExact ? ` (${asked} bytes)` : ''} was asked for${isHuge || isLargeTensor ? ' at once' : ''}`}${freeBytes == null ? '' : `, and ${torchAmount(freeBytes)} was available`}${by == null ? '' : ` (${by})`}.`,
    evidence: [
      processBytes == null ? null : `The process held ${torchAmount(processBytes)} (${processBytes} bytes).`,
      shape === undefined ? null : `The array: shape ${shape}${type === undefined ? '' : `, ${type}`}.`,
    ],
    next:
      by === 'ollama'
        ? [
            'Take a smaller model or quantisation, or a shorter context (num_ctx); end what else holds the host’s memory, or add swap.',
            'Where a GPU was to hold it: look at ollama ps and at its log, whether the GPU was found.',
          ]
        : isHuge
          ? [
              `Look at the shape${shape === undefined ? '' : `, ${shape}`}: few machines have so much. ${kindOfShape(shape)}`,
              `${dimensionsOf(shape) === 2 ? 'Keep it sparse, or work' : 'Work'} through it in pieces (memory maps, chunks, streaming).`,
            ]
          : isLargeTensor
            ? LARGE_TENSOR.slice(0, shown.isWindows ? 1 : undefined)
            : shape === undefined
              ? hostAdvice(asked, by ?? null, shown)
              : smallerArray(asked, shape, type),
  });
}

/** One tensor was refused: fewer workers make no room for it. */
const LARGE_TENSOR = [
  'It is one piece: look at what it was to hold. Make it in pieces (a memory map, a Dataset that reads its part of the data), or in a narrower type (float16, uint8).',
  MORE_HOST_MEMORY[0]!,
];

/** Of numpy one array was refused: what helps is another array, or fewer of them. */
const smallerArray = (asked: number | null, shape: string, type = ''): string[] => [
  ...(asked !== null && asked >= LARGE_ARRAY
    ? [`Look at the shape, ${shape}: is it meant to be so large?`]
    : []),
  ...(asked !== null && asked < SMALL_ARRAY
    ? [
        'It is a small one: the host is full of what was kept before it (lists that grow, frames, results). Work through them in pieces, and let go of each.',
      ]
    : []),
  `Make it smaller: ${narrower(type)}pieces (numpy.memmap, chunks); end what else holds the host’s memory, or take a machine with more.`,
];

/** Of numpy’s `(3, 4)` or `(3,)`; 2 where the text has none. */
const dimensionsOf = (shape: string | undefined): number => shape?.match(/\d{1,20}/g)?.length ?? 2;

/** What a shape that no machine has mostly comes of, by its dimensions. */
function kindOfShape(shape: string | undefined): string {
  const dimensions = dimensionsOf(shape);
  return dimensions === 1
    ? 'Its one number may come from a file that is damaged, not finished, or of another format.'
    : dimensions === 2
      ? 'A number may come from a damaged file, two arrays were broadcast against each other, or a sparse matrix was made dense.'
      : 'Its first number is mostly how many are kept (a replay buffer, a data set): keep fewer, smaller ones, or keep them on the disk. Else two arrays were broadcast against each other.';
}

/** Of one byte there is no narrower type. */
const narrower = (type: string): string =>
  /^(?:u?int8|bool)$/.test(type)
    ? ''
    : `a narrower type (${/^float32$/.test(type) ? 'float16, uint8' : 'float32, uint8'}), or `;

function bytesOf(shape: string, type: string): number | null {
  const bits = ELEMENT.exec(type)?.[1];
  if (bits === undefined) return null;
  const sizes = [...shape.matchAll(/\d{1,15}/g)].map(([size]) => Number(size));
  const bytes = sizes.reduce((all, size) => all * size, Number(bits) / 8);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
