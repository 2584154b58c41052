/**
 * Mutation check: `npm run mutate [-- WORD… --part K/N]`. Each entry of test/mutations/ changes one text of one file and names the test that must
 * then fail. One at a time is applied in a scratch copy of the working tree, and only the named test runs there; WORDs
 * narrow the list to entries that hold them all, `--part` to every Nth: what a test waits for costs no processor. A mutation survives where its test still passes; a text that is not there exactly
 * once, or a test that does not run or does not pass without it, is a fault of the list. Either makes the exit status 1.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
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
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest, type Vitest } from 'vitest/node';
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
const code = files.filter(
  path => /^(src|workloads|python\/esper_telemetry)\/.*\.(tsx?|py)$/.test(path) && !path.includes('.test.'),
);

/** The path of the file that the entry names, or of the only other one that holds its text: files move. */
function locate({ file, from }: Mutation): string {
  const count = (path: string) => readFileSync(join(root, path), 'utf8').split(from).length - 1;
  const holding =
    existsSync(join(root, file)) && count(file) > 0 ? [file] : code.filter(path => count(path) > 0);
  if (holding.length !== 1)
    throw new Error(
      `its text is neither in ${file} nor in exactly one other file (${holding.join(', ') || 'none'})`,
    );
  const [found] = holding as [string];
  if (count(found) !== 1) throw new Error(`${found} holds its text ${count(found)} times: name more of it`);
  return found;
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

type Outcomes = { file: string; name: string; state: string }[];
const failed = ({ state }: Outcomes[number]) => state === 'failed';

/** What the tests of these files came to whose names hold one of the given parts. */
async function runTests(vitest: Vitest, paths: string[], parts: string[]): Promise<Outcomes> {
  const escaped = parts.map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  vitest.setGlobalTestNamePattern(new RegExp(escaped.join('|')));
  const specifications = (await Promise.all(paths.map(path => vitest.globTestSpecifications([path])))).flat();
  const { testModules } = await vitest.runTestSpecifications(specifications);
  // Vitest hands back the modules of earlier calls too.
  const ran = testModules.filter(({ moduleId }) => paths.includes(relative(folder, moduleId)));
  return ran.flatMap(module =>
    [...module.children.allTests()].map(test => ({
      file: relative(folder, module.moduleId),
      // As vitest matches names: of the suites and the test, with spaces between.
      name: test.fullName.replaceAll(' > ', ' '),
      state: test.result().state,
    })),
  );
}

/** Awaited: Vitest is ending its workers meanwhile, and reports those that it cannot attend to. */
async function runPython([file, part]: Mutation['test']): Promise<Outcomes> {
  const out = join(process.cwd(), 'mutate-python.json');
  rmSync(out, { force: true });
  const words = [join(dirname(file), 'results.py'), out, '-k', part, basename(file)];
  await once(spawn(python, words, { stdio: 'ignore' }), 'close');
  if (!existsSync(out)) return [];
  const { tests } = JSON.parse(readFileSync(out, 'utf8')) as { tests: Record<string, { state: string }> };
  return Object.entries(tests).map(([name, { state }]) => ({ file, name, state }));
}

const { values, positionals: words } = parseArgs({
  options: { part: { type: 'string', default: '1/1' } },
  allowPositionals: true,
});
const [, part, parts] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(values.part) ?? []).map(Number);
if (part === undefined || parts === undefined || part > parts)
  throw new Error(`--part is K/N, not ${values.part}`);
const chosen = mutations
  .filter(own => words.every(word => `${own.rule} ${own.file} ${own.test[0]}`.includes(word)))
  .filter((_, index) => index % parts === part - 1);
const began = performance.now();
const faults: string[] = [];
const folder = scratchCopy();
process.env.ESPER_MATERIAL ??= resolve(root, '../shared');
// What waits for something that a mutation keeps from coming need not wait for long.
process.env.ESPER_TEST_PATIENCE_MS ??= '20000';
process.chdir(folder);

/** The fault of an entry that cannot be tried is printed, and it is left out. */
const fault = (entry: Mutation, what: string) => {
  faults.push(`FAULT     ${entry.rule}: ${what}`);
  console.log(faults.at(-1));
};
const options = {
  watch: false,
  root: folder,
  reporters: [{}],
  coverage: { enabled: false },
  silent: true,
  bail: 0,
};
const vitest = await createVitest('test', options);
// A file that changes twice in a second could be taken for what it was.
process.env.PYTHONDONTWRITEBYTECODE = '1';
let killed = 0;
try {
  const ofVitest = chosen.filter(({ test }) => !test[0].endsWith('.py'));
  const unchanged = await runTests(
    vitest,
    [...new Set(ofVitest.map(({ test }) => test[0]))].filter(existsSync),
    ofVitest.map(({ test }) => test[1]),
  );
  for (const entry of chosen) {
    const started = performance.now();
    const { rule, from, to, test } = entry;
    try {
      const path = locate(entry);
      if (from === to) throw new Error('it changes nothing');
      if (!existsSync(test[0])) throw new Error(`there is no ${test[0]}`);
      const isPython = test[0].endsWith('.py');
      const ofTest = (all: Outcomes) =>
        all.filter(({ file, name }) => file === test[0] && name.includes(test[1]));
      const alone = async () =>
        ofTest(isPython ? await runPython(test) : await runTests(vitest, [test[0]], [test[1]]));
      // All at once can be more than the processors do in time: a test that failed there has another try.
      let before = isPython ? await alone() : ofTest(unchanged);
      if (before.some(failed)) before = await alone();
      if (before.some(failed)) throw new Error(`its test fails without it: "${test[1]}"`);
      if (!before.some(({ state }) => state === 'passed'))
        throw new Error(`no test of ${test[0]} named "${test[1]}" ran`);
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
      vitest.invalidateFile(join(folder, path));
      const after = await alone();
      writeFileSync(path, text);
      vitest.invalidateFile(join(folder, path));
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (after.some(failed)) {
        killed++;
        console.log(
          `killed    ${rule}${path === entry.file ? '' : ` (in ${path}, not ${entry.file})`}  ${seconds} s`,
        );
      } else if (after.some(({ state }) => state === 'passed')) {
        faults.push(`SURVIVED  ${rule}: ${path}`);
        console.log(faults.at(-1));
      } else fault(entry, `with it "${test[1]}" of ${test[0]} does not run at all`);
    } catch (error) {
      fault(entry, (error as Error).message);
    }
  }
} finally {
  await vitest.close();
  process.chdir(root);
  rmSync(folder, { recursive: true, force: true });
}
if (faults.length > 0) console.log(`\n${faults.join('\n')}`);
console.log(
  `${killed} of ${chosen.length} mutations killed in ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = faults.length > 0 || chosen.length === 0 ? 1 : 0;
