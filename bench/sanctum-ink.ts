/** The peer of bench/sanctum.ts: the same run and the same rows, but drawn by Ink's own writer, tuned as well as it can be. */
process.env.NODE_ENV = 'production';
const { render, Text, Box } = await import('ink');
const { createElement } = (await import('react')).default;
const { LiveRun } = await import('../src/cli/live-run.ts');
const { frame, initialView } = await import('../src/sanctum/index.ts');

const live = new LiveRun(process.argv[2]!);
const tree = () => {
  const { columns, rows } = process.stdout;
  // A frame as tall as the terminal would make Ink clear all of it, the scrollback too, on every update.
  const view = { ...initialView({ width: columns, height: rows - 1, nowMs: Date.now() }), color: true };
  const texts = frame(live.getState().snapshot, view).map((row, key) =>
    createElement(Text, { key, wrap: 'truncate' }, row === '' ? ' ' : row),
  );
  return createElement(Box, { flexDirection: 'column' }, ...texts);
};
const app = render(tree(), { maxFps: 10, incrementalRendering: true });
live.subscribe(() => app.rerender(tree()));
await live.follow();

export {};
