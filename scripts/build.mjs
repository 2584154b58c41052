/**
 * Builds dist/: the commands and the package's rooms, bundled with what they import, because a dashboard that takes a
 * second to load hundreds of small files is not opened. With --if-stale it does nothing where dist/ is newer than all that
 * it is made of: npx prepares a package again before it runs one of its commands for the first time.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'rolldown';
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

/**
 * What the program needs to begin, and what nearly every command loads, stand in one file each: a file more costs a start as
 * much as a hundred kilobytes. The rest is split by who imports it, so that a command loads nothing of another's.
 */
const shared = [
  {
    name: 'program',
    test: /node_modules.commander|src.(base|disk).|src.cli.(entry|invocation|output|say|config-file|command-error)\.ts/,
  },
  {
    name: 'core',
    test: /src.(contract|figures|present|log|follow|reduce|alarms|texts|analysis).|node_modules.@sinclair/,
  },
];

/** Bundles `src/NAME.ts` to `dist/NAME.js`; returns the paths of the modules that it took. */
async function bundle(names, codeSplitting) {
  const { output } = await build({
    input: Object.fromEntries(names.map(name => [name, `src/${name}.ts`])),
    platform: 'node',
    transform: { target: 'node20' },
    // jax loads its WebAssembly beside itself, DuckDB its library; NATS and OpenTelemetry are optional.
    external: [
      '@jax-js/jax',
      '@duckdb/node-api',
      '@nats-io/transport-node',
      '@nats-io/jetstream',
      // Not @opentelemetry/api, which prom-client loads.
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/resources',
      '@opentelemetry/exporter-metrics-otlp-http',
      '@opentelemetry/exporter-metrics-otlp-proto',
    ],
    output: {
      dir: 'dist',
      entryFileNames: '[name].js',
      // Beside the commands, so that what they find by import.meta.url lies where it does in the sources.
      chunkFileNames: 'cli/[name]-[hash].js',
      codeSplitting,
      // Names stay, for the stack of an error.
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    },
  });
  return output.flatMap(file => file.moduleIds ?? []).map(path => relative('.', path));
}

rmSync('dist', { recursive: true, force: true });
const split = [
  ...commands.filter(name => name !== 'sanctum').map(name => `cli/${name}`),
  ...rooms.map(name => `${name}/index`),
];
// The dashboard opens soonest out of one file, and so do threads, which are loaded by their names.
const modules = [
  ...(await bundle(split, { groups: shared })),
  ...(await bundle(['cli/sanctum'], false)),
  ...(await bundle(['log/reading-thread'], false)),
  ...(await bundle(['query/series-worker'], false)),
];
for (const name of commands) chmodSync(`dist/cli/${name}.js`, 0o755);
// The web app, to dist/web, where the server finds it.
execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
mkdirSync('dist/man');
for (const page of ['esper', 'sanctum'])
  writeFileSync(`dist/man/${page}.1`, execFileSync(process.execPath, ['dist/cli/esper.js', 'man', page]));
writeFileSync('dist/THIRD-PARTY.txt', await thirdParty(modules));
writeFileSync(STAMP, '');
