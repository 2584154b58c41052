/** What a page's source has for characters of a text that it shows. */
const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  '#39': "'",
  '#x27': "'",
  apos: "'",
  lt: '<',
  gt: '>',
  nbsp: ' ',
  amp: '&',
};
const ENTITY = /&(quot|#34|#39|#x27|apos|lt|gt|nbsp|amp);/g;

/** The characters themselves; each entity is read once. */
export const withoutEntities = (text: string): string =>
  text.replace(ENTITY, (_, name: string) => ENTITIES[name]!);
