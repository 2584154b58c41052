/** What the built-in trainer does where a device refuses memory. */
import type { Mutation } from './mutation.ts';

const refusals = 'src/workloads/ppo/refusals.test.ts';
const middle = 'an update that is refused in its middle';

export const training: readonly Mutation[] = [
  {
    rule: 'a refused update begins again with the weights of its start',
    file: 'src/workloads/ppo/interventions.ts',
    from: '        undo();',
    to: '',
    test: [refusals, middle],
  },
  {
    rule: 'what an update begins from is not changed by its attempts',
    file: 'src/workloads/ppo/agent.ts',
    from: 'this.#adam = { mean: mean.slice(), square: square.slice(), steps }',
    to: 'this.#adam = state.adam',
    test: [refusals, middle],
  },
  {
    rule: 'a refusal that was answered within its update is no pressure after it',
    file: 'src/workloads/ppo/interventions.ts',
    from: 'this.#isAnswered = true',
    to: 'this.#isAnswered = false',
    test: [refusals, 'an answered refusal is no pressure'],
  },
  {
    rule: 'the steps that a sentence names leave room for rollouts to come',
    file: 'src/workloads/ppo/fitting-steps.ts',
    from: 'Math.max(1, fewer >> 1)',
    to: 'fewer',
    test: [refusals, 'a rollout that a neighbour leaves no room for'],
  },
];
