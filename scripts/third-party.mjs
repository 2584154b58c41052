/** The notices of what is bundled into dist/: every package that any bundle has code of, with the text of its licence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages, by folder, that the inputs of a bundle come from. */
function packagesOf(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
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
 * @param metafile of the bundle of the commands and rooms
 * @returns the text of dist/THIRD-PARTY.txt
 */
export async function thirdParty(metafile) {
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
  const folders = [...new Set([...packagesOf(metafile), ...packagesOf(web.metafile)])].sort();
  const line = '-'.repeat(80);
  return `Esper is bundled with code of these packages. Their licences and notices follow.\n\n${folders
    .map(folder => `${line}\n${noticeOf(folder)}\n`)
    .join('\n')}`;
}
