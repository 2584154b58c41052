/** Versions of what trains: Node, jax-js and this package. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Version of the package that the file belongs to: of the nearest package.json above it. */
function packageVersion(file: string): string {
  let folder = new URL('.', file);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/')
    folder = new URL('..', folder);
  return JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')).version;
}

export function trainerVersions(): Record<string, string> {
  const jax = createRequire(import.meta.url).resolve('@jax-js/jax');
  return {
    node: process.versions.node,
    'jax-js': packageVersion(`file://${jax}`),
    esper: packageVersion(import.meta.url),
  };
}
