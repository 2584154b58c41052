/**
 * The picture of a rehearsal in the README: a terminal in which `esper rehearse` runs on a loop that keeps its outputs.
 *   npx tsx docs/pictures/rehearse.ts
 * Needs a build, tmux and the environment torch-current of scripts/python-environments.sh. The screen is what tmux shows.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { interpreterOf } from '../../test/environments.ts';

const COLUMNS = 120;
const ROWS = 40;
const PROMPT = 'user@laptop:~$ ';
const COMMANDS = ['cat train.py', 'time esper rehearse --gpu "RTX 3090" -- python train.py'];
const PROGRAM = `import torch
from torch import nn

model = nn.Sequential(nn.Linear(2048, 8192), nn.GELU(), nn.Linear(8192, 2048)).cuda()
optimizer = torch.optim.AdamW(model.parameters(), amsgrad=True)
history = []

for step in range(2000):
    batch = torch.randn(7680, 2048, device="cuda")
    output = model(batch)
    loss = (output - batch).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    history.append(output.detach())  # for a plot at the end
`;

const home = mkdtempSync(join(tmpdir(), 'rehearse-picture-'));
const socket = join(home, 'tmux');
const tmux = (...args: string[]) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
const screen = () => tmux('capture-pane', '-e', '-p', '-t', 'picture');

try {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  symlinkSync(resolve('dist/cli/esper.js'), join(bin, 'esper'));
  symlinkSync(process.execPath, join(bin, 'node'));
  writeFileSync(join(home, 'train.py'), PROGRAM);
  writeFileSync(
    join(home, 'rc'),
    `PS1='${PROMPT}'; TIMEFORMAT='%0R s'; PATH=${bin}:${dirname(interpreterOf('torch-current'))}:$PATH; cd ${home}\n`,
  );
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'picture',
    '-x',
    String(COLUMNS),
    '-y',
    String(ROWS),
    `env -u TMUX bash --rcfile ${home}/rc -i`,
  );
  tmux('set', '-g', 'status', 'off');
  const prompts = () => screen().split(PROMPT.trimEnd()).length - 1;
  const until = async (count: number) => {
    while (prompts() < count) await new Promise(done => setTimeout(done, 300));
  };
  for (const [before, command] of COMMANDS.entries()) {
    await until(before + 1);
    tmux('send-keys', '-t', 'picture', command, 'Enter');
  }
  await until(COMMANDS.length + 1);
  const rows = screen().trimEnd().split('\n');
  const shown = rows.slice(
    0,
    rows.findLastIndex(row => row.startsWith(PROMPT.trimEnd())),
  );
  for (const theme of ['dark', 'light'])
    execFileSync(
      process.execPath,
      [
        'docs/pictures/ansi-to-png.mjs',
        '--out',
        `docs/pictures/rehearse-${theme}.png`,
        '--columns',
        String(COLUMNS),
        ...(theme === 'light' ? ['--light'] : []),
      ],
      { input: shown.join('\n') },
    );
} finally {
  tmux('kill-server');
  rmSync(home, { recursive: true });
}
