/** A trainer acts on memory pressure, and reports what came of it. Figures are those of the device that was under pressure. */
import { type Static, Type } from '@sinclair/typebox';
import { Count, Flag, Fraction, Ms, Text } from './units.ts';

const action = {
  id: Count('number of the action in this part of the run, from 1: its end has the same'),
  kind: Type.String({
    description: 'shrink: smaller microbatches whose gradients add up; a callback’s own words',
  }),
  device: Text('the device that was under pressure'),
  batch: Count('newest batch, or step of a loop that is not PPO'),
  reason: Text('why it was done, or why it ended'),
};

export const InterventionApplied = Type.Object({
  ...action,
  pressureFraction: Fraction('peak / budget of the update before'),
  microbatches: Count('parts that each minibatch is learned in from now on'),
});
export type InterventionApplied = Static<typeof InterventionApplied>;

export const InterventionEnded = Type.Object({
  ...action,
  helped: Flag('pressure fell, or refusals ended'),
  reverted: Flag('it was undone, because it did not help'),
  updates: Count('updates that the effect was measured over'),
  pressureBefore: Fraction('median over the updates before'),
  pressureAfter: Fraction('median over the updates with it'),
  updateMsBefore: Ms('median duration of an update before'),
  updateMsAfter: Ms('median duration of an update with it'),
});
export type InterventionEnded = Static<typeof InterventionEnded>;
