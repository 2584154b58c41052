/**
 * The last line of .ci/run: `N passed, N failed`. Usage: node .ci/count.mjs FOLDER [FAILED_STEP…]. Reads every *.vitest.json and
 * Python result file of the folder. Each run of a test counts. A test that ran in none of them was skipped: that is a failure,
 * unless .ci/allowed-skips excuses it, or the test material that it reads is absent from this machine.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, ...failedSteps] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true }).map(name => join(folder, name));
const json = path => JSON.parse(readFileSync(path, 'utf8'));

/** Of each test: how often it passed and failed, and why it was skipped. */
const tests = new Map();
const failures = [];
function note(name, state, reason = '') {
  const test = tests.get(name) ?? { passed: 0, failed: 0, reason };
  if (state === 'passed') test.passed++;
  if (state === 'failed') test.failed++;
  tests.set(name, test);
}

for (const path of files.filter(name => name.endsWith('.vitest.json')))
  for (const { name, status, message, assertionResults } of json(path).testResults) {
    const file = relative(process.cwd(), name);
    if (status === 'failed' && !assertionResults.some(own => own.status === 'failed'))
      failures.push(`${file} (${relative(folder, path)}): ${message.split('\n')[0]}`);
    for (const own of assertionResults) {
      // A file of Python tests: they are counted one by one.
      if (file.startsWith('test/python/') && own.title.endsWith('.py') && own.status === 'passed') continue;
      note(`${file} > ${own.fullName}`, own.status);
      if (own.status === 'failed') failures.push(`${file} > ${own.fullName} (${relative(folder, path)})`);
    }
  }
for (const path of files.filter(name => name.endsWith('.python.json') || name.endsWith('.py.json')))
  for (const [id, { state, reason }] of Object.entries(json(path).tests)) {
    note(`python/tests ${id}`, state, reason);
    if (state === 'failed') failures.push(`python/tests ${id} (${relative(folder, path)})`);
  }

const allowed = readFileSync('.ci/allowed-skips', 'utf8')
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(line => line.split('\t'));
if (!existsSync(process.env.ESPER_MATERIAL ?? '../shared'))
  allowed.push(['no test material', 'the test material is not on this machine']);

let [passed, excused] = [0, 0];
for (const [name, test] of tests) {
  passed += test.passed;
  if (test.passed + test.failed > 0) continue;
  const excuse = allowed.find(([pattern]) => new RegExp(pattern).test(`${name} ${test.reason}`));
  if (excuse === undefined)
    failures.push(`skipped, though it could run: ${name}${test.reason && ` (${test.reason})`}`);
  else {
    excused++;
    console.log(`skipped: ${name} (${excuse[1]})`);
  }
}

for (const failure of failures) console.log(`failed: ${failure}`);
for (const step of failedSteps) console.log(`failed step: ${step}`);
if (passed === 0) failures.push('no test ran');
const failed = Math.max(failures.length, failedSteps.length);
if (excused > 0) console.log(`${excused} skipped for a reason`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
