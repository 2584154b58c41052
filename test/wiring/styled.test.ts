import { expect, test } from 'vitest';
import { regionsOf } from './page-regions.ts';
import { regionOf } from './regions.ts';
import { looksOf, styled } from './styled.ts';

const esc = (codes: string) => `\x1b[${codes}m`;

test('each character has its style', () => {
  const { text, styles } = styled(
    `a${esc('1;31')}b${esc('0')}c${esc('2')}d${esc('22')}e${esc('38;5;9')}f${esc('')}g`,
  );
  expect(text).toBe('abcdefg');
  expect(styles).toEqual(['plain', 'bold red', 'plain', 'dim', 'plain', '38;5;9', 'plain']);
});

test('the looks of a form, wherever it stands; none where it is not shown', () => {
  const screen = styled(`x 45% ${esc('33')}45%${esc('39')} ${esc('2')}4${esc('0')}6%`);
  expect(looksOf('45%', screen)).toEqual(['plain', 'yellow']);
  expect(looksOf('46%', screen)).toEqual(['dim', 'plain']);
  expect(looksOf('47%', screen)).toEqual([]);
});

const frame = styled(
  [
    ' ESPER  run',
    '╭ STATUS ───────────╮',
    '│ Batch:1           │',
    '╰───────────────────╯',
    `╭ MEMORY  ${esc('2')}sim:0${esc('0')} ─╮╭ PPO ─╮`,
    `│ pool   ${esc('33')}use 45%${esc('0')} ││ KL   │`,
    '╰────────────────╯│ 0.01 │',
    '                  ╰──────╯',
    ' q leave',
  ].join('\n'),
);

const page = regionsOf(
  '<main><section data-region="banner"><p><b class="tone-warning strong">[!] A &amp; B</b></p><ul><li><button class="meaning">KL</button> ' +
    '<b class="tone-plain">0.01</b></li><li>next<br><input type="checkbox">one</li></ul></section><p>outside</p></main>',
);
const screens = { frame, page, report: styled('') };

test('a region of a page is its text, elements apart, each character with its look', () => {
  const banner = regionOf(screens, 'Overwatch banner');
  expect(banner.text.trim()).toBe('[!] A & B KL 0.01 next one');
  expect(looksOf('A & B', banner)).toEqual(['bold yellow']);
  expect(looksOf('0.01', banner)).toEqual(['plain']);
  expect(regionOf(screens, 'Overwatch memory').text).toBe('');
});

test('a widget’s region is what is inside its box, spaces as one', () => {
  expect(regionOf(screens, 'StatusBanner').text).toContain('Batch:1');
  const memory = regionOf(screens, 'MemoryPanel');
  expect(memory.text).toContain('pool use 45%');
  expect(memory.text).not.toContain('KL');
  expect(looksOf('use 45%', memory)).toEqual(['yellow']);
  expect(regionOf(screens, 'PpoPanel').text).toContain('KL \n0.01 ');
});

test('the first row and the rows below the boxes are regions, too', () => {
  expect(regionOf(screens, 'RunHeader').text).toBe(' ESPER run\n');
  expect(regionOf(screens, 'Footer').text).toBe(' q leave\n');
  expect(regionOf(screens, 'EventLog').text).toBe('');
});
