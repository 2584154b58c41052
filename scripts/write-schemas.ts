/**
 * Writes schema/*.json from the contract, the figures and the words of errors, and the Python client's copies of the latter two:
 * `npm run schemas`. A test keeps the committed files current.
 */
import { writeFileSync } from 'node:fs';
import {
  GroupComparison,
  RunCheck,
  RunComparison,
  RunFigures,
  RunManifest,
  RunReport,
  SanctumSnapshot,
  TelemetryEventSchema,
} from '../src/contract/index.ts';
import { clientTable } from '../src/figures/index.ts';
import { memoryWords } from '../src/texts/index.ts';

/** Path → text of every committed schema. */
export function schemaFiles(): Record<string, string> {
  const text = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    'schema/telemetry-event.json': text(TelemetryEventSchema),
    'schema/sanctum-snapshot.json': text(SanctumSnapshot),
    'schema/run.json': text(RunManifest),
    'schema/run-report.json': text(RunReport),
    'schema/run-comparison.json': text(RunComparison),
    'schema/group-comparison.json': text(GroupComparison),
    'schema/run-figures.json': text(RunFigures),
    'schema/run-check.json': text(RunCheck),
    'schema/figures.json': text(clientTable()),
    'python/esper_telemetry/figures.json': text(clientTable()),
    'schema/memory-words.json': text(memoryWords),
    'python/esper_telemetry/memory_words.json': text(memoryWords),
  };
}

if (process.argv[1]?.endsWith('write-schemas.ts'))
  for (const [path, content] of Object.entries(schemaFiles())) writeFileSync(path, content);
