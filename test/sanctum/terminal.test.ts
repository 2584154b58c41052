/** The built command in a real terminal: keys, resizing, and the terminal given back however the command ends. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../scratch.ts';
import { hasTmux, PROMPT, TmuxShell, unlessTmux } from './tmux.ts';

const SANCTUM = resolve('dist/cli/sanctum.js');
/** Throws on SIGUSR2, as a fault in the view would. */
const CRASHING = `--import 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("a fault in the view")})'`;

let runs: string;
beforeAll(() => {
  runs = scratch('terminal');
  const folder = join(runs, '20261123-153012-cartpole-4f2a');
  mkdirSync(folder);
  copyFileSync('test/golden/runs/cartpole-sim.jsonl', join(folder, 'events-0.jsonl'));
});

/** Sanctum in a shell that has printed something before. */
async function open(columns = 100, rows = 30, node = '') {
  const shell = new TmuxShell(columns, rows);
  await shell.shows(PROMPT);
  shell.run('echo before');
  await shell.shows(/^before/m);
  shell.run(`node ${node} ${SANCTUM} --runs ${runs}`);
  await shell.shows('q leave');
  expect(shell.state()).toMatch(/^1 0 0 /);
  return shell;
}

/** The prompt is back, with what stood there before, and the terminal is as a shell needs it. */
async function expectRestored(shell: TmuxShell) {
  await expect.poll(() => shell.state()).toBe('0 1 1 bash');
  await shell.shows(/^before/m);
  shell.run('stty -a');
  await shell.shows(/\sicanon\s.*\secho\s/);
  expect(shell.screen()).not.toContain('q leave');
}

describe.skipIf(!hasTmux)(`Sanctum in a terminal${unlessTmux}`, () => {
  test('keys, another size, and q', async () => {
    const shell = await open();
    shell.press('?');
    await shell.shows('HELP');
    shell.press('Escape');
    await shell.shows('q leave');
    shell.resize(60, 15);
    await expect
      .poll(() => {
        const rows = shell.screen().trimEnd().split('\n');
        return rows.length === 15 && rows.at(-1)!.includes('q leave') && rows.every(row => row.length <= 60);
      })
      .toBe(true);
    shell.paste('q\nq');
    shell.press('?');
    await shell.shows('HELP');
    shell.press('q');
    await shell.shows('q leave');
    shell.press('q');
    await expectRestored(shell);
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'])('%s gives the terminal back', async signal => {
    const shell = await open();
    process.kill(shell.processes(SANCTUM)[0]!, signal);
    await expectRestored(shell);
  });

  test('Ctrl-C gives the terminal back', async () => {
    const shell = await open();
    shell.press('C-c');
    await expectRestored(shell);
  });

  test('a crash gives the terminal back, and its report can be read', async () => {
    const shell = await open(100, 30, CRASHING);
    process.kill(shell.processes(SANCTUM)[0]!, 'SIGUSR2');
    await shell.shows('a fault in the view');
    await expectRestored(shell);
  });

  test.each([
    ['Ctrl-Z', (shell: TmuxShell) => shell.press('C-z')],
    ['SIGTSTP', (shell: TmuxShell) => process.kill(shell.processes(SANCTUM)[0]!, 'SIGTSTP')],
  ])('%s stops it and gives the terminal back; fg brings the whole frame again', async (_, stop) => {
    const shell = await open();
    stop(shell);
    await shell.shows('Stopped');
    await expectRestored(shell);
    shell.run('fg');
    await shell.shows('q leave');
    expect(shell.state()).toMatch(/^1 0 0 /);
    shell.press('?');
    await shell.shows('HELP');
    shell.press('q', 'q');
    await expectRestored(shell);
  });

  test('stopped from outside it takes the terminal again when continued', async () => {
    const shell = await open();
    const [pid] = shell.processes(SANCTUM);
    process.kill(pid!, 'SIGSTOP');
    await shell.shows('Stopped');
    shell.run('fg');
    await shell.shows('q leave');
    shell.press('q');
    await expectRestored(shell);
  });
});
