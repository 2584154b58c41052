/**
 * The largest and the ugliest logs through the built command: the seconds of the processor that `esper watch FILE`, `esper watch -` and `esper explain FILE`
 * take of each beside node:readline and `wc -l`, how much memory they hold, and what they answer.
 *   npm run build && npx tsx bench/ugly-logs.ts [megabytes (200)] [NAME…]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verlLog } from '../test/watch/synthetic.ts';

const megabytes = Number(process.argv[2] ?? 200);
const only = process.argv.slice(3);
const MOST_SECONDS = 300;
const folder = mkdtempSync(join(tmpdir(), 'esper-bench-ugly-'));
const path = join(folder, 'train.log');

type Piece = (at: number) => string | Uint8Array;
interface Ugly {
  /** The nth piece of the file, which is made until it has its size or `pieces`. */
  piece: Piece;
  pieces?: number;
  /** Where the file's size is not that of all. */
  bytes?: number;
}

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed;
};
const next = random(1);
const step = (at: number) => `step: ${at}  loss: ${(9 / (1 + at / 1000)).toFixed(4)}  lr: 1e-4`;
const steps =
  (count: number, line: Piece): Piece =>
  at =>
    Array.from({ length: count }, (_, i) => line(at * count + i)).join('');
const bar = (at: number, end = '\r') =>
  `Epoch 0: ${String(at % 100).padStart(3)}%|${'█'.repeat((at % 100) / 10).padEnd(10)}| ${at}/9999999 [00:10<00:30, 9.1it/s, train_loss=${(at % 997) / 100}]${end}`;
const traceback = (at: number) =>
  `Traceback (most recent call last):\n  File "train.py", line ${at % 900}, in step\n    loss.backward()\n  File "model.py", line 7, in forward\n    return self.net(x)\nRuntimeError: shape mismatch ${at}\n`;
const noise = (length: number) => Uint8Array.from({ length }, () => next() >>> 24);
const verl = verlLog('bench', 20_000).text;
const latin = Buffer.from('modèle chargé, époque terminée à 12 °C, coût total 3 £\n', 'latin1');

const logs: Record<string, Ugly> = {
  dense: { piece: () => verl },
  steps: { piece: steps(1000, at => `${step(at as number)}\n`) },
  bars: { piece: steps(1000, at => bar(at)) },
  'bars-of-up': { piece: steps(1000, at => `\x1b[A\x1b[2K${bar(at, '\n')}`) },
  'one-line': { piece: () => 'tensor([0.1234, 0.5678], '.repeat(4000), bytes: 1.5 * megabytes },
  'one-line-of-marks': {
    piece: () => 'loss: 1.25 step: 3 CUDA out of memory. Traceback (most '.repeat(2000),
    bytes: 1.5 * megabytes,
  },
  noise: { piece: () => noise(1 << 20) },
  'empty-lines': { piece: () => '\n'.repeat(1e6), pieces: 10 },
  'empty-lines-crlf': { piece: () => '\r\n'.repeat(1e6), pieces: 10 },
  tracebacks: { piece: steps(1000, at => traceback(at as number)), pieces: 1000 },
  'one-traceback': {
    piece: at =>
      `${at === 0 ? 'Traceback (most recent call last):\n' : ''}${'  File "train.py", line 12, in step\n    return self.net(x)\n'.repeat(1000)}`,
  },
  refusals: {
    piece: steps(
      1000,
      at =>
        `${step(at as number)}\nCUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.60 GiB of which 1.10 GiB is free.\n`,
    ),
    pieces: 1000,
  },
  zeros: { piece: at => (at === 0 ? `${step(1)}\n${step(2)}\n` : new Uint8Array(1 << 20)) },
  'zeros-between': { piece: steps(1000, at => `\0\0\0${step(at as number)}\0\n`) },
  ansi: {
    piece: steps(
      1000,
      at =>
        `\x1b[1m\x1b[38;5;${(at as number) % 256}m${'\x1b[0m\x1b[32m'.repeat(20)}${step(at as number)}\x1b[0m\x1b]8;;http://x\x07\n`,
    ),
  },
  'ansi-alone': { piece: () => '\x1b[0m\x1b[32m'.repeat(100_000) },
  crlf: { piece: steps(1000, at => `${step(at as number)}\r\n`) },
  'mixed-encodings': {
    piece: at =>
      Buffer.concat(
        [
          latin,
          Buffer.from('Größe – “ok”\n'),
          Buffer.from([0x93, 0x6f, 0x6b, 0x94, 0x0a]),
          Buffer.from(`${step(at)}\n`),
        ].flatMap(b => Array(50).fill(b)),
      ),
  },
  'utf-16': {
    piece: at => Buffer.from(steps(1000, n => `${step(n as number)}\r\n`)(at) as string, 'utf16le'),
  },
  ranks: {
    piece: steps(1000, at => `[rank${at}]: ${step(Math.floor((at as number) / 1e5) + 1)}\n`),
    pieces: 100,
  },
  'ranks-in-error': {
    piece: steps(
      1000,
      at =>
        `[rank${at}]: Traceback (most recent call last):\n[rank${at}]:   File "a.py", line 1, in f\n[rank${at}]: RuntimeError: CUDA error ${at}\n`,
    ),
    pieces: 100,
  },
  workers: {
    piece: steps(
      1000,
      at =>
        `(WorkerDict pid=${at}) After update_actor, memory allocated (GB): 1.00, memory reserved (GB): 2.00\n`,
    ),
    pieces: 1000,
  },
  json: {
    piece: steps(1000, at => `{"step": ${at}, "loss": ${((at as number) % 997) / 100}, "grad_norm": 0.5}\n`),
  },
  chatter: {
    piece: steps(1000, at => `INFO 04-30 11:39:39 worker.py:${at}] It took 3.501426 seconds to wake up.\n`),
  },
};

function write({ piece, pieces = Infinity, bytes = megabytes }: Ugly): void {
  const file = openSync(path, 'w');
  const most = pieces === Infinity ? bytes * 1e6 : Infinity;
  const count = Math.ceil((pieces * megabytes) / 200);
  for (let at = 0, size = 0; at < count && size < most; at++) {
    const part = Buffer.from(piece(at) as string);
    writeSync(file, part);
    size += part.length;
  }
  closeSync(file);
}

interface Took {
  /** Of the processor: other work on the machine is no matter. */
  seconds: number;
  mebibytes: number;
  code: number | null;
  out: string;
}

async function took(command: string, args: string[], input: string | null = null): Promise<Took> {
  const file = input === null ? 'ignore' : openSync(input, 'r');
  const given = input === null ? args : ['-c', 'cat | "$@"', 'sh', command, ...args];
  const measured = ['-q', '-f', '\n%U %S %M', input === null ? command : 'sh', ...given];
  const child = spawn('/usr/bin/time', measured, {
    stdio: [file, input === null ? 'pipe' : 'ignore', 'pipe'],
    detached: true,
  });
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), MOST_SECONDS * 1000);
  let [out, error] = ['', ''];
  child.stdout?.on('data', chunk => {
    if (out.length < 1e5) out += chunk;
  });
  child.stderr!.on('data', chunk => {
    error = (error + chunk).slice(-1e5);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  if (typeof file === 'number') closeSync(file);
  const lines = error.trim().split('\n');
  const [user = Number.NaN, system = 0, kilobytes = 0] =
    code === null ? [] : lines.pop()!.split(' ').map(Number);
  return {
    seconds: user + system,
    mebibytes: kilobytes / 1024,
    code,
    out: `${out}${lines.join('\n')}`.trim(),
  };
}

const READLINE = `let n=0;require('node:readline').createInterface({input:require('node:fs').createReadStream(process.argv[1])}).on('line',()=>n++).on('close',()=>console.log(n))`;
const shown = ({ seconds, mebibytes, code }: Took) =>
  `${seconds.toFixed(1)} s ${mebibytes.toFixed(0)} MiB${code === 0 ? '' : ` (${code ?? 'killed'})`}`;

try {
  for (const [name, log] of Object.entries(logs)) {
    if (only.length > 0 && !only.includes(name)) continue;
    write(log);
    const size = statSync(path).size / 1e6;
    const runs = join(folder, 'runs');
    const esper = (...args: string[]) => [join(import.meta.dirname, '../dist/cli/esper.js'), ...args];
    const wc = await took('wc', ['-l', path]);
    const bare = await took(process.execPath, ['-e', READLINE, path]);
    const file = await took(process.execPath, esper('watch', path, '--no-follow', '--json', '--runs', runs));
    const piped = await took(process.execPath, esper('watch', '-', '--json', '--runs', runs), path);
    const explained = await took(process.execPath, esper('explain', path));
    console.log(
      `${name.padEnd(18)} ${size.toFixed(0)} MB; wc ${wc.seconds.toFixed(1)} s, readline ${shown(bare)}; watch ${shown(file)}; pipe ${shown(piped)}; explain ${shown(explained)}`,
    );
    for (const [what, { out }] of Object.entries({ watch: file, pipe: piped, explain: explained }))
      console.log(`  ${what}: ${out.trim().replaceAll('\n', '\n      ').slice(0, 900)}`);
    rmSync(runs, { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true });
}
