/** A frame with its colours: text beside the style of every character, so that a figure's look can be asked for. */
import type { BoundStyle } from '../../src/figures/index.ts';

export interface Styled {
  /** The frame as a person reads it, lines separated by \n. */
  text: string;
  /** One entry a character of `text`. */
  styles: string[];
}

const ESC = String.fromCharCode(27);
const sgr = new RegExp(`${ESC}\\[([0-9;]*)m`, 'y');

interface Look {
  bold: boolean;
  dim: boolean;
  colour: string | null;
}

/** The 8 and the bright 8 colours by name; the rest by number. */
const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

function apply(look: Look, codes: number[]): void {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) Object.assign(look, { bold: false, dim: false, colour: null });
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 22) Object.assign(look, { bold: false, dim: false });
    else if (code === 39) look.colour = null;
    else if (code >= 30 && code <= 37) look.colour = names[code - 30]!;
    else if (code >= 90 && code <= 97) look.colour = names[code - 90]!;
    else if (code === 38) {
      const length = codes[i + 1] === 5 ? 3 : 5;
      look.colour = codes.slice(i, i + length).join(';');
      i += length - 1;
    } else if (code === 48) i += codes[i + 1] === 5 ? 2 : 4;
  }
}

const nameOf = ({ bold, dim, colour }: Look): string =>
  [bold && 'bold', dim && 'dim', colour].filter(Boolean).join(' ') || 'plain';

/** Reads the SGR sequences of a frame; no other escape sequences are expected in one. */
export function styled(frame: string): Styled {
  const look: Look = { bold: false, dim: false, colour: null };
  const styles: string[] = [];
  let text = '';
  for (let i = 0; i < frame.length; ) {
    sgr.lastIndex = i;
    const found = sgr.exec(frame);
    if (found) {
      apply(look, (found[1] || '0').split(';').map(Number));
      i = sgr.lastIndex;
      continue;
    }
    text += frame[i];
    styles.push(nameOf(look));
    i++;
  }
  return { text, styles };
}

/** Styles of the places where the form stands, spaces left out: one entry a style. Empty where it is not shown. */
export function looksOf(form: string, { text, styles }: Styled): BoundStyle[] {
  const found = new Set<string>();
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    for (let i = 0; i < form.length; i++) if (form[i] !== ' ') found.add(styles[at + i]!);
  return [...found] as BoundStyle[];
}
