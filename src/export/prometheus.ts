/** The metrics as Prometheus text. */
import { Gauge, Registry } from 'prom-client';
import { type Declared, declaredMetrics, type ExportedRun, metricsOf } from './metrics.ts';

const units: Readonly<Record<string, string>> = { By: 'bytes', s: 'seconds', '1': 'ratio', '%': 'percent' };

/** As OpenTelemetry's collectors name the metric in Prometheus: `_` for dots, and the unit at the end where the name has it nowhere. */
export function prometheusName({ name, unit }: Pick<Declared, 'name' | 'unit'>): string {
  const words = name.split(/[._]/);
  const last = units[unit];
  return [...words, ...(last === undefined || words.includes(last) ? [] : [last])].join('_');
}

/** Names of all gauges of devices and runs. */
export const gaugeNames = (): string[] => declaredMetrics().map(prometheusName);

/** Runs that are under way; ended ones have nothing new to scrape. */
export async function prometheusText(runs: readonly ExportedRun[]): Promise<string> {
  const registry = new Registry();
  for (const { points, ...declared } of metricsOf(runs)) {
    const labelNames = Object.keys(points[0]![0]);
    const name = prometheusName(declared);
    const gauge = new Gauge({ name, help: declared.help, labelNames, registers: [registry] });
    for (const [labels, value] of points) gauge.set(labels, value);
  }
  return registry.metrics();
}
