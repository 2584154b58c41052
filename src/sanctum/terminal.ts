/** What a terminal can show, by the conventions that users know: NO_COLOR, FORCE_COLOR, TERM. */

type Env = Record<string, string | undefined>;

/** Whether to write colours. FORCE_COLOR goes before NO_COLOR, as in Node itself. */
export function hasColor(env: Env, isTTY: boolean): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return isTTY && env.TERM !== 'dumb';
}

/** Whether a dashboard can be drawn there and keys be read; otherwise plain lines are right. */
export const canDraw = (env: Env, stdout: { isTTY?: boolean }, stdin: { isTTY?: boolean }): boolean =>
  stdout.isTTY === true && stdin.isTTY === true && env.TERM !== 'dumb';
