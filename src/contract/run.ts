/** `run.json`: what is known of a run before its first event. Written once, by the run's first writer. */
import { type Static, Type } from '@sinclair/typebox';
import { Nullable } from './schemas.ts';

export const RunManifest = Type.Object({
  v: Type.String({ description: 'wire format, major.minor' }),
  id: Type.String({ description: 'YYYYMMDD-HHMMSS-name-xxxx, also the name of the run’s folder' }),
  name: Type.String(),
  createdMs: Type.Number({ description: 'milliseconds since the epoch, UTC' }),
  algorithm: Nullable(Type.String()),
  task: Nullable(Type.String()),
  command: Nullable(Type.Array(Type.String(), { description: 'argv that started the run' })),
  config: Type.Record(Type.String(), Type.Unknown()),
});
export type RunManifest = Static<typeof RunManifest>;

/** `labels.json`: what people noted on a run after it was made. */
export const RunLabels = Type.Object({
  name: Nullable(Type.String({ description: 'a name in place of that of run.json' })),
  tags: Type.Array(Type.String()),
  note: Nullable(Type.String()),
  archived: Type.Boolean({ description: 'left out of lists, and of "latest"' }),
});
export type RunLabels = Static<typeof RunLabels>;
