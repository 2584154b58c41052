/**
 * Logs of any length as the trainers print them, from a seed: colours, repeats, interleaved workers, other programs'
 * lines, progress bars, cut lines. Beside each log, every figure that it shows whole, exactly as printed.
 */
import { createHash } from 'node:crypto';

export interface SyntheticLog {
  text: string;
  lines: number;
  /** Reports in order, each with the figures printed in it by their keys. */
  reports: { number: number; printed: Record<string, string>; cut: boolean }[];
  /** Workers' memory lines that are whole, as printed. */
  memory: { worker: string; allocated: string; reserved: string; used: string; total: string }[];
}

export type Random = () => number;

/** Numbers in [0, 1) that depend on the seed alone. */
export function random(seed: string): Random {
  let block = Buffer.alloc(0);
  let at = 0;
  let counter = 0;
  return () => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(`${seed}/${counter++}`).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32LE(at - 4) / 2 ** 32;
  };
}

const pick = <T>(next: Random, from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
const E = '\x1b';
const noise = [
  'INFO 04-30 11:39:39 config.py:887] Defaulting to use ray for distributed inference',
  '\rProcessed prompts:  41%|████      | 26/64 [00:09<00:13,  2.74it/s, est. speed input: 7246.53 toks/s]\r',
  `${E}[33mWARNING${E}[0m: step: this is no step - it only looks like one: 7`,
  '{"not": "a report"}',
  "{'also': 'none'}",
  '[2025-06-20 01:33:47,120] loss of precision in memory allocated (GB)? no',
  '',
  'Saving the checkpoint … 保存 ✓',
  '| a stray | row',
];

class Lines {
  lines: string[] = [];
  next: Random;
  constructor(next: Random) {
    this.next = next;
  }
  /** A line of another program, now and then. */
  noise(share = 0.3): void {
    while (this.next() < share) this.lines.push(pick(this.next, noise));
  }
  finish(rest: Omit<SyntheticLog, 'text' | 'lines'>): SyntheticLog {
    return { text: `${this.lines.join('\n')}\n`, lines: this.lines.length, ...rest };
  }
}

const ray = (name: string, pid: number, ip: string | null) =>
  `${E}[36m(${name} pid=${pid}${ip === null ? '' : `, ip=${ip}`})${E}[0m `;

const deviceOf = (pid: number, ip: string | null) => `worker ${ip === null ? '' : `${ip}:`}${pid}`;

const VERL_KEYS: [string, (next: Random) => number][] = [
  ['global_seqlen/mean', next => 5e5 * next()],
  ['actor/kl_loss', next => next() * 0.01],
  ['actor/entropy', next => next()],
  ['actor/pg_loss', next => next() - 0.5],
  ['actor/pg_clipfrac', next => next() * 0.1],
  ['actor/ppo_kl', next => next() * 0.01 - 0.005],
  ['actor/grad_norm', next => next() * 3],
  ['perf/max_memory_allocated_gb', next => 20 + next() * 40],
  ['perf/max_memory_reserved_gb', next => 60 + next() * 18],
  ['critic/vf_loss', next => next()],
  ['critic/score/mean', next => next() * 2 - 1],
  ['response_length/mean', next => 1000 * next()],
  ['timing_s/gen', next => 100 * next()],
  ['timing_s/update_actor', next => 50 * next()],
  ['timing_s/step', next => 200 * next()],
  ['perf/throughput', next => 4000 * next()],
];

export function verlLog(seed: string, least: number): SyntheticLog {
  const next = random(seed);
  const out = new Lines(next);
  const reports: SyntheticLog['reports'] = [];
  const memory: SyntheticLog['memory'] = [];
  const workers = [0, 1, 2, 3].map(i => ({ pid: 20_001 + i, ip: i < 2 ? null : '10.0.0.7' }));
  out.lines.push(`${ray('TaskRunner', 16292, null)}Total training steps: 1000000`);
  for (let step = 1; out.lines.length < least; step++) {
    for (const phase of ['compute_log_prob', 'update_actor'])
      for (const edge of ['Before', 'After'])
        for (const { pid, ip } of workers) {
          out.noise(0.15);
          const [allocated, total] = [(60 * next()).toFixed(2), '79.11'];
          const reserved = (Number(allocated) + 10 * next()).toFixed(2);
          const used = (79 * next()).toFixed(2);
          const line = `${ray('WorkerDict', pid, ip)}actor ${edge} ${phase}, memory allocated (GB): ${allocated}, memory reserved (GB): ${reserved}, device memory used/total (GB): ${used}/${total}`;
          const repeat =
            next() < 0.2 ? `${E}[32m [repeated ${2 + Math.floor(next() * 6)}x across cluster]${E}[0m` : '';
          if (next() < 0.05) {
            const cut = line.slice(0, line.length - 1 - Math.floor(next() * 60));
            out.lines.push(cut);
            // Cut right there, it is a whole line of an older verl, which did not print the device's memory.
            if (cut.endsWith(`reserved (GB): ${reserved}`))
              memory.push({ worker: deviceOf(pid, ip), allocated, reserved, used: 'NaN', total: 'NaN' });
            continue;
          }
          memory.push({
            worker: `worker ${ip === null ? '' : `${ip}:`}${pid}`,
            allocated,
            reserved,
            used,
            total,
          });
          out.lines.push(line + repeat);
        }
    const figures = VERL_KEYS.map(([key, value]) => [key, value(next).toFixed(3)] as const);
    const line = `step:${step} - ${figures.map(([key, text]) => `${key}:${text}`).join(' - ')}`;
    // The first lines are whole: by them a cut one is known.
    const cutAt = step > 2 && next() < 0.1 ? 12 + Math.floor(next() * (line.length - 12)) : line.length;
    let end = `step:${step}`.length;
    const printed: Record<string, string> = {};
    for (const [key, text] of figures) {
      end += ` - ${key}:${text}`.length;
      if (end <= cutAt) printed[key] = text;
    }
    reports.push({ number: step, printed, cut: cutAt < line.length });
    out.lines.push(ray('TaskRunner', 16292, null) + line.slice(0, cutAt));
    out.lines.push(`\rTraining Progress:   1%|▏         | ${step}/1000000 [01:36<2:13:13, 96.55s/it]`);
  }
  return out.finish({ reports, memory });
}

export function torchtitanLog(seed: string, least: number): SyntheticLog {
  const next = random(seed);
  const out = new Lines(next);
  const reports: SyntheticLog['reports'] = [];
  for (let step = 1; out.lines.length < least; step++) {
    out.noise();
    const printed = {
      loss: (12 * next()).toFixed(5),
      grad_norm: next() < 0.01 ? 'nan' : (9 * next()).toFixed(4),
      memory: (70 * next()).toFixed(2),
      tps: Math.round(9000 * next()).toLocaleString('en'),
      mfu: (50 * next()).toFixed(2),
    };
    const at = `[rank0]:[titan] 2026-05-18 16:08:${String(step % 60).padStart(2, '0')},958 - root - INFO - `;
    const line = `${at}${E}[31mstep: ${String(step).padStart(2)}  ${E}[32mloss: ${printed.loss.padStart(8)}  ${E}[33mgrad_norm: ${printed.grad_norm.padStart(7)}  ${E}[36mmemory: ${printed.memory.padStart(5)}GiB(${(10 * next()).toFixed(2)}%)  ${E}[34mtps: ${printed.tps}  ${E}[36mtflops: 0.51  ${E}[35mmfu: ${printed.mfu}%${E}[39m`;
    const cut = next() < 0.1;
    const at2 = line.indexOf('loss:') + 6;
    out.lines.push(cut ? line.slice(0, at2 + Math.floor(next() * (line.length - at2 - 6))) : line);
    reports.push({ number: step, printed, cut });
  }
  return out.finish({ reports, memory: [] });
}

/** Three significant digits, as Python's `:.3g`. */
const g3 = (value: number) => String(Number(value.toPrecision(3)));

export function stableBaselines3Log(seed: string, least: number): SyntheticLog {
  const next = random(seed);
  const out = new Lines(next);
  const reports: SyntheticLog['reports'] = [];
  for (let iteration = 1; out.lines.length < least; iteration++) {
    const rollout: [string, string][] = [
      ['ep_len_mean', g3(200 * next())],
      ['ep_rew_mean', g3(400 * next() - 200)],
    ];
    const time: [string, string][] = [
      ['fps', String(Math.round(8000 * next()))],
      ['iterations', String(iteration)],
      ['total_timesteps', String(iteration * 2048)],
    ];
    const train: [string, string][] = [
      ['approx_kl', (0.02 * next()).toFixed(9)],
      ['clip_fraction', g3(next() * 0.3)],
      ['clip_range', '0.2'],
      ['entropy_loss', g3(-1.4 * next())],
      ['explained_variance', next() < 0.02 ? 'nan' : g3(next())],
      ['learning_rate', '0.0003'],
      ['loss', g3(30 * next())],
      ['policy_gradient_loss', g3(0.02 * next() - 0.01)],
      ['value_loss', g3(60 * next())],
    ];
    const rows = [
      ['rollout/', ''],
      ...rollout.map(([key, text]) => [`   ${key}`, text]),
      ['time/', ''],
      ...time.map(([key, text]) => [`   ${key}`, text]),
      ...(iteration === 1 ? [] : [['train/', ''], ...train.map(([key, text]) => [`   ${key}`, text])]),
    ];
    const width = Math.max(...rows.map(([, text]) => text!.length));
    const rule = '-'.repeat(23 + width + 7);
    const table = [
      rule,
      ...rows.map(([key, text]) => `| ${key!.padEnd(23)} | ${text!.padEnd(width)} |`),
      rule,
    ];
    const cut = iteration > 1 && next() < 0.1;
    if (cut) {
      // Cut within a row: neither the row's end nor the closing rule is there.
      const left = 2 + Math.floor(next() * (table.length - 3));
      out.lines.push(...table.slice(0, left), table[left]!.slice(0, 30));
    } else
      for (const line of table) {
        out.lines.push(line);
        if (line.startsWith('|') && next() < 0.02)
          out.lines.push('Eval num_timesteps=4000, episode_reward=31.40 +/- 9.62');
      }
    if (iteration > 1)
      reports.push({
        number: iteration - 1,
        printed: Object.fromEntries([
          ...rollout.map(([key, text]) => [`rollout/${key}`, text]),
          ...time.map(([key, text]) => [`time/${key}`, text]),
          ...train.map(([key, text]) => [`train/${key}`, text]),
        ]),
        cut,
      });
  }
  return out.finish({ reports, memory: [] });
}

export function huggingFaceLog(seed: string, least: number): SyntheticLog {
  const next = random(seed);
  const out = new Lines(next);
  const reports: SyntheticLog['reports'] = [];
  for (let number = 1; out.lines.length < least; ) {
    out.noise();
    const printed = {
      loss: next() < 0.02 ? 'nan' : String(next() * 3),
      grad_norm: String(next() * 2),
      learning_rate: (next() * 1e-5).toExponential().replace(/e-(\d)$/, 'e-0$1'),
      epoch: (next() * 3).toFixed(2),
    };
    const line = `{${Object.entries(printed)
      .map(([key, text]) => `'${key}': ${next() < 0.2 ? `'${text}'` : text}`)
      .join(', ')}}`;
    if (next() < 0.1) out.lines.push(line.slice(0, line.length - 1 - Math.floor(next() * 40)));
    else {
      const elapsed = `${Math.floor(number / 12)}:${String((5 * number) % 60).padStart(2, '0')}`;
      out.lines.push(
        `\r  1%|          | ${number}/900000 [${elapsed}<9:00:15,  1.93it/s]\r        \r${line}  `,
      );
      reports.push({ number: number++, printed, cut: false });
    }
  }
  return out.finish({ reports, memory: [] });
}

export function cleanrlLog(seed: string, least: number): SyntheticLog {
  const next = random(seed);
  const out = new Lines(next);
  const reports: SyntheticLog['reports'] = [];
  const returns: number[] = [];
  for (let number = 1; out.lines.length < least; number++) {
    out.noise();
    for (let n = Math.floor(next() * 6); n > 0; n--) {
      const text = (500 * next()).toFixed(1);
      out.lines.push(`global_step=${number * 128}, episodic_return=${next() < 0.5 ? `[${text}]` : text}`);
      returns.push(Number(text));
    }
    if (next() < 0.05) out.lines.push('global_step=12, episodic_ret');
    const sps = String(Math.round(3000 * next()));
    out.lines.push(`SPS: ${sps}`);
    const last = returns.slice(-100);
    const mean = last.reduce((a, b) => a + b, 0) / last.length;
    reports.push({ number, printed: { sps, ...(last.length > 0 && { return: String(mean) }) }, cut: false });
  }
  return out.finish({ reports, memory: [] });
}

export function jsonLog(seed: string, least: number): SyntheticLog {
  const next = random(seed);
  const out = new Lines(next);
  const reports: SyntheticLog['reports'] = [];
  for (let step = 1; out.lines.length < least; step++) {
    out.noise();
    const printed = {
      'actor/pg_loss': next() < 0.02 ? 'NaN' : String(next() - 0.5),
      'actor/lr': (next() * 1e-6).toExponential(),
      'timing_s/gen': (100 * next()).toFixed(3),
    };
    const line = `{"step": ${step}, "data": {${Object.entries(printed)
      .map(([key, text]) => `"${key}": ${text}`)
      .join(', ')}}}`;
    const cut = next() < 0.1;
    out.lines.push(cut ? line.slice(0, -1 - Math.floor(next() * 40)) : line);
    reports.push({ number: step, printed, cut });
  }
  return out.finish({ reports, memory: [] });
}
