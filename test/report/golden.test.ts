/** Report → text: the same words and pictures as last time, in every form. */
import { readdirSync, readFileSync } from 'node:fs';
import { Value } from '@sinclair/typebox/value';
import { describe, expect, test } from 'vitest';
import { RunReport } from '../../src/contract/index.ts';
import { runDocument, toHtml, toMarkdown, toTerminal } from '../../src/report/index.ts';
import { context } from './runs.ts';
import { INPUTS } from './write-inputs.ts';

const names = readdirSync(INPUTS)
  .filter(file => file.endsWith('.report.json'))
  .map(file => file.replace('.report.json', ''));

/** Those whose every form is kept; of the others the text. */
const whole = ['leak', 'empty', 'one-update', 'resumed'];

describe.each(names)('%s', name => {
  const report = JSON.parse(readFileSync(`${INPUTS}/${name}.report.json`, 'utf8')) as RunReport;
  const document = runDocument(report, context);
  const golden = (ending: string) => `../golden/report/${name}.${ending}`;

  test('is a RunReport', () => expect([...Value.Errors(RunReport, report)]).toEqual([]));
  test('on a terminal', async () => {
    await expect(toTerminal(document, { width: 100, color: false })).toMatchFileSnapshot(golden('txt'));
  });
  if (!whole.includes(name)) return;
  test('on a narrow terminal with colours', async () => {
    await expect(toTerminal(document, { width: 60, color: true })).toMatchFileSnapshot(golden('ansi.txt'));
  });
  test('as Markdown', async () => {
    await expect(toMarkdown(document)).toMatchFileSnapshot(golden('md'));
  });
  test('as HTML', async () => {
    await expect(toHtml(document)).toMatchFileSnapshot(golden('html'));
  });
});
