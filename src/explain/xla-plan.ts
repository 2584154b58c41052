/** What XLA prints beside an error of a program that was refused its memory: its plan, its largest arrays, its buffers. */
import { asEvidence, type TextFinding, withPlanOfXla } from '../analysis/index.ts';
import { printedBytes } from '../base/index.ts';
import { leastInXla } from '../texts/index.ts';
import type { Answer } from './answer.ts';

/** `  1. Size: 32.00G`, then `     Shape: s32[8388608,8,4]{…}` and `     Extra memory due to padding: 31.00G (32.0x expansion)` */
const LARGEST = /^ {1,8}1\. Size: ([\d.]{1,12}[KMG])\s*$/m;
const PADDING = /Extra memory due to padding: ([\d.]{1,12}[KMG]) \(([\d.]{1,8})x expansion\)/;
const OPERATOR = /op_name="([^"]{1,300})"/;
/** Expansion from which the layout alone is worth a change. */
const WASTED = 2;

/** With what XLA planned among its evidence, where the text has it. */
export const withXlaPlan = (finding: TextFinding, text: string): TextFinding =>
  finding.mark === 'compiled program' ? withLargest(finding, text) : withPlanOfXla(finding, text);

const BUFFER = /^\s{1,16}Buffer \d{1,3}:\s*\n\s{1,24}Size: ([\d.]{1,12}[KMGT]?i?B)\s*$/gm;

/** XLA’s list of buffers without the error that it belongs to. */
export function readXlaBuffers(text: string): Answer | null {
  const buffers = [...text.matchAll(BUFFER)].map(([, size]) => size!);
  const largest = buffers.reduce<string | null>(
    (most, size) => ((printedBytes(size) ?? 0) > (printedBytes(most ?? '') ?? 0) ? size : most),
    null,
  );
  return largest === null
    ? leastAlone(text)
    : {
        what: 'XLA’s list of buffers',
        whose: 'GPU',
        state: null,
        says: `XLA lists the largest buffers of a program that did not get its memory; the largest in the text has ${largest}. The error itself is not in it.`,
        confidence: 'possible',
        evidence: [],
        next: [
          'Give esper explain the lines above the list too: the error’s own has how much was asked for.',
        ],
      };
}

/** `Can't reduce memory use below -30.29GiB`: what XLA may use, less what the program is given and returns. */
const BEYOND = /reduce memory use below -([\d.]{1,12}[KMGT]iB)/;

/** XLA’s warning that a program is large, and nothing of what came of it. */
function leastAlone(text: string): Answer | null {
  const least = leastInXla(text);
  const beyond = BEYOND.exec(text)?.[1];
  return least === null
    ? null
    : {
        what: 'a warning of XLA’s',
        whose: 'GPU',
        state: null,
        says: `XLA could not make a program need less than ${least}, by computing again what it would keep. It is a warning: whether the program got its memory is not in the text.`,
        confidence: 'likely',
        evidence:
          beyond === undefined
            ? []
            : [
                `What the program is given and returns is ${beyond} more than XLA may use: no step in between makes up for that.`,
              ],
        next: [
          ...(beyond === undefined
            ? []
            : [
                'Give it less at once: a smaller replay buffer or state, donated buffers (donate_argnums), or what is large on the host.',
              ]),
          'Use a smaller batch or fewer environments, rematerialisation (jax.checkpoint), or more devices.',
        ],
      };
}

/** What of the program takes most, and how much of that is padding. */
function withLargest(finding: TextFinding, text: string): TextFinding {
  const largest = LARGEST.exec(text);
  if (largest === null) return finding;
  const block = text.slice(largest.index, largest.index + 1500).split(/^ {1,8}2\. Size: /m)[0]!;
  const shape = /Shape: (\w{1,8}\[[\d,]{0,80}\])/.exec(block)?.[1];
  const padding = PADDING.exec(block);
  const operator = OPERATOR.exec(block)?.[1];
  const isWasted = padding !== null && Number(padding[2]) >= WASTED;
  return {
    ...finding,
    ...(isWasted && {
      says: `${finding.says} ${padding[1]} of its largest array of ${largest[1]} is padding.`,
      next: [
        `Give that array another shape${shape === undefined ? '' : ` than ${shape}`}: a TPU pads the last two dimensions to 8 and 128, so that a small last one is mostly padding (here ${padding[2]} times). Put a large dimension last, or join small ones.`,
        ...finding.next,
      ],
    }),
    evidence: [
      ...finding.evidence,
      asEvidence(
        `Its largest array: ${largest[1]}${shape === undefined ? '' : `, ${shape}`}${padding === null ? '' : `, ${padding[1]} of it padding`}${operator === undefined ? '' : `, of ${operator}`}.`,
      ),
    ],
  };
}
