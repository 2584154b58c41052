/**
 * Lines made to take long: the beginning of what a reader looks for, then a long run that never becomes it. A line ten
 * times as long takes about ten times as long, never a hundred times.
 */
import { expect, test } from 'vitest';
import { formats, TrainerLogParser } from '../../src/watch/index.ts';

const heads = [
  '',
  'CUDA out of memory. Tried to allocate ',
  'torch.OutOfMemoryError: CUDA out of memory. GPU 0 has a total capacity of ',
  'out of memory shape[',
  'Traceback (most recent call last):\n',
  'Traceback (most recent call last):\n  File "a"\n',
  '(WorkerDict pid=',
  '[rank0]: ',
  'step:1 - actor/pg_loss:',
  'step: 1  loss: 1.0  memory: ',
  'CUDA capacity: H100 with ',
  ' x memory allocation retries.',
  'update_actor Before x, memory allocated (GB): 1.00, ',
  'Training Progress:',
  'Total training steps: ',
  '|    approx_kl | ',
  '| train/',
  'SPS: ',
  'global_step=1, episodic_return=',
  "{'loss': ",
  "{'loss': 1.0, 'x': '",
  '{"step": 1, "loss": ',
  '{"step": 1,',
  'Killed ',
  'slurmstepd: error: *** ',
  'failed (exitcode: ',
];
const runs = [
  '1',
  'a',
  ' ',
  '(',
  '{',
  '[',
  "'",
  '"',
  '|',
  '-',
  ':',
  '.',
  '\\',
  '/',
  '=',
  ',',
  '1 ',
  'a.',
  'a: ',
  ', ',
  '\t',
  '\r',
];
const repeated = (run: string, length: number) => run.repeat(Math.ceil(length / run.length));

const reading = (name: string | null, text: string) => {
  const reader = new TrainerLogParser({
    name: 'hostile',
    source: 'test',
    format: formats.find(format => format.name === name) ?? null,
    map: new Map(),
    onEvent: () => {},
    onNotice: () => {},
  });
  const began = process.cpuUsage();
  text.split('\n').forEach((line, i) => {
    reader.read(line, i + 1, 0, true);
  });
  reader.end('ended', 0);
  // The processor's time: a busy machine is no matter.
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
};
const fastest = (times: number, run: () => number) => Math.min(...Array.from({ length: times }, run));

const tails = ['', ' GiB', '}'];
const all = heads.flatMap(head =>
  runs.flatMap(run => tails.map(tail => (length: number) => head + repeated(run, length) + tail)),
);

test.each([null, ...formats.map(({ name }) => name)])('format %s', name => {
  // Without a name every reader looks at every line. With one, what reads errors would do so once more for each: a third of the lines, in turn.
  const turn = formats.findIndex(format => format.name === name) % tails.length;
  const lines =
    name === null ? all : all.filter((_, i) => (i + Math.floor(i / tails.length)) % tails.length === turn);
  for (const hostile of lines) {
    // Quadratic time would be 12,000² steps here: the simplest pattern, /a*b/, takes some 100 ms.
    if (reading(name, hostile(12_000)) < 40) continue;
    const few = fastest(3, () => reading(name, hostile(1_200)));
    const many = fastest(3, () => reading(name, hostile(12_000)));
    if (many < 40) continue;
    expect(many / few, JSON.stringify(hostile(3).slice(0, 200))).toBeLessThan(40);
  }
});
