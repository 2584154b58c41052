/** A loop's figures by name → the payloads of its events: known ones in their fields, those of its own by their names. */
import {
  type DeviceMemory,
  type FiguresLogged,
  figure,
  MAX_COUNT,
  PPOUpdatePayload,
  StepPayload,
} from '../contract/index.ts';

const stepFields: readonly string[] = Object.keys(StepPayload.properties).filter(
  name => name !== 'extra' && name !== 'rollout',
);
const rolloutFields: readonly string[] = Object.keys(PPOUpdatePayload.properties.rollout.properties);

/** Figures of a step by the names of its payload and of its rollout (`episodicReturn`), and any other by its own name. NaN and infinities are kept. */
export type StepFigures = { step: number; memory?: DeviceMemory[] } & Readonly<Record<string, unknown>>;

/** The payload of a step; a known figure that is no number is null. */
export function stepPayload({ step, memory, ...figures }: StepFigures): StepPayload {
  const known: Record<string, unknown> = { step };
  const rollout: Record<string, unknown> = {};
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(figures)) {
    if (stepFields.includes(name)) known[name] = knownValue(name, value);
    else if (rolloutFields.includes(name)) rollout[name] = knownValue(name, value);
    else extra[name] = byName(value);
  }
  if (Object.keys(rollout).length > 0) known.rollout = rollout;
  if (memory !== undefined) known.memory = memory;
  if (Object.keys(extra).length > 0) known.extra = extra;
  return known as StepPayload;
}

const diverging: readonly string[] = ['loss', 'gradNorm', 'episodicReturn'];
const knownValue = (name: string, value: unknown) =>
  typeof value !== 'number'
    ? null
    : diverging.includes(name)
      ? figure(value)
      : Number.isFinite(value)
        ? value
        : null;

const byName = (value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** The payload of figures that are logged by themselves. Numbers that are not finite travel by name. */
export function figuresPayload(
  figures: Readonly<Record<string, unknown>>,
  batch: number | null = null,
): FiguresLogged {
  const own = Object.entries(figures).map(([name, value]) => [name, byName(value)]);
  const isCount = batch !== null && Number.isInteger(batch) && batch >= 0 && batch <= MAX_COUNT;
  return { batch: isCount ? batch : null, figures: Object.fromEntries(own) };
}
