/** Where on its screen a widget stands: its rows with their styles, runs of spaces as one. */
import type { Screens } from './path.ts';
import type { Styled } from './styled.ts';

/** Titles of the widgets that are boxes. */
const titles: Record<string, string> = {
  StatusBanner: 'STATUS',
  MemoryPanel: 'MEMORY',
  PhasePanel: 'PHASES',
  VerdictPanel: 'VERDICT',
  PpoPanel: 'PPO',
  EventLog: 'EVENTS',
};

interface Line {
  text: string;
  styles: string[];
}

function linesOf({ text, styles }: Styled): Line[] {
  let at = 0;
  return text.split('\n').map(line => {
    const own = styles.slice(at, at + line.length);
    at += line.length + 1;
    return { text: line, styles: own };
  });
}

const cut = ({ text, styles }: Line, from: number, to?: number): Line => ({
  text: text.slice(from, to),
  styles: styles.slice(from, to),
});

/** The rows inside the box of this title; none where there is no such box. */
function inBox(lines: Line[], title: string): Line[] {
  const top = lines.findIndex(({ text }) => text.includes(`╭ ${title}`));
  if (top < 0) return [];
  const left = lines[top]!.text.indexOf(`╭ ${title}`);
  const right = lines[top]!.text.indexOf('╮', left);
  const height = lines.slice(top).findIndex(({ text }) => text[left] === '╰');
  return [
    cut(lines[top]!, left, right),
    ...lines.slice(top + 1, top + height).map(line => cut(line, left + 1, right)),
  ];
}

const outside: Record<string, (lines: Line[]) => Line[]> = {
  RunHeader: lines => lines.filter(({ text }) => text.startsWith(' ESPER ')).slice(0, 1),
  Footer: lines => lines.slice(lines.findLastIndex(({ text }) => text.includes('╯')) + 1),
};

/** What a widget of Overwatch is called begins so, and goes on with its region's name. */
const PAGE = 'Overwatch ';

export const isOnPage = (widget: string): boolean => widget.startsWith(PAGE);

/** What `esper report` is called among the widgets. */
export const REPORT = 'Report';

/** The widget's part of its screen; empty where it is not on it. */
export function regionOf(screens: Screens, widget: string): Styled {
  if (isOnPage(widget)) return screens.page.get(widget.slice(PAGE.length)) ?? { text: '', styles: [] };
  const lines = linesOf(widget === REPORT ? screens.report : screens.frame);
  const own =
    widget === REPORT ? lines : (outside[widget]?.(lines) ?? inBox(lines, titles[widget] ?? widget));
  const region: Styled = { text: '', styles: [] };
  for (const { text, styles } of own) {
    for (let i = 0; i < text.length; i++) {
      if (text[i] === ' ' && (region.text.endsWith(' ') || region.text.endsWith('\n'))) continue;
      region.text += text[i];
      region.styles.push(styles[i]!);
    }
    region.text += '\n';
    region.styles.push('plain');
  }
  return region;
}
