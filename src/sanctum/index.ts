/** Sanctum, the terminal dashboard: a frame as a function of the snapshot, and that frame kept alive on a terminal. */
export type { SanctumSource, SanctumState } from './dashboard.ts';
export { frame } from './frame.ts';
export { openSanctum, type ReplayControls, type SanctumHandle, type SanctumOptions } from './open-sanctum.ts';
export { plainLine } from './plain-line.ts';
export { canDraw, hasColor } from './terminal.ts';
export { initialView, type LogHealth, type ReplayState, type View } from './view.ts';
