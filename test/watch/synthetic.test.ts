/** Ten thousand lines of each format, with all that real logs have: every figure to its printed digit, none invented. */

import { describe, expect, test } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import type { Payload } from '../../src/contract/index.ts';
import { readLog } from './read-log.ts';
import {
  cleanrlLog,
  huggingFaceLog,
  jsonLog,
  type SyntheticLog,
  stableBaselines3Log,
  torchtitanLog,
  verlLog,
} from './synthetic.ts';

const LINES = 10_000;
type Update = Payload<'PPO_UPDATE_COMPLETED'>;
type Step = Payload<'STEP_COMPLETED'>;

function read<T>(log: SyntheticLog, type: string): { figures: T[]; read: ReturnType<typeof readLog> } {
  expect(log.lines).toBeGreaterThanOrEqual(LINES);
  const result = readLog(log.text, { chunk: 50_000 });
  expect(result.reader.counts.read + result.reader.counts.unread).toBe(result.reader.counts.lines);
  return {
    figures: result.events.filter(event => event.type === type).map(event => event.data as T),
    read: result,
  };
}

const figure = (text: string | undefined): unknown =>
  text === undefined ? undefined : text.toLowerCase() === 'nan' ? 'NaN' : Number(text.replaceAll(',', ''));

describe('verl', () => {
  const log = verlLog('verl', LINES);
  const { figures, read: result } = read<Update>(log, 'PPO_UPDATE_COMPLETED');
  const byBatch = new Map(figures.map(update => [update.batch, update]));

  test('every figure printed whole is there, and no other', () => {
    let dropped = 0;
    for (const { number, printed, cut } of log.reports) {
      const update = byBatch.get(number);
      const [peak] = update?.memory ?? [];
      const found = {
        'actor/entropy': update?.policy?.entropy,
        'actor/pg_loss': update?.loss?.policy,
        'actor/pg_clipfrac': update?.policy?.clipFraction,
        'actor/ppo_kl': update?.policy?.approxKl,
        'actor/grad_norm': update?.gradient?.norm,
        'critic/vf_loss': update?.loss?.value,
        'critic/score/mean': update?.rollout?.episodicReturn,
        'response_length/mean': update?.rollout?.episodicLength,
        'perf/throughput': update?.extra?.['perf/throughput'],
        'global_seqlen/mean': update?.extra?.['global_seqlen/mean'],
      };
      for (const [key, value] of Object.entries(found)) {
        // The last figure of a cut line may be given up, though it was whole; never changed.
        if (cut && value === undefined && printed[key] !== undefined) dropped++;
        else expect(value, `${key} of ${number}`).toBe(figure(printed[key]));
      }
      if (cut) continue;
      expect(update!.timing!.rolloutMs).toBe(Number(`${printed['timing_s/gen']}e3`));
      expect(peak).toMatchObject({
        device: 'workers',
        peakScope: 'run',
        resolutionBytes: Math.round(GIB / 1000),
      });
      expect((peak!.peakAllocatedBytes! / GIB).toFixed(3)).toBe(printed['perf/max_memory_allocated_gb']);
      expect((peak!.peakReservedBytes! / GIB).toFixed(3)).toBe(printed['perf/max_memory_reserved_gb']);
      expect(peak).not.toHaveProperty('allocatedBytes');
    }
    expect(dropped).toBeLessThanOrEqual(log.reports.filter(({ cut }) => cut).length);
    for (const { batch } of figures) expect(log.reports[batch - 1]!.number).toBe(batch);
  });

  test('every whole memory line is there, by worker, in order', () => {
    const samples = result.events
      .filter(event => event.type === 'MEMORY_SAMPLED')
      .map(event => (event.data as Payload<'MEMORY_SAMPLED'>).memory[0]!);
    const text = (bytes: number) => (bytes / GIB).toFixed(2);
    expect(
      samples.map(m => ({
        worker: m.device,
        allocated: text(m.allocatedBytes!),
        reserved: text(m.reservedBytes!),
        used: text(m.deviceTotalBytes! - m.deviceFreeBytes!),
        total: text(m.deviceTotalBytes!),
      })),
    ).toEqual(log.memory);
    expect(new Set(samples.map(m => m.resolutionBytes))).toEqual(new Set([Math.round(GIB / 100)]));
  });

  test('what could not be read is counted, and reported once a kind', () => {
    expect(result.reader.counts.almost).toBeGreaterThan(50);
    expect(result.notices).toHaveLength(2);
    for (const notice of result.notices) expect(notice).toMatch(/^Line \d+: /);
  });
});

test('torchtitan', () => {
  const log = torchtitanLog('titan', LINES);
  const { figures } = read<Step>(log, 'STEP_COMPLETED');
  const byStep = new Map(figures.map(step => [step.step, step]));
  for (const { number, printed, cut } of log.reports) {
    const step = byStep.get(number);
    const peak = step?.memory?.[0]?.peakReservedBytes;
    const found = {
      loss: step?.loss,
      grad_norm: step?.gradNorm,
      tps: step?.tokensPerSecond,
      mfu: step?.extra?.mfu,
      memory: peak == null ? undefined : Number((peak / GIB).toFixed(2)),
    };
    for (const [key, value] of Object.entries(found))
      if (!cut || value !== undefined) expect(value, `${key} of ${number}`).toBe(figure(printed[key]));
  }
  expect(figures.length).toBeGreaterThan(log.reports.length * 0.95);
});

test('Stable-Baselines3', () => {
  const log = stableBaselines3Log('sb3', LINES);
  const { figures } = read<Update>(log, 'PPO_UPDATE_COMPLETED');
  const whole = log.reports.filter(({ cut }) => !cut);
  expect(figures.map(({ batch }) => batch)).toEqual(whole.map(({ number }) => number));
  whole.forEach(({ printed }, i) => {
    const { loss, policy, value, rollout, timing } = figures[i]!;
    expect({
      'rollout/ep_len_mean': rollout!.episodicLength,
      'rollout/ep_rew_mean': rollout!.episodicReturn,
      'time/fps': timing!.stepsPerSecond,
      'time/total_timesteps': rollout!.totalSteps,
      'train/approx_kl': policy!.approxKl,
      'train/clip_fraction': policy!.clipFraction,
      'train/clip_range': policy!.clipRange,
      'train/explained_variance': value!.explainedVariance,
      'train/learning_rate': policy!.learningRate,
      'train/loss': loss!.total,
      'train/policy_gradient_loss': loss!.policy,
      'train/value_loss': loss!.value,
      negativeEntropy: -(policy!.entropy as number),
    }).toEqual({
      ...Object.fromEntries(
        Object.entries(printed)
          .filter(([key]) => !['time/iterations', 'train/entropy_loss'].includes(key))
          .map(([key, text]) => [key, figure(text)]),
      ),
      negativeEntropy: Number(printed['train/entropy_loss']),
    });
  });
});

test('Hugging Face', () => {
  const log = huggingFaceLog('hf', LINES);
  const { figures } = read<Step>(log, 'STEP_COMPLETED');
  expect(
    figures.map(step => [step.step, step.loss, step.gradNorm, step.learningRate, step.extra!.epoch]),
  ).toEqual(
    log.reports.map(({ number, printed: p }) => [
      number,
      figure(p.loss),
      figure(p.grad_norm),
      figure(p.learning_rate),
      figure(p.epoch),
    ]),
  );
});

test('CleanRL', () => {
  const log = cleanrlLog('cleanrl', LINES);
  const { figures } = read<Update>(log, 'PPO_UPDATE_COMPLETED');
  expect(figures.map(u => [u.batch, u.timing!.stepsPerSecond, u.rollout?.episodicReturn])).toEqual(
    log.reports.map(({ number, printed }) => [number, figure(printed.sps), figure(printed.return)]),
  );
});

test('JSON lines', () => {
  const log = jsonLog('json', LINES);
  const { figures } = read<Update>(log, 'PPO_UPDATE_COMPLETED');
  const whole = log.reports.filter(({ cut }) => !cut);
  expect(figures.map(u => [u.batch, u.loss!.policy, u.policy!.learningRate, u.timing!.rolloutMs])).toEqual(
    whole.map(({ number, printed }) => [
      number,
      figure(printed['actor/pg_loss']),
      figure(printed['actor/lr']),
      Number(`${Number(printed['timing_s/gen'])}e3`),
    ]),
  );
});
