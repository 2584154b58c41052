/** Whether Sanctum can be drawn here, and how well. */
import { type DoctorFinding, note, ok } from './finding.ts';

export interface Terminal {
  isTty: boolean;
  columns: number | null;
  rows: number | null;
}

const LEAST = { columns: 80, rows: 24 };

export function terminalFindings(
  env: NodeJS.ProcessEnv,
  { isTty, columns, rows }: Terminal,
): DoctorFinding[] {
  if (!isTty || env.TERM === 'dumb')
    return [
      note(
        'terminal.none',
        'This is no terminal that can be drawn on: Sanctum prints one plain line a batch here.',
        'sanctum --once prints one frame anywhere.',
      ),
    ];
  const findings: DoctorFinding[] = [];
  const size = columns === null || rows === null ? 'of unknown size' : `${columns}×${rows}`;
  if (columns !== null && rows !== null && (columns < LEAST.columns || rows < LEAST.rows))
    findings.push(
      note(
        'terminal.small',
        `The terminal is ${size}: Sanctum leaves panels out below ${LEAST.columns}×${LEAST.rows}.`,
        'Make the window larger.',
      ),
    );
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (!/utf-?8/i.test(locale))
    findings.push(
      note(
        'terminal.unicode',
        `The locale (${locale || 'none'}) is not UTF-8: bars and charts may come out as other signs.`,
        'Set LANG to a UTF-8 locale such as C.UTF-8.',
      ),
    );
  const colour = env.NO_COLOR
    ? 'without colour (NO_COLOR)'
    : /truecolor|24bit/i.test(env.COLORTERM ?? '')
      ? 'true colour'
      : /256/.test(env.TERM ?? '')
        ? '256 colours'
        : '16 colours';
  if (findings.length === 0) findings.push(ok('terminal', `A terminal of ${size}, ${colour}, UTF-8.`));
  return findings;
}
