/** How the estimates of a report were made, and their limits. */
import type { RunReport } from '../contract/index.ts';
import { many } from '../present/index.ts';

/** Only of what the report has. */
export function method({ run, devices }: RunReport): string[] {
  const items = [
    ...(devices.some(
      ({ highestPressure, headroomAtBestBytes }) => (highestPressure ?? headroomAtBestBytes) !== null,
    )
      ? [
          'Budget: what the process’s pool holds and the device has free, up to the process’s own limit. Pressure: the peak of an update over it. ' +
            'Headroom is a range: pieces stranded in the pool may serve a request, or not.',
        ]
      : []),
    ...(devices.some(({ attribution }) => attribution.status !== 'unmeasured')
      ? [
          'Lost time: updates in which the allocator was busier than usual, compared with the nearest quiet ones that did the same work. The interval ' +
            'holds the truth in 95 of 100 cases; where it does not lie above zero, no loss is reported. Warm-up is left out.',
        ]
      : []),
    ...(devices.some(({ forecast }) => forecast.status !== 'unmeasured')
      ? [
          'Forecast: a robust line (Theil–Sen) through what was left of the budget since the run began or last changed, extrapolated with the ' +
            'uncertainty of the fit. The range holds the truth in 90 of 100 cases, if the trend continues.',
        ]
      : []),
    ...(devices.length > 0
      ? [
          'A finding is the explanation that fits the figures: “certain” where nothing else explains them, “likely” and “possible” where something else might.',
        ]
      : []),
  ];
  if (devices.some(({ isUpperBound }) => isUpperBound))
    items.push(
      'The peaks were never reset, so they are those of the whole run: values marked “at most” or ≤ may have been lower.',
    );
  if (devices.some(({ timeline }) => timeline.some(({ updates }) => updates > 1)))
    items.push(
      'Plots join neighbouring updates: of peaks and pressure the highest is drawn, of the budget the lowest, of all else the mean.',
    );
  const lost = [
    run.lostEvents > 0 ? `${many(run.lostEvents, 'event was', 'events were')} lost` : null,
    run.unreadableLines > 0 ? `${many(run.unreadableLines, 'line')} could not be read` : null,
  ].filter(Boolean);
  items.push(
    `Made from ${many(run.events, 'event')} of ${many(run.ranks, 'rank')}${lost.length > 0 ? `; ${lost.join(', ')}` : ', none lost'}. TELE-… names a figure’s record: npx esper records show TELE-770.`,
  );
  if (run.updates < 30)
    items.push(
      `The run made ${many(run.updates, 'update')}: intervals of so few are wide, and some figures need more.`,
    );
  return items;
}
