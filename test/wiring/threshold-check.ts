/** Thresholds crossed from both sides: by the record's bounds, by the reducer's judgement, by the screen's colours. */
import type { SanctumSnapshot } from '../../src/contract/index.ts';
import { edge, judge, type Level, type RecordThresholds, valueAt } from '../../src/figures/index.ts';
import { code } from '../../src/figures/markdown.ts';
import { regionOf } from './regions.ts';
import { looksOf } from './styled.ts';
import { type Evidence, type Finding, ok, wrong } from './verify.ts';

const levelNames: Record<string, Level> = {
  ok: 'healthy',
  healthy: 'healthy',
  warning: 'warning',
  critical: 'critical',
};

/** The level that the reducer gave: of a health, a status, or a list of alarms, where one entry is critical. */
function judged(snapshot: SanctumSnapshot, path: string): string {
  const found = valueAt(snapshot, path);
  if (Array.isArray(found)) return found.length === 0 ? 'healthy' : 'critical';
  return levelNames[String(found)] ?? String(found);
}

/** Every example has its level by the record's bounds, by the reducer's judgement and by the screen's colours. */
export function thresholds({ record, at }: Evidence): Finding {
  const own: RecordThresholds | null = record.thresholds;
  if (own === null) return ok('none: the figure is shown, not judged');
  for (const level of ['warning', 'critical'] as const) {
    const bound = own[level];
    if (bound !== null && !crossed(own, edge(bound), level))
      return wrong(`no example stands at ${edge(bound)}, or none on its other side`);
  }
  for (const [value, level, form] of own.examples) {
    const byRecord = judge(own, value);
    if (byRecord !== level) return wrong(`${value} is ${byRecord} by the bounds and ${level} by the example`);
    if (own.widget === null) continue;
    const { snapshot, screens } = at(value);
    const byReducer = own.judgedAt === null ? level : judged(snapshot, own.judgedAt);
    if (byReducer !== level)
      return wrong(`the reducer judges ${value} as ${byReducer}, the record as ${level}`);
    if (form === null) continue;
    for (const widget of [own.widget, ...twins(record, own.widget)]) {
      const looks = looksOf(form, regionOf(screens(), widget));
      if (looks.length === 0) return wrong(`${widget} does not show ${code(form)} at ${value}`);
      if (looks.some(look => look !== own.styles[level]))
        return wrong(
          `${widget} shows ${code(form)} ${looks.join(', ')} at ${value}, not ${own.styles[level]}`,
        );
    }
  }
  const seen = own.examples.map(([value, level]) => `${value} ${own.styles[level] ?? level}`);
  return ok(seen.join(', '));
}

/** What shows in Overwatch what the widget shows in Sanctum, where the record claims that it does. */
const twins = ({ consumers }: Evidence['record'], widget: string): string[] => {
  const [twin] =
    {
      StatusBanner: ['Overwatch banner'],
      RunHeader: ['Overwatch header'],
      MemoryPanel: ['Overwatch memory'],
    }[widget] ?? [];
  return twin !== undefined && consumers.some(consumer => consumer.widget === twin) ? [twin] : [];
};

/** Whether examples stand at the edge and on its other side, of which one has the level and the other has not. */
function crossed({ examples }: RecordThresholds, at: number, level: Level): boolean {
  const is = examples.find(([value]) => value === at)?.[1];
  return (
    is !== undefined &&
    examples.some(([value, other]) => value !== at && (other === level) !== (is === level))
  );
}
