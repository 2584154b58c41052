/** The Python client's version is the package's: `npm version` writes it into the client. With --check it only compares. */
import { readFileSync, writeFileSync } from 'node:fs';

const CLIENT = 'python/esper_telemetry/__init__.py';
const LINE = /^__version__ = "(.*)"$/m;

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const source = readFileSync(CLIENT, 'utf8');
const [, written] = LINE.exec(source) ?? [];
if (written === undefined) throw new Error(`${CLIENT} has no line with __version__.`);
if (process.argv.includes('--check')) {
  if (written !== version) {
    console.error(`${CLIENT} has version ${written}, package.json ${version}: run "npm version".`);
    process.exit(1);
  }
} else writeFileSync(CLIENT, source.replace(LINE, `__version__ = "${version}"`));
