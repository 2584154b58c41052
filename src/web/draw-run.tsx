/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** A run's page as HTML, drawn without a browser: what stands on it can be read by a program. */
import { render } from 'preact-render-to-string';
import type { RunReport } from '../contract/index.ts';
import { recordFor } from '../figures/index.ts';
import type { RunView, SeriesResponse } from '../serve/index.ts';
import { RunBody } from './RunBody.tsx';
import { readRoute } from './route.ts';

export interface Drawn {
  view: RunView;
  series: SeriesResponse;
  /** Null before the whole log was read. */
  report: RunReport | null;
  nowMs: number;
}

/** The page as it is when it is opened on the whole run, on a desktop, with the server answering. */
export function drawRun({ view, series, report, nowMs }: Drawn): string {
  const ignored = () => {};
  return render(
    <RunBody
      {...{ series, report, nowMs }}
      route={readRoute(new URL(`http://localhost/run/${encodeURIComponent(view.id)}`))}
      ranks={null}
      latest={view}
      shown={view}
      connected
      trouble={null}
      theme="dark"
      isNarrow={false}
      labelOf={id => recordFor(id)?.label ?? id}
      set={ignored}
      zoom={ignored}
      retry={ignored}
    />,
  );
}
