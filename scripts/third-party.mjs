/** The notices of what is bundled into dist/: every package that any bundle has code of, with the text of its licence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages, by folder, that the modules of a bundle come from. */
function packagesOf(modules) {
  const folders = new Set();
  for (const input of modules) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  return folders;
}

/** Name, version and licence of a package, and its notices; fails where a package has no text of its licence. */
function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter(file => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map(file => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) throw new Error(`${folder} is bundled and has no text of its licence.`);
  return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`;
}

/**
 * @param modules of the commands and rooms: their paths
 * @returns the text of dist/THIRD-PARTY.txt
 */
export async function thirdParty(modules) {
  // The web app is bundled by vite; what it is made of is the same.
  const web = await build({
    entryPoints: ['src/web/main.tsx'],
    bundle: true,
    write: false,
    outdir: 'dist',
    metafile: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
  });
  const folders = [
    ...new Set([...packagesOf(modules), ...packagesOf(Object.keys(web.metafile.inputs))]),
  ].sort();
  const line = '-'.repeat(80);
  return `Esper is bundled with code of these packages. Their licences and notices follow.\n\n${folders
    .map(folder => `${line}\n${noticeOf(folder)}\n`)
    .join('\n')}`;
}
