/**
 * A checkpoint is one text file of two lines: a header with a checksum, and everything that training needs to
 * go on as if it had never stopped. Numbers that may be NaN are kept in typed arrays, which are written as
 * base64 of their bytes, so that what is read is what was written, bit for bit.
 */
import { createHash } from 'node:crypto';
import { readRegular, writeWhole } from '../../disk/index.ts';
import type { AgentState } from './agent.ts';
import type { VectorEnvironmentState } from './vector-environment.ts';

export interface Checkpoint {
  task: string;
  /** The last batch learned from. */
  batch: number;
  totalSteps: number;
  environments: VectorEnvironmentState;
  agent: AgentState;
}

const FORMAT = 'esper-ppo-checkpoint';
const VERSION = 1;
/** Bytes of a file that may be a checkpoint of this trainer: its networks are small. */
const LONGEST = 256 * 1024 * 1024;

const arrayTypes = { Float32Array, Float64Array, Uint32Array };
type ArrayType = keyof typeof arrayTypes;

const encode = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value)
    ? {
        array: value.constructor.name,
        base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
      }
    : value;

function decode(_: string, value: unknown): unknown {
  const { array, base64 } = (value ?? {}) as { array?: ArrayType; base64?: string };
  if (array === undefined || base64 === undefined) return value;
  // A copy: a view of Buffer's pool may start where no number may.
  return new arrayTypes[array](Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

const checksum = (body: string) => createHash('sha256').update(body).digest('hex');

/** A crash or a full disk leaves the old checkpoint or the new one. Throws as node:fs does. */
export function saveCheckpoint(path: string, checkpoint: Checkpoint): void {
  const body = JSON.stringify(checkpoint, encode);
  const header = JSON.stringify({ format: FORMAT, version: VERSION, sha256: checksum(body) });
  writeWhole(
    path,
    `${header}
${body}
`,
  );
}

/** A checkpoint that cannot be used; the message is one sentence: why, and what to do. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** @throws {CheckpointError} when there is none, or it is damaged, of another version or of another task */
export function loadCheckpoint(path: string, task: string): Checkpoint {
  let text: string;
  try {
    text = readRegular(path, LONGEST);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is none yet' : (error as Error).message;
    throw new CheckpointError(`Cannot resume from ${path}: ${why}; start a new run.`);
  }
  const [head, body = ''] = text.split('\n');
  let header: { format?: unknown; version?: unknown; sha256?: unknown } | null = null;
  try {
    header = JSON.parse(head!);
  } catch {}
  if (header?.format !== FORMAT || (header.version === VERSION && header.sha256 !== checksum(body)))
    throw new CheckpointError(`Cannot resume from ${path}: the file is damaged; start a new run.`);
  if (header.version !== VERSION)
    throw new CheckpointError(
      `Cannot resume from ${path}: its version is ${header.version}, this program reads ${VERSION}.`,
    );
  const checkpoint = JSON.parse(body, decode) as Checkpoint;
  if (checkpoint.task !== task)
    throw new CheckpointError(`Cannot resume from ${path}: it is of ${checkpoint.task}, not of ${task}.`);
  return checkpoint;
}
