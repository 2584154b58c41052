/** Text in HTML and SVG. Whatever others wrote comes through here. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const LONE = /\p{Cs}/gu;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For an element's text or an attribute's value in quotes; without characters that HTML forbids or that turn others around. */
export const escaped = (text: string): string =>
  text
    .replace(UNSEEN, '')
    .replace(LONE, '\ufffd')
    .replace(/[&<>"']/g, character => entities[character]!);

/** The same; an amount stays together with its unit. */
export const escapedText = (text: string): string =>
  escaped(text).replace(/(\d) (?=(?:[KMG]i)?B\b|ms\b)/g, '$1&nbsp;');

/** The same; what stands between backticks is set as code. */
export const withCode = (text: string): string => escapedText(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** A coordinate: tenths are enough. */
export const coordinate = (value: number): string =>
  Number.isFinite(value) ? String(Math.round(value * 10) / 10) : '0';
