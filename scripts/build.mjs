/**
 * Builds dist/: the commands and the package's rooms, bundled with what they import, because a dashboard that takes a
 * second to load hundreds of small files is not opened. With --if-stale it does nothing where dist/ is newer than all that
 * it is made of: npx prepares a package again before it runs one of its commands for the first time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { thirdParty } from './third-party.mjs';

const STAMP = 'dist/.built';

function isCurrent() {
  if (!existsSync(STAMP)) return false;
  const built = statSync(STAMP).mtimeMs;
  const sources = ['src', 'scripts'].flatMap(folder =>
    readdirSync(folder, { recursive: true }).map(name => join(folder, name)),
  );
  return [...sources, 'package.json', 'package-lock.json', 'vite.config.ts'].every(
    path => statSync(path).mtimeMs < built,
  );
}

if (process.argv.includes('--if-stale') && isCurrent()) process.exit(0);

/** The rooms that the package exports: `./dist/log/index.js`. */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const rooms = [...new Set(Object.values(exports))].map(path =>
  path.replace(/^\.\/dist\/(.*)\/index\.js$/, '$1'),
);
const commands = ['esper', 'sanctum', 'trainer', 'scenario-trainer'];

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [...commands.map(name => `src/cli/${name}.ts`), ...rooms.map(name => `src/${name}/index.ts`)],
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  metafile: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Beside the commands, so that what they find by import.meta.url lies where it does in the sources.
  chunkNames: 'cli/[name]-[hash]',
  // jax loads its WebAssembly beside itself.
  external: ['@jax-js/jax'],
  // What is bundled from CommonJS asks for node's own modules by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
// The web app, to dist/web, where the server finds it.
execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
writeFileSync('dist/THIRD-PARTY.txt', await thirdParty(metafile));
writeFileSync(STAMP, '');
