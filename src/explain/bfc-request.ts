/** What TensorFlow’s allocator was asked for, where a line of its own has the amount and the error’s line has none. */
import type { Answer } from './answer.ts';

/** `Ran out of memory trying to allocate 39.81MiB.  See logs for memory state.` */
const ASKED = /ran out of memory trying to allocate ([\d.]{1,12})([KMGT]iB)/i;
const UNKNOWN = 'in TensorFlow: an allocation was refused';

export function withBfcRequest(answer: Answer, text: string): Answer {
  if (!answer.says.includes(UNKNOWN)) return answer;
  const asked = ASKED.exec(text);
  return asked === null
    ? answer
    : {
        ...answer,
        says: answer.says.replace(UNKNOWN, `in TensorFlow: ${asked[1]} ${asked[2]} was refused`),
        evidence: answer.evidence.map(line =>
          line.replace(/^The text: /, `The text: asked ${asked[1]} ${asked[2]}, `),
        ),
      };
}
