/**
 * PPO on CartPole-v1, environment steps per second end to end (rollout and update), beside the same PPO in
 * PyTorch: the same hyperparameters, one thread each, taking turns in one run. `npx tsx bench/ppo.ts`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PPOAgent } from '../src/workloads/ppo/agent.ts';
import { collectRollout } from '../src/workloads/ppo/collect-rollout.ts';
import { findTask } from '../src/workloads/ppo/environments/index.ts';
import { hyperparametersFor } from '../src/workloads/ppo/hyperparameters.ts';
import { VectorEnvironment } from '../src/workloads/ppo/vector-environment.ts';
import { median } from './measure.ts';

const ENVS = 8;
const STEPS = 128;
const SEED = 1;
const WARM_UP = 10;
const ROUNDS = 12;
const BATCHES = 10;

const hyperparameters = hyperparametersFor('CartPole-v1');

interface Round {
  seconds: number;
  rolloutMs: number;
  updateMs: number;
  episodicReturn: number | null;
}
type Trainer = (batches: number) => Promise<Round>;

async function ours(): Promise<Trainer> {
  const task = findTask('CartPole-v1');
  const environments = new VectorEnvironment(task, ENVS, SEED);
  const agent = await PPOAgent.create({ ...task, environments: ENVS, hyperparameters, seed: SEED });
  return async batches => {
    let rolloutMs = 0;
    let updateMs = 0;
    for (let batch = 0; batch < batches; batch++) {
      const began = performance.now();
      const rollout = collectRollout(agent, environments, STEPS);
      const collected = performance.now();
      agent.update(rollout);
      rolloutMs += collected - began;
      updateMs += performance.now() - collected;
    }
    return {
      seconds: (rolloutMs + updateMs) / 1000,
      rolloutMs: rolloutMs / batches,
      updateMs: updateMs / batches,
      episodicReturn: environments.episodes.meanReturn,
    };
  };
}

/** Starts the peer; null where this machine has no usable torch. */
async function torch(): Promise<{ version: string; train: Trainer; child: ChildProcess } | null> {
  const options = JSON.stringify({ ...hyperparameters, envs: ENVS, steps: STEPS, seed: SEED });
  const script = new URL('ppo_torch.py', import.meta.url).pathname;
  const child = spawn('/usr/bin/python3', [script, options], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    return done ? null : JSON.parse(value);
  };
  const hello = await answer();
  if (hello === null) return null;
  const train: Trainer = batches => {
    child.stdin.write(`${batches}\n`);
    return answer();
  };
  return { version: hello.torch, train, child };
}

function report(name: string, rounds: Round[]): number {
  const figure = (key: 'seconds' | 'rolloutMs' | 'updateMs') => median(rounds.map(round => round[key]));
  const perSecond = (BATCHES * ENVS * STEPS) / figure('seconds');
  console.log(
    `${name.padEnd(16)}${perSecond.toFixed(0).padStart(7)} steps/s   rollout ${figure('rolloutMs').toFixed(1)} ms, ` +
      `update ${figure('updateMs').toFixed(1)} ms a batch; mean return ${rounds.at(-1)!.episodicReturn?.toFixed(0)}`,
  );
  return perSecond;
}

const peer = await torch();
const train = await ours();
await train(WARM_UP);
await peer?.train(WARM_UP);
const own: Round[] = [];
const others: Round[] = [];
for (let round = 0; round < ROUNDS; round++) {
  own.push(await train(BATCHES));
  if (peer) others.push(await peer.train(BATCHES));
}
peer?.child.kill();

const { epochs, minibatches } = hyperparameters;
console.log(
  `CartPole-v1, ${ENVS} environments × ${STEPS} steps, ${epochs} epochs × ${minibatches} minibatches, one thread; ` +
    `medians of ${ROUNDS} rounds of ${BATCHES} batches`,
);
const perSecond = report('esper, jax-js', own);
if (peer) {
  const ratio = perSecond / report(`torch ${peer.version}`, others);
  console.log(`ratio ${ratio.toFixed(2)} (aim: past 1)`);
} else console.log('torch: not on this machine (Debian: python3-torch), so there is no ratio');
