/** Memory at the edges of the training step’s phases. */
import type { Family } from './figure.ts';
import { phaseEdge } from './sources.ts';
import { bytes, phaseBytes } from './units.ts';

export const phases = {
  phaseBeforeBytes: {
    id: 'TELE-790',
    name: 'Phase Memory Before',
    label: 'before the phase',
    summary: 'Memory that tensors held when the phase began, in its newest round.',
    question: 'What does a phase begin with?',
    meaning: 'What tensors held when the newest round of the phase began: the reading of the edge `before`.',
    unit: phaseBytes,
    priority: 'P2-useful',
    readers: ['developer', 'researcher'],
    from: phaseEdge('memory[].allocatedBytes'),
    path: 'ranks[].phases[].before.allocatedBytes',
    example: 4563402752,
    shown: { phases: '4.25 →' },
    notes: [
      [
        'Also from logs',
        'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
      ],
    ],
  },
  phaseAfterBytes: {
    id: 'TELE-791',
    name: 'Phase Memory After',
    label: 'after the phase',
    summary:
      'Memory that tensors held when the phase had ended, in its newest round; unknown while that goes on.',
    question: 'What does a phase leave behind?',
    meaning:
      'What tensors held when the newest round of the phase had ended: the reading of the edge `after`, or of no reported edge. The screen shows none where the phase has begun again since.',
    unit: phaseBytes,
    priority: 'P2-useful',
    readers: ['developer', 'researcher'],
    from: phaseEdge('memory[].allocatedBytes'),
    path: 'ranks[].phases[].after.allocatedBytes',
    example: 5100273664,
    shown: { phases: '→ 4.75 GiB' },
    notes: [
      [
        'Also from logs',
        'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
      ],
    ],
  },
  phaseLargestBytes: {
    id: 'TELE-792',
    name: 'Phase Memory Largest',
    label: 'largest',
    summary: 'Most memory that tensors held at any edge of the phase so far.',
    question: 'Does a phase need more from round to round?',
    meaning:
      'The largest reading at either edge, over all rounds. It is no peak: what came and went between the edges is not in it.',
    formula: 'phaseLargestBytes = max(allocatedBytes of all readings of the phase)',
    unit: phaseBytes,
    priority: 'P2-useful',
    readers: ['developer', 'researcher'],
    from: phaseEdge('memory[].allocatedBytes'),
    path: 'ranks[].phases[].largestAllocatedBytes',
    of: ['ranks[].phases[].before.allocatedBytes', 'ranks[].phases[].after.allocatedBytes'],
    needs: { phaseBeforeBytes: 'One edge', phaseAfterBytes: 'The other' },
    example: 5100273664,
    shown: { phases: ['largest 4.75', '4.75 GiB 4.75'] },
    notes: [
      [
        'Also from logs',
        'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
      ],
    ],
  },
  phaseReservedBytes: {
    id: 'TELE-793',
    name: 'Phase Memory Reserved',
    label: 'reserved',
    summary: 'Memory that the allocator had reserved at the newest edge of the phase.',
    question: 'What does the allocator keep after a phase?',
    meaning:
      'What the caching allocator had reserved at the newest edge; the path is that of the edge `after`.',
    unit: { ...bytes, precision: 'GiB, about three digits; never more digits than a watched log printed' },
    priority: 'P2-useful',
    readers: ['developer', 'researcher'],
    from: phaseEdge('memory[].reservedBytes'),
    path: 'ranks[].phases[].after.reservedBytes',
    example: 9663676416,
    shown: { phases: ['reserved 9.00', '4.75 9.00'] },
    notes: [
      [
        'Also from logs',
        'A log that another trainer wrote (`esper watch`) fills the same fields from what its workers print.',
      ],
    ],
  },
} as const satisfies Family;
