/** What is known of the lines that hold a device's memory: the newest window of recorded stacks, and the newest refusal. */
import { amount } from '../base/index.ts';
import {
  byHeld,
  type DeviceReport,
  type Finding,
  type GuiltyLine,
  type MemoryAttributed,
} from '../contract/index.ts';
import { many, share } from '../present/index.ts';
import type { DeviceAnalysis } from './device-analysis.ts';
import { evidence } from './rules/rule.ts';

/** Of the growth that is found, the share that a window must have seen to speak of it. */
const SEEN = 0.25;
/** Lines that the evidence names. */
const NAMED = 4;

export class KnownLines {
  #window: MemoryAttributed | null = null;
  #refused: MemoryAttributed | null = null;

  take(data: MemoryAttributed): void {
    if (data.moment === 'refused') this.#refused = data;
    else this.#window = data;
  }

  /** Another process begins: what its lines hold is not known yet. */
  restart(): void {
    this.#window = null;
    this.#refused = null;
  }

  /** Findings with the lines that they are about, where they are known. */
  explain(findings: readonly Finding[], { trend, end }: DeviceAnalysis): Finding[] {
    const slope = trend('rest')?.slope.mid ?? null;
    return findings.map((finding, i) => {
      if (finding.kind === 'leak') {
        const kept = this.#window === null ? null : keptBy(this.#window, slope);
        if (kept !== null) return withKept(finding, kept, this.#window!);
      }
      return i === 0 && end?.by === 'torch' && this.#refused !== null
        ? withHeld(finding, this.#refused)
        : finding;
    });
  }

  /** What held the memory when it was read last; undefined where nothing was. */
  get held(): DeviceReport['held'] {
    const data = this.#refused ?? this.#window;
    if (data === null) return undefined;
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
      lines: data.lines.map(({ line, bytes = null, blocks = null, grewBytes = null, stack = [] }) => ({
        line,
        bytes,
        blocks,
        grewBytes,
        stack,
      })),
    };
  }
}

/** The line that keeps most of what stays; null where the window saw too little of the growth, or no line of it. */
function keptBy(window: MemoryAttributed, slopeBytes: number | null): GuiltyLine | null {
  const { fromBatch = null, toBatch = null, lines, otherLines, withoutLineGrewBytes } = window;
  if (fromBatch === null || toBatch === null || toBatch <= fromBatch) return null;
  const updates = toBatch - fromBatch;
  const grown = (bytes: number | null | undefined) => Math.max(0, bytes ?? 0);
  const all =
    lines.reduce((sum, { grewBytes }) => sum + grown(grewBytes), 0) +
    grown(otherLines?.grewBytes) +
    grown(withoutLineGrewBytes);
  const top = [...lines].sort((a, b) => grown(b.grewBytes) - grown(a.grewBytes))[0];
  if (top === undefined || grown(top.grewBytes) === 0) return null;
  if (slopeBytes !== null && all / updates < SEEN * slopeBytes) return null;
  return {
    line: top.line,
    bytesPerUpdate: grown(top.grewBytes) / updates,
    share: grown(top.grewBytes) / all,
    stack: top.stack ?? [],
  };
}

function withKept(
  finding: Finding,
  kept: GuiltyLine,
  { fromBatch, toBatch, lines }: MemoryAttributed,
): Finding {
  const updates = toBatch! - fromBatch!;
  const grew = [...lines]
    .filter(({ grewBytes }) => (grewBytes ?? 0) > 0)
    .sort((a, b) => b.grewBytes! - a.grewBytes!)
    .slice(0, NAMED);
  const span = { fromBatch: fromBatch!, toBatch: toBatch! };
  return {
    ...finding,
    line: kept,
    says: `\`${kept.line}\` keeps ${amount(Math.round(kept.bytesPerUpdate))} an update, ${share(kept.share)} of what stays. ${finding.says}`,
    evidence: [
      evidence(
        `Over ${many(updates, 'update')} with recorded stacks, these held more: ${grew.map(({ line, grewBytes }) => `\`${line}\` ${amount(grewBytes!)}`).join(', ')}.`,
        span,
        'TELE-771',
      ),
      ...(kept.stack.length === 0
        ? []
        : [evidence(`Its stack: ${kept.stack.join(' ← ')}.`, span, 'TELE-771')]),
      ...finding.evidence,
    ],
  };
}

function withHeld(finding: Finding, refused: MemoryAttributed): Finding {
  const { lines, totalBytes = null, withoutLineBytes, requestedBytes = null, toBatch = null } = refused;
  const held = byHeld(lines);
  const top = held[0];
  if (top?.bytes == null || !totalBytes) return finding;
  const where = { fromBatch: toBatch, toBatch };
  const part = (bytes: number) => `${amount(bytes)} (${share(bytes / totalBytes)})`;
  return {
    ...finding,
    says: `${finding.says} When it was refused, \`${top.line}\` held most of what has a line: ${part(top.bytes)}.`,
    evidence: [
      ...finding.evidence,
      evidence(
        `When ${amount(requestedBytes)} was refused, ${amount(totalBytes)} was held: ${held
          .slice(0, NAMED)
          .map(({ line, bytes }) => `\`${line}\` ${part(bytes ?? 0)}`)
          .join(
            ', ',
          )}; without a line (allocated before recording, or in the backward pass) ${part(withoutLineBytes ?? 0)}.`,
        where,
        'TELE-751',
      ),
    ],
  };
}
