/** What XLA planned for a program that was refused its memory (`BufferAssignment stats`), and how far it could make it smaller. */
import { printedBytes } from '../base/index.ts';
import { leastInXla } from '../texts/index.ts';
import { OF_SHARE } from './library-advice.ts';
import { asEvidence, type TextFinding } from './text-finding.ts';

const HEAD = 'BufferAssignment stats:';
/** `     preallocated temp allocation:    4.44GiB` */
const ROW =
  /^\s{0,40}(parameter|constant|maybe_live_out|preallocated temp|total) allocation: {1,12}([\d.]{1,12}[KMGT]?i?B)\s*$/;
const CALLED: Readonly<Record<string, string>> = {
  parameter: 'parameters and inputs',
  constant: 'constants',
  maybe_live_out: 'results',
  'preallocated temp': 'what is needed in between',
};

/** With the plan among its evidence, where the text has one; once. */
export function withPlanOfXla(finding: TextFinding, text: string): TextFinding {
  if (finding.hasPlan || finding.refused?.by !== 'jax') return finding;
  const at = text.indexOf(HEAD);
  if (at === -1) return withLeast(finding, text);
  const rows = text
    .slice(at + HEAD.length)
    .split('\n')
    .slice(1, 8)
    .flatMap(line => {
      const row = ROW.exec(line);
      return row === null ? [] : [[row[1]!, row[2]!] as const];
    });
  const total = rows.find(([name]) => name === 'total')?.[1];
  if (total === undefined) return withLeast(finding, text);
  const parts = rows
    .filter(([name]) => name !== 'total')
    .map(([name, amount]) => `${CALLED[name]} ${amount}`);
  const totalBytes = printedBytes(total) ?? SMALL;
  const isSmall = totalBytes < SMALL;
  const most = rows.find(
    ([name, amount]) => name !== 'total' && (printedBytes(amount) ?? 0) > MOST * totalBytes,
  );
  return {
    ...finding,
    hasPlan: true,
    ...(!isSmall && {
      says: `${finding.says} It is part of one program that needs ${total} in all${most === undefined ? '' : `, most of that: ${CALLED[most[0]]} (${most[1]})`}.`,
      next: [
        SMALLER_PROGRAM,
        ...(OF_PART[most?.[0] ?? ''] === undefined ? [] : [OF_PART[most![0]]!]),
        ...OF_SHARE,
      ],
    }),
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
const SMALL = 2 ** 30;
/** Share of a plan above which one part of it is the most. */
const MOST = 0.5;

const SMALLER_PROGRAM =
  'Make the program smaller: a smaller batch in one jitted call, a shorter scan, arrays of a narrower type, jax.checkpoint; or shard it over more devices.';
const OF_PART: Readonly<Record<string, string>> = {
  maybe_live_out:
    'Let it return less: what a jitted call gives back (predictions, activations, states) is held whole. Donated buffers (donate_argnums) give the place of inputs to results.',
  parameter:
    'Give it less at once: what goes into a jitted call (parameters, states, the whole data set) is held whole. Donated buffers (donate_argnums) give its place to results.',
};

/** Share of what was asked for from which it is that program's own. */
const OWN_OF_PROGRAM = 0.5;

/** With how far XLA could make the program smaller: no setting of its pool makes room for what is asked for at once. */
function withLeast(finding: TextFinding, text: string): TextFinding {
  const least = leastInXla(text);
  const leastBytes = least === null ? null : printedBytes(least);
  if (least === null || leastBytes === null) return finding;
  const isOfIt = (finding.refused?.triedBytes ?? 0) >= OWN_OF_PROGRAM * leastBytes;
  return {
    ...finding,
    hasPlan: true,
    ...(isOfIt && {
      says: `${finding.says} The program itself needs that much: ${least} is the least that XLA could make of it.`,
      next: [
        'Make the program smaller: fewer environments or a smaller batch in one jitted call, a shorter scan or replay buffer, arrays of a narrower type, jax.checkpoint; or shard it over more devices.',
        'Look at what it was to hold: the list of the largest buffers stands behind the error (XLA_FLAGS=--xla_dump_to=DIR writes the whole plan).',
      ],
    }),
    evidence: [
      ...finding.evidence,
      asEvidence(
        `XLA could not make the program need less than ${least}, by computing again what it would keep.`,
      ),
    ],
  };
}
