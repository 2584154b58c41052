/** One line of a log → an event, or the reason why it is none. Extra fields are kept. */
import type { TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import {
  CONTRACT_VERSION,
  EnvelopeSchema,
  eventSchemas,
  type TelemetryEvent,
  type UnknownEvent,
} from './event.ts';
import { RunLabels, RunManifest } from './run.ts';

/** Compiled where an event of the type is first met: a log holds few of them. */
const compiled = new Map<string, TypeCheck<TSchema>>();

function checkOf(type: unknown): TypeCheck<TSchema> | undefined {
  if (typeof type !== 'string' || !Object.hasOwn(eventSchemas, type)) return undefined;
  let check = compiled.get(type);
  if (check === undefined) {
    check = TypeCompiler.Compile<TSchema>(eventSchemas[type as keyof typeof eventSchemas]);
    compiled.set(type, check);
  }
  return check;
}

let envelope: TypeCheck<TSchema> | undefined;
const MAJOR = `${CONTRACT_VERSION.split('.')[0]}.`;

export interface Malformed {
  malformed: string;
}
export type ParsedLine = TelemetryEvent | UnknownEvent | Malformed;

const firstError = (check: TypeCheck<TSchema>, value: unknown): Malformed => {
  const error = check.Errors(value).First();
  return { malformed: error ? `${error.path || 'line'}: ${error.message.toLowerCase()}` : 'not an event' };
};

/**
 * Checks a value that JSON.parse returned.
 * @returns the same object as an event; or the event marked `unknown` (a type that this version does not
 * know, or another major version); or `{ malformed }` with one reason. Never throws.
 */
export function checkEvent(value: unknown): ParsedLine {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { malformed: 'line: expected object' };
  const { type, v } = value as { type?: unknown; v?: unknown };
  const check = checkOf(type);
  const ours = typeof v === 'string' && v.startsWith(MAJOR);
  if (check !== undefined && ours && check.Check(value)) return value as TelemetryEvent;
  envelope ??= TypeCompiler.Compile<TSchema>(EnvelopeSchema);
  if (!envelope.Check(value)) return firstError(envelope, value);
  if (check !== undefined && ours) return firstError(check, value);
  return { ...(value as object as UnknownEvent), unknown: true };
}

/** Parses one line of a log; see {@link checkEvent}. */
export function parseEvent(line: string): ParsedLine {
  // A refusal by JSON.parse takes fifty times as long as an event: a file of garbage must not stop its reader.
  if (!mayBeJson(line)) return { malformed: 'not JSON' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { malformed: 'not JSON' };
  }
  // A shorter line cannot be as deep.
  if (line.length > 2 * MAX_DEPTH && isDeeper(value, MAX_DEPTH))
    return { malformed: `nested deeper than ${MAX_DEPTH} levels` };
  return checkEvent(value);
}

/** Levels of objects and lists in an event: whatever walks one, does so on a stack that has an end. */
export const MAX_DEPTH = 1000;

/** Whether a value that JSON.parse returned holds more than so many levels. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Object.values(value)) if (isDeeper(item, levels - 1)) return true;
  return false;
}

const SPACE = 32;
/** How a JSON value ends that begins so; a number, true, false and null as they are. */
const endings = new Map(['{}', '[]', '""'].map(pair => [pair.charCodeAt(0), pair.charCodeAt(1)]));
const others = new Set([...'-0123456789tfn'].map(char => char.charCodeAt(0)));

/** By its first and last character; white space may stand before and after. */
function mayBeJson(line: string): boolean {
  const first = line.charCodeAt(0);
  const last = line.charCodeAt(line.length - 1);
  const ending = endings.get(first);
  return ending === undefined ? first <= SPACE || others.has(first) : last === ending || last <= SPACE;
}

let manifest: TypeCheck<typeof RunManifest> | undefined;

/** Whether a value that JSON.parse returned is the content of a `run.json`. Never throws. */
export function isRunManifest(value: unknown): value is RunManifest {
  manifest ??= TypeCompiler.Compile(RunManifest);
  return !isDeeper(value, MAX_DEPTH) && manifest.Check(value);
}

let labels: TypeCheck<typeof RunLabels> | undefined;

/** Whether a value that JSON.parse returned is the content of a `labels.json`. Never throws. */
export function isRunLabels(value: unknown): value is RunLabels {
  labels ??= TypeCompiler.Compile(RunLabels);
  return !isDeeper(value, MAX_DEPTH) && labels.Check(value);
}

/** An event always has a `seq`; extra fields may have any other name. */
export const isMalformed = (parsed: ParsedLine): parsed is Malformed => !('seq' in parsed);
export const isUnknown = (parsed: TelemetryEvent | UnknownEvent): parsed is UnknownEvent =>
  (parsed as UnknownEvent).unknown === true;
