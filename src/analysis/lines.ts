/** What is known of the lines that hold a device's memory: the newest window of recorded stacks, and the newest refusal. */
import { amount } from '../base/index.ts';
import {
  byHeld,
  type DeviceReport,
  type Finding,
  type GuiltyLine,
  type MemoryAttributed,
} from '../contract/index.ts';
import { type Counted, countedNumber, lineWords, many, share, withinLine } from '../present/index.ts';
import type { DeviceAnalysis } from './device-analysis.ts';
import { evidence, NAME_THE_LINE } from './rules/rule.ts';

/** Of the growth that is found, the share that a window must have seen to speak of it. */
const SEEN = 0.25;
/** How many times the growth an update that was found the recorded updates show where they are no sample of all. */
const AHEAD = 1.5;
/** Lines that the evidence names, and its sentence. */
const NAMED = 4;
const SHOWN = 3;
/** Share of what has no line from which the sentence names it, too. */
const MUCH = 0.1;
/** Readings that are kept to be seen side by side. */
const READINGS = 24;
/** What a line's share is of. */
const wholes: Partial<Record<Finding['kind'], string>> = {
  leak: 'stays',
  fragmentation: 'stays',
  growth: 'is needed more',
  spike: 'was needed more',
};

export class KnownLines {
  /** What is kept: the end of an update. */
  #window: MemoryAttributed | null = null;
  /** What an update needs at its peak, beside that of an earlier one. */
  #peak: MemoryAttributed | null = null;
  /** The peak of an update that needed far more than the others. */
  #spike: MemoryAttributed | null = null;
  #refused: MemoryAttributed | null = null;
  #readings: MemoryAttributed[] = [];

  take(data: MemoryAttributed): void {
    this.#readings = [...this.#readings.slice(1 - READINGS), data];
    if (data.moment === 'refused') this.#refused = data;
    else if (data.moment === 'end of update') this.#window = data;
    else if (data.why === 'spike') this.#spike = data;
    else this.#peak = data;
  }

  /** Another process begins: what its lines hold is not known yet. */
  restart(): void {
    this.#window = this.#peak = this.#spike = this.#refused = null;
    this.#readings = [];
  }

  /** Findings with the lines that they are about, where they are known. */
  explain(findings: readonly Finding[], facts: DeviceAnalysis): Finding[] {
    if (this.held === undefined) return [...findings];
    return findings
      .map(found => ({ ...found, next: found.next.filter(step => step !== NAME_THE_LINE) }))
      .map((finding, i) => {
        const named = this.#named(finding, facts);
        if (named !== null) return named;
        // Where nothing that was measured explains the end, its text does.
        return i === 0 &&
          facts.end?.by === 'torch' &&
          finding.kind !== 'steady' &&
          finding.kind !== 'unmeasured'
          ? withHeld(finding, this.held)
          : finding;
      });
  }

  /** With the line that makes it so; null where that is not known. */
  #named(finding: Finding, { counted, trend }: DeviceAnalysis): Finding | null {
    const slopeOf = (name: 'rest' | 'extra' | 'peak') => trend(name)?.slope.mid ?? null;
    const lineOf = (data: MemoryAttributed | null, slope: number | null) =>
      withLine(finding, data, slope, counted);
    if (finding.kind === 'leak') return lineOf(this.#window, slopeOf('rest'));
    // Pieces lie stranded beside what stays.
    if (finding.kind === 'fragmentation') return lineOf(this.#window, null);
    if (finding.kind === 'growth') return lineOf(this.#peak, slopeOf('extra') ?? slopeOf('peak'));
    return finding.kind === 'spike' ? lineOf(this.#spike, null) : null;
  }

  /** What held the memory when it was read last; undefined where nothing was. */
  get held(): DeviceReport['held'] {
    const data = this.#refused ?? this.#readings.at(-1);
    if (data === undefined) return undefined;
    const {
      moment,
      toBatch = null,
      fromBatch = null,
      totalBytes = null,
      withoutLineBytes = null,
      requestedBytes = null,
    } = data;
    return {
      moment,
      batch: toBatch,
      sinceBatch: fromBatch,
      totalBytes,
      withoutLineBytes,
      requestedBytes,
      lines: data.lines.map(
        ({ line, bytes = null, blocks = null, grewBytes = null, stack = [], within }) => ({
          line,
          bytes,
          blocks,
          grewBytes,
          stack,
          ...(within && { within: within.map(({ line, bytes = null }) => ({ line, bytes })) }),
        }),
      ),
      readings: this.#readings.map(({ moment, toBatch = null, totalBytes = null, lines }) => ({
        moment,
        batch: toBatch,
        totalBytes,
        lines: lines.map(({ line, bytes = null }) => ({ line, bytes })),
      })),
    };
  }
}

/**
 * The finding with the line that grew most between the two readings of `data`, and what that is of; null where they saw too
 * little of the growth, or no line of it.
 * @param slopeBytes growth an update that was found; null where it is not of one update
 */
function withLine(
  finding: Finding,
  data: MemoryAttributed | null,
  slopeBytes: number | null,
  counted: Counted,
): Finding | null {
  if (data === null) return null;
  const { fromBatch = null, toBatch = null, lines, otherLines, withoutLineGrewBytes } = data;
  if (fromBatch === null || toBatch === null || toBatch <= fromBatch) return null;
  const updates = toBatch - fromBatch;
  const grown = (bytes: number | null | undefined) => Math.max(0, bytes ?? 0);
  const all =
    lines.reduce((sum, { grewBytes }) => sum + grown(grewBytes), 0) +
    grown(otherLines?.grewBytes) +
    grown(withoutLineGrewBytes);
  const grew = lines
    .filter(({ grewBytes }) => grown(grewBytes) > 0)
    .sort((a, b) => grown(b.grewBytes) - grown(a.grewBytes));
  const [top] = grew;
  if (top === undefined) return null;
  if (slopeBytes !== null && all / updates < SEEN * slopeBytes) return null;
  const isSpike = finding.kind === 'spike';
  // An evaluation that keeps something once an epoch: of a few updates around one, more is kept than of all.
  const isAhead = slopeBytes !== null && slopeBytes > 0 && all / updates > AHEAD * slopeBytes;
  const more = grown(top.grewBytes);
  const line: GuiltyLine = {
    line: top.line,
    bytesPerUpdate: isSpike ? null : more / (isAhead ? all / slopeBytes : updates),
    bytesMore: isSpike ? more : null,
    share: more / all,
    stack: top.stack ?? [],
  };
  const span = { fromBatch, toBatch };
  const isPeak = data.moment === 'peak';
  const figure = isPeak ? 'TELE-773' : 'TELE-771';
  const seen = isPeak
    ? `At the peak of ${countedNumber(counted, toBatch)} these held more than at that of ${countedNumber(counted, fromBatch)}`
    : `Over ${many(updates, 'update')} with recorded stacks, these held more`;
  return {
    ...finding,
    line,
    says: `${lineWords(finding.kind, line)}, ${share(line.share)} of what ${wholes[finding.kind] ?? 'grew'}. ${finding.says}`,
    evidence: [
      evidence(
        `${seen}: ${grew
          .slice(0, NAMED)
          .map(one => `\`${one.line}\` ${amount(grown(one.grewBytes))}`)
          .join(', ')}.`,
        span,
        figure,
      ),
      ...(line.stack.length === 0 ? [] : [evidence(`Its stack: ${line.stack.join(' ← ')}.`, span, figure)]),
      ...finding.evidence,
    ],
  };
}

/** With the lines that held most when memory was refused; the finding itself where that was not recorded. */
export function withHeld(finding: Finding, refused: DeviceReport['held']): Finding {
  if (refused?.moment !== 'refused') return finding;
  const { lines, totalBytes, withoutLineBytes, requestedBytes, batch } = refused;
  const held = byHeld(lines);
  if (held[0]?.bytes == null || !totalBytes) return finding;
  const without = withoutLineBytes ?? 0;
  const part = (bytes: number) => `${amount(bytes)} (${share(bytes / totalBytes)})`;
  // A trainer’s call holds all: the library’s own lines within it are what a user can look at.
  const inner = ({ bytes, within = [] }: (typeof held)[number]) => withinLine(bytes, within, totalBytes);
  const parts = (most: number) =>
    held
      .slice(0, most)
      .map((one, i) => `\`${one.line}\` ${part(one.bytes ?? 0)}${i === 0 ? inner(one) : ''}`)
      .join(', ');
  return {
    ...finding,
    says: `${finding.says} When it was refused, ${amount(totalBytes)} was held: ${parts(SHOWN)}${without >= MUCH * totalBytes ? `, without a line ${part(without)}` : ''}.`,
    evidence: [
      ...finding.evidence,
      evidence(
        `When ${amount(requestedBytes)} was refused, ${amount(totalBytes)} was held: ${parts(NAMED)}; without a line (allocated before recording, or in the backward pass) ${part(without)}.`,
        { fromBatch: batch, toBatch: batch },
        'TELE-751',
      ),
    ],
  };
}
