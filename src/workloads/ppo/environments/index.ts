/** The tasks there are, by Gymnasium's names. */
import { acrobot } from './acrobot.ts';
import { cartPole } from './cart-pole.ts';
import { pendulum } from './pendulum.ts';
import type { Task } from './task.ts';

export { type ActionSpace, actionWidth, type Task } from './task.ts';

const tasks: readonly Task[] = [cartPole, acrobot, pendulum];

export const taskNames: readonly string[] = tasks.map(task => task.name);

/** @throws {RangeError} one sentence that lists the known names */
export function findTask(name: string): Task {
  const task = tasks.find(task => task.name === name);
  if (task === undefined)
    throw new RangeError(`There is no environment "${name}": choose ${taskNames.join(', ')}.`);
  return task;
}
