/**
 * Pendulum-v1: swing a pendulum up and hold it there with a torque of at most 2 N·m. The reward is the
 * negative cost of angle, speed and torque; no state ends the task.
 */
import { clamp, type Task } from './task.ts';

const GRAVITY = 10;
const MASS = 1;
const LENGTH = 1;
const SECONDS_PER_STEP = 0.05;
const MAX_SPEED = 8;
const MAX_TORQUE = 2;

/** The angle, in [−π, π). */
function wrap(angle: number): number {
  const turn = 2 * Math.PI;
  return ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI;
}

/** State: θ from upright (rad, not wrapped), its speed (rad/s). */
export const pendulum: Task = {
  name: 'Pendulum-v1',
  observationSize: 3,
  actionSpace: { kind: 'continuous', size: 1, low: [-MAX_TORQUE], high: [MAX_TORQUE] },
  timeLimit: 200,

  start: random => [random.uniform(-Math.PI, Math.PI), random.uniform(-1, 1)],

  advance(state, action) {
    const [theta, speed] = state as [number, number];
    const torque = clamp(action[0]!, -MAX_TORQUE, MAX_TORQUE);
    const cost = wrap(theta) ** 2 + 0.1 * speed ** 2 + 0.001 * torque ** 2;
    const acceleration =
      ((3 * GRAVITY) / (2 * LENGTH)) * Math.sin(theta) + (3 / (MASS * LENGTH ** 2)) * torque;
    const nextSpeed = clamp(speed + acceleration * SECONDS_PER_STEP, -MAX_SPEED, MAX_SPEED);
    return {
      state: [theta + nextSpeed * SECONDS_PER_STEP, nextSpeed],
      reward: -cost,
      terminated: false,
    };
  },

  observe(state, observation) {
    const [theta, speed] = state as [number, number];
    observation[0] = Math.cos(theta);
    observation[1] = Math.sin(theta);
    observation[2] = speed;
  },
};
