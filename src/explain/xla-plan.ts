/** What XLA prints of its plan for a program that was refused its memory: `BufferAssignment stats`. */
import { asEvidence, type TextFinding } from '../analysis/index.ts';
import { printedBytes } from '../base/index.ts';
import type { Answer } from './answer.ts';

const HEAD = 'BufferAssignment stats:';
/** `     preallocated temp allocation:    4.44GiB` */
const ROW =
  /^\s{1,40}(parameter|constant|maybe_live_out|preallocated temp|total) allocation: {1,12}([\d.]{1,12}[KMGT]?i?B)\s*$/;
const CALLED: Readonly<Record<string, string>> = {
  parameter: 'parameters and inputs',
  constant: 'constants',
  maybe_live_out: 'results',
  'preallocated temp': 'what is needed in between',
};

/** With the plan among its evidence, where the text has one. */
export function withXlaPlan(finding: TextFinding, text: string): TextFinding {
  if (finding.mark === 'compiled program') return withLargest(finding, text);
  const at = text.indexOf(HEAD);
  if (at === -1 || finding.refused?.by !== 'jax') return finding;
  const rows = text
    .slice(at + HEAD.length)
    .split('\n')
    .slice(1, 8)
    .flatMap(line => {
      const row = ROW.exec(line);
      return row === null ? [] : [[row[1]!, row[2]!] as const];
    });
  const total = rows.find(([name]) => name === 'total')?.[1];
  if (total === undefined) return finding;
  const parts = rows
    .filter(([name]) => name !== 'total')
    .map(([name, amount]) => `${CALLED[name]} ${amount}`);
  const isSmall = (printedBytes(total) ?? SMALL) < SMALL;
  return {
    ...finding,
    ...(isSmall && {
      says: `${finding.says} The program itself needs no more than ${total}: what fills the device is something else.`,
      next: [
        'Look at nvidia-smi before it starts: another process, often another JAX, which takes 75% of the device when it starts (XLA_PYTHON_CLIENT_PREALLOCATE=false, XLA_PYTHON_CLIENT_MEM_FRACTION).',
        'Or arrays of this process that are kept from before: jax.live_arrays() lists them.',
      ],
    }),
    evidence: [
      ...finding.evidence,
      asEvidence(`XLA’s plan for this one program: ${total} in all (${parts.join(', ')}).`),
    ],
  };
}

/** A program below this fills no device. */
const SMALL = 256 * 2 ** 20;

/** `  1. Size: 32.00G`, then `     Shape: s32[8388608,8,4]{…}` and `     Extra memory due to padding: 31.00G (32.0x expansion)` */
const LARGEST = /^ {1,8}1\. Size: ([\d.]{1,12}[KMG])\s*$/m;
const PADDING = /Extra memory due to padding: ([\d.]{1,12}[KMG]) \(([\d.]{1,8})x expansion\)/;
const OPERATOR = /op_name="([^"]{1,300})"/;
/** Expansion from which the layout alone is worth a change. */
const WASTED = 2;

const BUFFER = /^\s{1,16}Buffer \d{1,3}:\s*\n\s{1,24}Size: ([\d.]{1,12}[KMGT]?i?B)\s*$/gm;

/** XLA’s list of buffers without the error that it belongs to. */
export function readXlaBuffers(text: string): Answer | null {
  const buffers = [...text.matchAll(BUFFER)].map(([, size]) => size!);
  const largest = buffers.reduce<string | null>(
    (most, size) => ((printedBytes(size) ?? 0) > (printedBytes(most ?? '') ?? 0) ? size : most),
    null,
  );
  return largest === null
    ? null
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
