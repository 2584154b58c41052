/**
 * The dashboard as an Ink component: Ink has the terminal’s keys, `draw` has its screen. Rows do not go through Ink’s
 * own output: it takes every character of every styled row apart on every frame, which costs ten times what making
 * the rows does.
 */
import { EventEmitter } from 'node:events';
import { render, useInput } from 'ink';
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

/** Mounts the component on the keys of `stdin`. */
export function mount(
  props: Props,
  stdin: NodeJS.ReadStream,
): { unmount: () => void; ended: Promise<unknown> } {
  const { unmount, waitUntilExit } = render(<Sanctum {...props} />, {
    stdout: nowhere(),
    stdin,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  return { unmount, ended: waitUntilExit() };
}

/** For what Ink itself would write: it has nothing to show, and the cursor is the screen’s affair. */
const nowhere = (): NodeJS.WriteStream =>
  Object.assign(new EventEmitter(), { columns: 80, write: () => true }) as unknown as NodeJS.WriteStream;
