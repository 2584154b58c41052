/**
 * Mutation check: `npm run mutate [-- WORD…]`. Each entry of test/mutations/ changes one text of one file and names the test that must
 * then fail. One at a time is applied in a scratch copy of the working tree, and only the named test runs there; a WORD
 * narrows the list to entries that hold it. A mutation survives where its test still passes; a text that is not there exactly
 * once, or a test that does not run, is a fault of the list. Either makes the exit status 1.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Mutation, mutations } from '../test/mutations/index.ts';

const root = resolve(import.meta.dirname, '..');
const python = process.env.ESPER_PYTHON ?? 'python3';

/** Tracked files, and those that are new and not ignored: the working tree as it is. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
})
  .toString()
  .split('\0')
  .filter(path => path !== '' && existsSync(join(root, path)));

/** The path of the file that the entry names, or of the only other one that holds its text: files move. */
function locate({ file, from }: Mutation): string {
  const count = (path: string) => readFileSync(join(root, path), 'utf8').split(from).length - 1;
  if (existsSync(join(root, file)) && count(file) > 0) {
    if (count(file) > 1) throw new Error(`${file} holds the text ${count(file)} times: name more of it`);
    return file;
  }
  const others = files.filter(
    path => /^(src|workloads|python\/esper_telemetry)\/.*\.(tsx?|py)$/.test(path) && count(path) > 0,
  );
  if (others.length !== 1 || count(others[0]!) !== 1)
    throw new Error(
      `the text is neither in ${file} nor in exactly one other file (${others.join(', ') || 'none'})`,
    );
  return others[0]!;
}

function scratchCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'esper-mutate-'));
  for (const path of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { verbatimSymlinks: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  if (existsSync(join(root, 'dist'))) symlinkSync(join(root, 'dist'), join(folder, 'dist'));
  return folder;
}

const environment = {
  ...process.env,
  ESPER_MATERIAL: process.env.ESPER_MATERIAL ?? resolve(root, '../shared'),
  PYTHONDONTWRITEBYTECODE: '1',
};

function run(
  folder: string,
  command: string,
  args: string[],
): Promise<{ status: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
    child.on('error', fail);
    child.on('close', status => done({ status, output }));
  });
}

/** Whether the named test passes, fails, or did not run, in that copy. */
async function outcome(
  folder: string,
  { test: [file, name] }: Mutation,
): Promise<'passed' | 'failed' | string> {
  if (file.endsWith('.py')) {
    const args = [
      '-m',
      'unittest',
      'discover',
      dirname(file),
      '-p',
      file.slice(dirname(file).length + 1),
      '-k',
      name,
    ];
    const { status, output } = await run(folder, python, args);
    if (
      !/Ran [1-9]\d* tests?/.test(output) ||
      /\(failed=|ImportError|SyntaxError/.test(output) ||
      /OK \(skipped/.test(output)
    )
      return output.trim().split('\n').at(-1)!;
    return status === 0 ? 'passed' : 'failed';
  }
  const report = join(folder, 'mutate.json');
  rmSync(report, { force: true });
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    file,
    '-t',
    pattern,
    '--reporter=json',
    `--outputFile=${report}`,
  ];
  const { output } = await run(folder, process.execPath, [
    ...args,
    '--no-cache',
    '--bail=1',
    '--coverage.enabled=false',
  ]);
  if (!existsSync(report)) return output.trim().split('\n').slice(-3).join(' ');
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { message: string; assertionResults: { fullName: string; status: string }[] }[];
  };
  const named = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes(name));
  if (named.some(({ status }) => status === 'failed')) return 'failed';
  if (named.some(({ status }) => status === 'passed')) return 'passed';
  return testResults.map(({ message }) => message).find(Boolean) ?? `no test of ${file} named "${name}" ran`;
}

const words = process.argv.slice(2);
const chosen = mutations.filter(own =>
  words.every(word => `${own.rule} ${own.file} ${own.test[0]}`.includes(word)),
);
const began = performance.now();
const faults: string[] = [];
let killed = 0;
/** Named tests pass where nothing is changed: asked once each, the first time that it is needed. */
const sound = new Map<string, Promise<string>>();
const queue = [...chosen];

async function work(): Promise<void> {
  const [copy, untouched] = [scratchCopy(), scratchCopy()];
  try {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      const started = performance.now();
      const key = entry.test.join('\n');
      let result: string;
      try {
        const path = locate(entry);
        const moved = path === entry.file ? '' : ` (the list says ${entry.file})`;
        if (entry.from === entry.to) throw new Error('it changes nothing');
        if (!sound.has(key)) sound.set(key, outcome(untouched, entry));
        const before = await sound.get(key)!;
        if (before !== 'passed') throw new Error(`its test does not pass without it: ${before}`);
        const text = readFileSync(join(copy, path), 'utf8');
        writeFileSync(
          join(copy, path),
          text.replace(entry.from, () => entry.to),
        );
        const after = await outcome(copy, entry);
        writeFileSync(join(copy, path), text);
        if (after === 'failed') {
          killed++;
          result = `killed    ${entry.rule}${moved}`;
        } else {
          result =
            after === 'passed' ? `SURVIVED  ${entry.rule}: ${path}` : `FAULT     ${entry.rule}: ${after}`;
          faults.push(result);
        }
      } catch (error) {
        result = `FAULT     ${entry.rule}: ${(error as Error).message}`;
        faults.push(result);
      }
      console.log(`${result}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  } finally {
    for (const folder of [copy, untouched]) rmSync(folder, { recursive: true, force: true });
  }
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism(), chosen.length) }, work));
for (const fault of faults) console.error(fault);
console.log(
  `${killed} of ${chosen.length} mutations killed in ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = faults.length > 0 || chosen.length === 0 ? 1 : 0;
