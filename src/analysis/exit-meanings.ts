/** What a signal, and an exit code of Windows, most often mean for a training. */
import { MORE_HOST_MEMORY } from './text-finding.ts';

export interface SignalMeaning {
  means: string;
  next?: string[];
}
/** Docker and Kubernetes report a container that its own limit ended. */
export const NOT_ITS_LIMIT: SignalMeaning = {
  means:
    ' It is not reported as killed for its own memory limit: it was stopped from outside (docker stop, a deletion, a probe that failed, a preemption), or the kernel killed one of its processes, for the whole machine’s memory too.',
  next: [
    'Look at the pod’s events (kubectl describe, kubectl get events) or docker events of that time: who stopped it?',
    'Look at the node’s dmesg for “Out of memory: Killed process”: then it was the host’s memory.',
  ],
};
/** What a signal most often means for a training. */
export const SIGNALS: Readonly<Record<number, SignalMeaning>> = {
  1: {
    means: ' The terminal or the session that the training was started from was closed.',
    next: [
      'Start it in tmux or screen, or under a scheduler. nohup is not enough for torchrun, which ends its workers at this signal all the same.',
    ],
  },
  2: { means: ' It was ended on request (Ctrl-C, or a scheduler’s way to ask).' },
  4: {
    means:
      ' The processor met an instruction that it does not have: mostly a build for a newer one (AVX, AVX-512), or a crash in native code.',
    next: [
      'Install a build for this processor, or make it where it runs; python -X faulthandler shows which library it was.',
    ],
  },
  6: {
    means: ' The program gave itself up: the reason is above, as “terminate called” or an assertion.',
    next: [
      'Look above for “terminate called”, “what():”, an assertion or the first traceback; with python -X faulthandler it shows where.',
    ],
  },
  7: {
    means: ' Most often /dev/shm, the host’s shared memory files, is full; or a mapped file was cut.',
    next: ['Make /dev/shm larger (docker: --shm-size or --ipc=host), or use fewer DataLoader workers.'],
  },
  8: {
    means: ' An arithmetic error in native code: mostly a whole number divided by zero.',
    next: ['Run with python -X faulthandler to see where.'],
  },
  9: {
    means:
      ' SIGKILL without an error of the trainer is most often the kernel’s or a container’s memory killer: the host’s memory, not the GPU’s.',
    next: [
      'Look for the killer: dmesg (“Out of memory: Killed process”), or the container’s and scheduler’s own log.',
      ...MORE_HOST_MEMORY,
    ],
  },
  11: {
    means: ' A crash in native code: a library that does not fit, or a fault of an extension.',
    next: ['Run with python -X faulthandler to see where.'],
  },
  15: {
    means: ' It was asked to end: by a person, a scheduler, or a launcher after another process had failed.',
    next: [
      'Look at the output of the other processes and ranks of that time, and at the scheduler’s or container’s log: who sent it?',
    ],
  },
};

/** Exit codes of Windows, without their sign. */
export const WINDOWS: Readonly<Record<number, { says: string; next: string[]; isMemory?: true }>> = {
  3221225477: {
    says: 'an access violation (0xC0000005), a crash in native code',
    next: [
      'Run with python -X faulthandler to see where; a library that does not fit the others is the usual cause.',
    ],
  },
  3221225501: {
    says: 'an instruction that this processor does not have (0xC000001D), a crash in native code',
    next: [
      'Install a build for this processor (older ones have no AVX: an older release, or built from source).',
    ],
  },
  3221225725: {
    says: 'the stack overflowed (0xC00000FD)',
    next: ['Look for a recursion without end, or raise the thread’s stack size.'],
  },
  3221226356: {
    says: 'a corrupted heap (0xC0000374), a crash in native code',
    next: ['Run with python -X faulthandler to see where.'],
  },
  3221226505: {
    says: 'a failed check in native code (0xC0000409)',
    next: ['Run with python -X faulthandler to see where.'],
  },
  3221225786: { says: 'Ctrl-C (0xC000013A)', next: [] },
  3221225495: { says: 'the host had no memory left (0xC0000017)', next: MORE_HOST_MEMORY, isMemory: true },
  3221225773: {
    says: 'the host’s memory and its page file were used up (0xC000012D)',
    next: ['Make the page file larger.', ...MORE_HOST_MEMORY],
    isMemory: true,
  },
};
