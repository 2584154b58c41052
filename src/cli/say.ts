/**
 * What commands print: the one gate to the terminal for text that may hold others' words. Frames, tables and documents,
 * whose parts were made safe one by one, are written as they are.
 */
import { outsideText, terminalJson } from '../base/index.ts';

export const say = (text: string): void => console.log(outsideText(text));
/** On stderr, beside whatever a script reads. */
export const sayError = (text: string): void => console.error(outsideText(text));
/** On one line, unless indented. */
export const sayJson = (value: unknown, indent?: number): void => console.log(terminalJson(value, indent));
/** The same on stderr, where standard output is another's. */
export const sayErrorJson = (value: unknown): void => console.error(terminalJson(value));
