/** One running episode of a task: its state, its clock and its time limit. */
import type { Random } from '../random.ts';
import type { Task } from './task.ts';

export interface Step {
  reward: number;
  /** The task itself ended. */
  terminated: boolean;
  /** The time limit cut the episode off: the return would have gone on. */
  truncated: boolean;
}

export class Environment {
  readonly task: Task;
  /** State of the task; see the task for its entries. */
  state: readonly number[] = [];
  /** Steps since the episode began. */
  elapsed = 0;

  constructor(task: Task) {
    this.task = task;
  }

  reset(random: Random): void {
    this.state = this.task.start(random);
    this.elapsed = 0;
  }

  step(action: ArrayLike<number>): Step {
    const { state, reward, terminated } = this.task.advance(this.state, action);
    this.state = state;
    this.elapsed++;
    return { reward, terminated, truncated: !terminated && this.elapsed >= this.task.timeLimit };
  }

  /** Writes the observation of the present state. */
  observe(observation: Float32Array): void {
    this.task.observe(this.state, observation);
  }
}
