/** Nothing is published that names another repository as its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../scratch.ts';

const { repository, homepage, bugs } = JSON.parse(readFileSync('package.json', 'utf8'));
const named = repository.url.replace(/^git\+|\.git$/g, '');

/** What `release --publish` answers in a repository of this origin, without a tag. */
function publishFrom(origin: string | null): string {
  const folder = scratch('release');
  for (const path of ['package.json', 'scripts', 'python/esper_telemetry/__init__.py'])
    cpSync(path, join(folder, path), { recursive: true });
  const git = (...words: string[]) => spawnSync('git', words, { cwd: folder });
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
  if (origin !== null) git('remote', 'add', 'origin', origin);
  const { status, stderr } = spawnSync('scripts/release.sh', ['--publish'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([status, existsSync(join(folder, 'release'))]).toEqual([1, false]);
  return stderr;
}

test('a release from another repository than the packages name is refused in one sentence', () => {
  const refused = `release: the packages name ${named} as their repository, and origin is`;
  expect(publishFrom(null)).toMatch(`${refused} not set: `);
  expect(publishFrom('git@github.com:someone/esper.git')).toMatch(
    `${refused} https://github.com/someone/esper: `,
  );
});

test.each(['https://HOST', 'https://HOST.git', 'git@HOST.git', 'ssh://git@HOST.git'])(
  'from the one that they name it goes on to the next check: %s',
  form => {
    const host = named.replace('https://', '');
    const address = form.replace('HOST', form.startsWith('git@') ? host.replace('/', ':') : host);
    expect(publishFrom(address)).toMatch('is not tagged');
  },
);

test('all that is published names one repository', () => {
  expect(homepage).toBe(`${named}#readme`);
  expect(bugs).toBe(`${named}/issues`);
  for (const path of ['python/pyproject.toml', 'docs/deploy/esper.service']) {
    const addresses = readFileSync(path, 'utf8').match(/https:\/\/github\.com\/[\w-]+\/[\w-]+/g);
    expect([...new Set(addresses)], path).toEqual([named]);
  }
});
