/**
 * The dashboard as an Ink component: Ink has the terminal’s keys, `draw` has its screen. Rows do not go through Ink’s
 * own output: it takes every character of every styled row apart on every frame, which costs ten times what making
 * the rows does.
 */
import { useInput } from 'ink';
import { useLayoutEffect, useSyncExternalStore } from 'react';
import type { Dashboard } from './dashboard.ts';

interface Props {
  dashboard: Dashboard;
  /** Shows these rows in place of the previous ones. */
  draw: (rows: readonly string[]) => void;
}

export function Sanctum({ dashboard, draw }: Props): null {
  const rows = useSyncExternalStore(dashboard.subscribe, dashboard.rows);
  useInput(dashboard.key);
  useLayoutEffect(() => {
    draw(rows);
  }, [draw, rows]);
  return null;
}
