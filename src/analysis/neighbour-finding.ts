/** A device that others fill: other processes, the rest of this one, or the host's programs where its memory is theirs too. */
import { GIB } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';
import type { FailedProgram, Settings, Shown } from '../texts/index.ts';
import { contextOf, TORCH, toolOf } from './device-names.ts';
import type { othersOnDevice } from './others-on-device.ts';
import { CHECKPOINT_ON_HOST, called, smaller, smallerScenes } from './program-words.ts';
import { sharesHostMemory } from './shared-with-host.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

/** Share of the device that others hold, above which it is somebody's doing. */
export const OTHERS = 0.08;
/** Below this nobody who is named holds more than a display and the driver do. */
const DISPLAY_BYTES = GIB;
const MOSTLY_OWN = 0.5;

interface Parts {
  others: ReturnType<typeof othersOnDevice>;
  /** What the text says, in sentences. */
  evidence: (string | null)[];
  backend: string;
  program: FailedProgram;
  settings: Settings;
  shown: Pick<Shown, 'hasSimulator'>;
}

/** null where what others hold is no more than any process has. */
export function explainOthers(
  { device: named, totalBytes, freeBytes, triedBytes, processBytes, allocatedBytes }: OutOfMemory,
  message: string,
  { others, evidence, backend, program, settings, shown }: Parts,
): TextFinding | null {
  const torchBytes = allocatedBytes ?? 0;
  if (
    others.bytes === null ||
    totalBytes == null ||
    others.bytes < Math.max(OTHERS * totalBytes, others.outsideOfOwn ?? 0) ||
    // A display and the driver have as much; what fills the device are the tensors.
    (others.who === '' && others.bytes < DISPLAY_BYTES && torchBytes >= MOSTLY_OWN * totalBytes) ||
    // Without them it would not have fitted either.
    (triedBytes != null && (freeBytes ?? 0) + others.bytes < triedBytes)
  )
    return null;
  const device = named ?? 'the device';
  const isUnnamed = (others.who === '' || others.areUnsized) && processBytes == null;
  // The guess of what this process has besides is for the threshold: the answer gives the text's own sum.
  const taken = torchAmount(isUnnamed ? (others.outside ?? others.bytes) : others.bytes);
  const shared = others.who === '' ? sharesHostMemory(message, totalBytes) : null;
  if (shared === 'likely')
    return textFinding({
      kind: 'neighbour',
      says: `${named ?? 'The device'} is full, and ${taken} of ${torchAmount(totalBytes)} is neither PyTorch’s nor free. With that much it is most likely a GPU that shares the host’s memory (an APU, an integrated GPU): the host’s programs and its file cache count there, no other training has to.`,
      evidence,
      confidence: 'possible',
      next: [
        `Look at free -h: end what the host does not need, or drop its file cache before ${called(program)} starts.`,
        'Look at how much of the host’s memory the GPU may take (firmware: UMA frame buffer; on Linux the limits of GTT, amdgpu.gttsize and ttm.pages_limit).',
        ...smaller(program, settings),
      ],
    });
  if (isUnnamed && !others.areUnsized && shown.hasSimulator)
    return textFinding({
      kind: 'full',
      says: `${named ?? 'The device'} is full, mostly of what is outside PyTorch: ${taken} of ${torchAmount(totalBytes)} is neither PyTorch’s nor free. The text is of a program with a simulator on the device, which has its scenes and buffers there: most of it is likely the simulator’s.`,
      evidence,
      confidence: 'likely',
      next: [
        smallerScenes(settings),
        `See with ${toolOf(backend)} whether another process is there too: one that is left over from an earlier run, or another training.`,
      ],
    });
  return textFinding({
    kind: 'neighbour',
    mark: 'others',
    says: [
      others.isAlike
        ? `Several processes of one size hold ${device}: mostly the other ranks of the same job, which have put themselves on this one device.`
        : null,
      `Others take ${device}’s memory: ${taken} of ${torchAmount(totalBytes)} is neither PyTorch’s nor free${others.who}.`,
      isUnnamed && !others.areUnsized
        ? `Of that this process itself has 1.5 GiB at most (${contextOf(backend)}), unless a simulator or an engine runs in it.`
        : null,
      shared === 'possible'
        ? 'On an integrated GPU, whose memory is the host’s, these may be any programs of the host.'
        : null,
    ]
      .filter(part => part !== null)
      .join(' '),
    evidence,
    confidence: others.who === '' ? 'likely' : 'certain',
    next: [
      ...(others.isAlike
        ? [
            `Give each process its own device before anything touches it (${TORCH[backend] ?? 'torch.cuda'}.set_device(local_rank)), and start no more processes than there are devices.`,
          ]
        : []),
      ...(others.areOneJob
        ? [
            `These were started together, as the ranks of one job are: give each its own device before anything touches it (${TORCH[backend] ?? 'torch.cuda'}.set_device(local_rank)).`,
          ]
        : []),
      ...(program.is === 'checkpoint' ? [CHECKPOINT_ON_HOST] : []),
      `See who it is with ${toolOf(backend)}: end what is left over from an earlier run, or give ${called(program)} a device of its own.`,
      ...(TORCH[backend] === undefined
        ? []
        : [
            `Where both must share, bound each: ${TORCH[backend]}.set_per_process_memory_fraction, or the inference engine’s own share.`,
          ]),
    ],
  });
}
