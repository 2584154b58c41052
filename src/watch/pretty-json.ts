/**
 * JSON documents that are spread over lines, one member a line, one document after another or in one array: from the first member to the brace that
 * closes it. What stands around them (`{`, `[`, a path that was saved) is no matter.
 */

const MEMBER = /^\s{1,16}"(?:[^"\\]|\\.){1,200}": ?\S/;
/** Longer ones are no record of a step. */
const MOST_LINES = 2000;

export class PrettyJson {
  #lines: string[] = [];
  #depth = 0;

  /** Whether a document is under way. */
  get isOpen(): boolean {
    return this.#lines.length > 0;
  }

  /** Takes a line: the document that it closes; `open` where one goes on; null where it is of none. */
  take(text: string): Record<string, unknown> | 'open' | null {
    const line = text.trim();
    if (!this.isOpen && !MEMBER.test(text)) return null;
    const closes = /^[}\]]/.test(line);
    if (this.isOpen && !closes && !/^(?:"|[-\d{[]|true\b|false\b|null\b|NaN\b|-?Infinity\b)/.test(line)) {
      this.#forget();
      return null;
    }
    if (closes) this.#depth--;
    if (this.#depth < 0) return this.#whole(/^\}/.test(line));
    this.#lines.push(line);
    if (/[[{]$/.test(line)) this.#depth++;
    if (this.#lines.length > MOST_LINES) this.#forget();
    return 'open';
  }

  #whole(isObject: boolean): Record<string, unknown> | null {
    const text = this.#lines.join('');
    this.#forget();
    if (!isObject) return null;
    try {
      return JSON.parse(`{${withoutNonFinite(text)}}`) as Record<string, unknown>;
    } catch {
      return null;
    }
  }

  #forget(): void {
    this.#lines = [];
    this.#depth = 0;
  }
}

/** Python writes NaN and Infinity, which JSON does not know. */
const NON_FINITE = /([:[,] {0,4})(NaN|-?Infinity)(?= {0,4}[,}\]]|$)/g;
export const withoutNonFinite = (text: string): string =>
  text.includes('NaN') || text.includes('Infinity') ? text.replace(NON_FINITE, '$1"$2"') : text;
