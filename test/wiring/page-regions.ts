/** The regions of a page of Overwatch: its HTML as a person reads it, with the look of every character. */
import type { BoundStyle } from '../../src/figures/index.ts';
import type { Styled } from './styled.ts';

/** The page's classes in the words in which records describe looks. */
const looks: Record<string, { usual: BoundStyle; strong: BoundStyle }> = {
  plain: { usual: 'plain', strong: 'bold' },
  dim: { usual: 'dim', strong: 'dim' },
  ok: { usual: 'bold green', strong: 'bold green' },
  warning: { usual: 'yellow', strong: 'bold yellow' },
  critical: { usual: 'bold red', strong: 'bold red' },
};

/** A tag with its name and attributes, or text between tags. */
const PIECE = /<(\/?)([a-zA-Z][\w-]*)((?:[^>"]|"[^"]*")*)>|([^<]+)/g;
const VOID = new Set(['br', 'hr', 'input', 'img', 'meta', 'link', 'wbr']);
/** Elements that stand in the middle of a line. */
const INLINE = new Set(['a', 'b', 'button', 'code', 'small', 'span', 'time']);
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

interface Open {
  name: string;
  style: string;
  region: string | null;
}

/** What stands under each `data-region`, runs of spaces as one, elements that begin a line apart. */
export function regionsOf(html: string): Map<string, Styled> {
  const regions = new Map<string, Styled>();
  const open: Open[] = [];
  const write = (region: string, text: string, style: string) => {
    const { text: before, styles } = regions.get(region) ?? { text: '', styles: [] };
    let written = before;
    for (const character of text) {
      if (/\s/.test(character) && /(?:^|\s)$/.test(written)) continue;
      const shown = /\s/.test(character) ? ' ' : character;
      written += shown;
      for (let i = 0; i < shown.length; i++) styles.push(style);
    }
    regions.set(region, { text: written, styles });
  };
  for (const [, closing, name = '', attributes = '', text] of html.matchAll(PIECE)) {
    const around = open.at(-1);
    if (text !== undefined) {
      const decoded = text.replace(/&(#?\w+);/g, (entity, key: string) => ENTITIES[key] ?? entity);
      if (around?.region) write(around.region, decoded, around.style);
      continue;
    }
    if (around?.region && !INLINE.has(name)) write(around.region, ' ', 'plain');
    if (closing) {
      while (open.length > 0 && open.pop()!.name !== name);
      continue;
    }
    if (VOID.has(name) || attributes.endsWith('/')) continue;
    const classes = /\bclass="([^"]*)"/.exec(attributes)?.[1]?.split(' ') ?? [];
    const tone = classes.find(one => one.startsWith('tone-'))?.slice(5);
    const own = tone && looks[tone]?.[classes.includes('strong') ? 'strong' : 'usual'];
    open.push({
      name,
      style: own ?? around?.style ?? 'plain',
      region: /\bdata-region="([^"]*)"/.exec(attributes)?.[1] ?? around?.region ?? null,
    });
  }
  return regions;
}
