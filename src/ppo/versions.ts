/** Versions of what trains: Node, jax-js and this package. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const versionIn = (packageJson: URL | string): string =>
  JSON.parse(readFileSync(packageJson, 'utf8')).version;

export function trainerVersions(): Record<string, string> {
  // The package exports no package.json: it lies one folder above the entry point.
  const jax = createRequire(import.meta.url).resolve('@jax-js/jax');
  return {
    node: process.versions.node,
    'jax-js': versionIn(new URL('../package.json', `file://${jax}`)),
    esper: versionIn(new URL('../../package.json', import.meta.url)),
  };
}
