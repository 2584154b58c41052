/** The Hugging Face Trainer's state, one JSON document of many lines → its records, a line each; any other text as it is. */
import { isState, recordsIn } from '../watch/index.ts';

export function stateAsLines(text: string): string {
  if (!isState(text)) return text;
  try {
    return `${recordsIn(text).join('\n')}\n`;
  } catch {
    return text;
  }
}
