/**
 * A picture of a terminal: text with ANSI styles on stdin → a PNG.
 *   sanctum --once --width 120 | node docs/pictures/ansi-to-png.mjs --out terminal.png [--light]
 * Draws with the Chromium at $CHROMIUM, by default /usr/bin/chromium. Font: DejaVu Sans Mono.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'terminal.png' },
    light: { type: 'boolean', default: false },
    columns: { type: 'string' },
    font: { type: 'string', default: '15' },
  },
});

/** The 16 ANSI colours of a common dark and a common light terminal. */
const palettes = {
  dark: {
    background: '#16181d',
    foreground: '#d8dee9',
    colors: ['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'],
  },
  light: {
    background: '#fdfdfb',
    foreground: '#2b303b',
    colors: ['#2b303b', '#c4262e', '#3b7d23', '#9a6700', '#1f5fbf', '#8a3ea8', '#0b7285', '#6b7280'],
  },
};
const palette = values.light ? palettes.light : palettes.dark;

const size = Number(values.font);
const lineHeight = Math.round(size * 1.17);

/** Braille as dots that fill their cell, as terminals draw it; few fonts have it in the right width. */
function braille(character) {
  const bits = character.codePointAt(0) - 0x2800;
  const dots = [
    [0, 0, 0x01],
    [0, 1, 0x02],
    [0, 2, 0x04],
    [1, 0, 0x08],
    [1, 1, 0x10],
    [1, 2, 0x20],
    [0, 3, 0x40],
    [1, 3, 0x80],
  ];
  const circles = dots
    .filter(([, , bit]) => bits & bit)
    .map(([x, y]) => `<circle cx="${2.5 + x * 5}" cy="${2.5 + y * 5}" r="1.7"/>`);
  return `<svg viewBox="0 0 10 20" preserveAspectRatio="none" fill="currentColor">${circles.join('')}</svg>`;
}

const escapeHtml = s =>
  s
    .replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])
    .replace(/[\u2800-\u28ff]/g, braille);

/** ANSI SGR → spans. Knows bold, dim, inverse and the 16 foreground colours; drops every other sequence. */
function toHtml(ansi) {
  let bold = false;
  let dim = false;
  let inverse = false;
  let color = null;
  const style = () => {
    const own = color === null ? palette.foreground : palette.colors[color % 8];
    const [front, back] = inverse ? [palette.background, own] : [own, 'transparent'];
    return `color:${front};background:${back};font-weight:${bold ? 700 : 400};opacity:${dim ? 0.55 : 1}`;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  return ansi.replace(/\x1b\[([0-9;]*)([A-Za-z])|([^\x1b]+)|\x1b/g, (_, codes, final, plain) => {
    if (plain !== undefined) return `<span style="${style()}">${escapeHtml(plain)}</span>`;
    if (final !== 'm') return '';
    for (const code of codes === '' ? [0] : codes.split(';').map(Number)) {
      if (code === 0) [bold, dim, inverse, color] = [false, false, false, null];
      else if (code === 1) bold = true;
      else if (code === 2) dim = true;
      else if (code === 22) [bold, dim] = [false, false];
      else if (code === 7) inverse = true;
      else if (code === 27) inverse = false;
      else if (code === 39) color = null;
      else if (code >= 30 && code <= 37) color = code - 30;
      else if (code >= 90 && code <= 97) color = code - 90;
    }
    return '';
  });
}

const ansi = (await text(process.stdin)).replace(/\n+$/, '');
const lines = ansi.split('\n');
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const bare = lines.map(line => line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, ''));
const columns = Number(values.columns ?? Math.max(...bare.map(line => line.length)));
const width = Math.ceil(columns * size * 0.602) + 32;
const height = lines.length * lineHeight + 32;

const html = `<!doctype html><meta charset="utf-8"><style>
html,body{margin:0;background:${palette.background}}
pre{margin:16px;font:${size}px/${lineHeight}px "DejaVu Sans Mono",monospace;letter-spacing:0;font-variant-ligatures:none}
svg{display:inline-block;width:1ch;height:${lineHeight}px;vertical-align:top}
</style><pre>${toHtml(ansi)}</pre>`;

const folder = mkdtempSync(join(tmpdir(), 'ansi-to-png-'));
try {
  const page = join(folder, 'page.html');
  writeFileSync(page, html);
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--force-device-scale-factor=1.5',
  ];
  execFileSync(
    chromium,
    [
      ...flags,
      `--user-data-dir=${folder}`,
      `--window-size=${width},${height}`,
      `--screenshot=${resolve(values.out)}`,
      page,
    ],
    { stdio: 'ignore' },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
