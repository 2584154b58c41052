/**
 * How far behind a growing log the tailer is: another process appends EVENTS_PER_SECOND, this one follows, beside
 * GNU `tail -F` through a pipe. Lag is from append to callback. Run: npx tsx bench/tail.ts [events per second]
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Emitter } from '../src/emit/emitter.ts';
import { eventsFile, LogWriter, tailRun } from '../src/log/index.ts';
import { median, quantile } from './measure.ts';

const SECONDS = 10;
const [rate = 2000, writeTo] = [Number(process.argv[2] ?? 2000), process.argv[3]];
const now = () => performance.timeOrigin + performance.now();
if (writeTo === undefined) await follow();
else await write(writeTo);

/** The trainer: every event carries when it was appended. */
async function write(folder: string): Promise<void> {
  const writer = new LogWriter(folder);
  const emitter = new Emitter({ run: 'bench', rank: 0, sink: writer });
  const began = now();
  while (emitter.nextSeq < rate * SECONDS) {
    const due = Math.min(rate * SECONDS, ((now() - began) / 1000) * rate);
    while (emitter.nextSeq < due)
      emitter.emit('STEP_COMPLETED', { step: emitter.nextSeq, extra: { appendedMs: now() } });
    await sleep(1);
  }
  writer.close();
}

async function follow(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'esper-bench-'));
  closeSync(openSync(eventsFile(folder, 0), 'a'));
  const total = rate * SECONDS;
  const peer = spawn('tail', ['-n', '+1', '-F', eventsFile(folder, 0)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const peerLags: number[] = [];
  const lagOf = (event: { data: unknown }) =>
    now() - (event.data as { extra: { appendedMs: number } }).extra.appendedMs;
  createInterface({ input: peer.stdout }).on('line', line => peerLags.push(lagOf(JSON.parse(line))));

  const trainer = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), String(rate), folder],
    { stdio: 'inherit' },
  );
  let behindAtEnd = Number.NaN;
  const lags: number[] = [];
  trainer.on('exit', () => {
    behindAtEnd = total - lags.length;
  });
  const stop = new AbortController();
  const cpu = process.cpuUsage();
  for await (const batch of tailRun(folder, { signal: stop.signal })) {
    for (const event of batch) lags.push(lagOf(event));
    if (lags.length === total) stop.abort();
  }
  const { user, system } = process.cpuUsage(cpu);
  await sleep(100);
  peer.kill();

  const show = (name: string, values: number[]) =>
    console.log(
      `  ${name.padEnd(12)}${[0.5, 0.99, 1].map(q => `${quantile(values, q).toFixed(1).padStart(8)} ms`).join('')}`,
    );
  console.log(`${rate} events/s for ${SECONDS} s; lag from append to callback: median, 99%, worst`);
  show('esper', lags);
  show('tail -F', peerLags);
  console.log(`esper / tail -F, medians  ${(median(lags) / median(peerLags)).toFixed(2)}`);
  console.log(`events behind when the writer ended: ${behindAtEnd || 0} of ${total}`);
  console.log(
    `CPU of this process, both followers: ${((user + system) / SECONDS / 1e4).toFixed(1)} % of a core`,
  );
  rmSync(folder, { recursive: true });
}
