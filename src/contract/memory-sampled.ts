/** Memory read at the edge of a phase of the training step, by one of the processes that make it. */
import { type Static, Type } from '@sinclair/typebox';
import { DeviceMemory } from './memory.ts';
import { OutOfMemory } from './training.ts';
import { Count, Text } from './units.ts';

export const MemorySampled = Type.Object({
  phase: Type.String({ description: 'the part of the step: rollout, compute_log_prob, update_actor' }),
  when: Type.Optional(
    Type.Union([Type.Literal('before'), Type.Literal('after'), Type.Null()], {
      description: 'at which edge of the phase; null where not reported',
    }),
  ),
  role: Text('what the process is in that phase: actor, critic, ref'),
  worker: Text('the process that read it, as it is distinguished from its like; null for the trainer itself'),
  unseen: Count('readings of other workers at the same edge that the log left out'),
  refused: Type.Optional(
    Type.Union([OutOfMemory, Type.Null()], {
      description: 'figures of the error, where a request was refused and the trainer went on',
    }),
  ),
  memory: Type.Array(DeviceMemory, { description: 'one entry a device' }),
});
export type MemorySampled = Static<typeof MemorySampled>;
