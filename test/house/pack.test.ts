/** What the package ships: the notices of all that is bundled, and nothing that only the project needs. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { scratch } from '../scratch.ts';

const notices = existsSync('dist/THIRD-PARTY.txt') ? readFileSync('dist/THIRD-PARTY.txt', 'utf8') : '';

test('every dependency whose code is in dist has its licence there', () => {
  // What a bundler leaves of a package: its own comments are gone, the words of its errors are not.
  const bundled = {
    commander: 'error: unknown option',
    hono: 'HTTPException',
    'prom-client': 'Gauge',
    uplot: 'u-wrap',
  };
  const code = readdirSync('dist', { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(js|css)$/.test(name))
    .map(name => readFileSync(join('dist', name), 'utf8'))
    .join('\n');
  for (const [name, words] of Object.entries(bundled)) {
    expect(code, name).toContain(words);
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  }
  // jax is not bundled: it comes with its own.
  expect(notices).not.toContain('@jax-js/jax');
  expect(notices.match(/Permission is hereby granted|Apache License/g)!.length).toBeGreaterThan(8);
});

test('a bundled package without the text of its licence fails the build', async () => {
  const folder = scratch('licence');
  const place = join(folder, 'node_modules', 'bare');
  mkdirSync(place, { recursive: true });
  writeFileSync(
    join(place, 'package.json'),
    '{"name":"bare","version":"1.0.0","license":"MIT","main":"index.js"}',
  );
  writeFileSync(join(place, 'index.js'), 'export const x = 1;');
  writeFileSync(join(folder, 'main.js'), "export { x } from 'bare';");
  const { metafile } = await build({
    entryPoints: [join(folder, 'main.js')],
    bundle: true,
    write: false,
    metafile: true,
  });
  const { thirdParty } = await import('../../scripts/third-party.mjs' as string);
  await expect(thirdParty(Object.keys(metafile.inputs))).rejects.toThrow(
    /bare is bundled and has no text of its licence/,
  );
});

const { dependencies, optionalDependencies, exports, version } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  exports: Record<string, string>;
  version: string;
};

test('what the build loads from elsewhere is a dependency by its own name', () => {
  const code = readdirSync('dist/cli')
    .filter(name => name.endsWith('.js'))
    .map(name => readFileSync(join('dist/cli', name), 'utf8'))
    .join('\n');
  const loaded = [...code.matchAll(/["'`](@[a-z][\w-]*\/[\w.-]+)["'`]/g)].map(([, name]) => name!);
  const known = Object.keys({ ...dependencies, ...optionalDependencies });
  expect(loaded).toContain('@opentelemetry/resources');
  expect(loaded.filter(name => !known.includes(name))).toEqual([]);
});

test('the package holds the notices, and neither tests, recordings nor pictures', () => {
  const [{ files, size, unpackedSize }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ files: { path: string }[]; size: number; unpackedSize: number }];
  expect(size).toBeLessThan(2_000_000);
  // docs/install.md states what npm lays on the disk: this, the declarations of types, and what it depends on.
  expect(unpackedSize).toBeLessThan(6_900_000);
  const paths = files.map(({ path }) => path);
  for (const path of [
    'LICENSE',
    'dist/THIRD-PARTY.txt',
    'dist/cli/esper.js',
    'python/esper_telemetry/run.py',
    'docs/watch.md',
  ])
    expect(paths).toContain(path);
  for (const path of Object.values(exports)) expect(paths).toContain(path.replace('./', ''));
  expect(
    paths.filter(path =>
      /(^|\/)tests?\/|^schema\/shared|\.png$|\.test\.|__pycache__|recordings|pictures/.test(path),
    ),
  ).toEqual([]);
});

test('the client has the package’s version', () => {
  expect(readFileSync('python/esper_telemetry/__init__.py', 'utf8')).toContain(`__version__ = "${version}"`);
  expect(readFileSync('python/LICENSE', 'utf8')).toBe(readFileSync('LICENSE', 'utf8'));
});

/** Where `npm run check` leaves the declarations of each room, the same that the package has. */
const types = 'node_modules/.cache/esper/types';
test.skipIf(!existsSync(types))('the types of the rooms need nothing that npm does not install', () => {
  const seen = new Set<string>();
  const needed = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, from] of text.matchAll(/(?:from |import\()["']([^"']+)["']/g)) {
      if (from!.startsWith('.')) visit(join(path, '..', from!.replace(/\.[jt]s$/, '.d.ts')));
      else if (!from!.startsWith('node:')) needed.add(from!);
    }
  };
  for (const path of Object.values(exports)) visit(path.replace('./dist', types).replace(/\.js$/, '.d.ts'));
  expect(seen.size).toBeGreaterThan(50);
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...needed]));
  expect([...seen].filter(path => /types\/(cli|serve|doctor)\//.test(path))).toEqual([]);
});
