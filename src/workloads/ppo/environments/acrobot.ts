/**
 * Acrobot-v1: swing the free end of a two-link arm above a line, with torque −1, 0 or +1 on the joint between
 * the links. −1 a step until it is there. Sutton and Barto's book (its form of the second joint's
 * acceleration), one Runge–Kutta step of fourth order each 0.2 s.
 */
import { clamp, type Task } from './task.ts';

const GRAVITY = 9.8;
const MASS = 1; // of either link
const LENGTH = 1; // of the first link
const CENTRE = 0.5; // of mass, along either link
const INERTIA = 1; // of either link
const SECONDS_PER_STEP = 0.2;
const MAX_SPEED_1 = 4 * Math.PI;
const MAX_SPEED_2 = 9 * Math.PI;

type State = readonly [theta1: number, theta2: number, speed1: number, speed2: number];

function derivative([theta1, theta2, speed1, speed2]: State, torque: number): State {
  const cos2 = Math.cos(theta2);
  const sin2 = Math.sin(theta2);
  const coupling = MASS * LENGTH * CENTRE;
  const d1 =
    MASS * CENTRE ** 2 + MASS * (LENGTH ** 2 + CENTRE ** 2 + 2 * LENGTH * CENTRE * cos2) + 2 * INERTIA;
  const d2 = MASS * (CENTRE ** 2 + LENGTH * CENTRE * cos2) + INERTIA;
  const phi2 = MASS * CENTRE * GRAVITY * Math.cos(theta1 + theta2 - Math.PI / 2);
  const phi1 =
    -coupling * speed2 ** 2 * sin2 -
    2 * coupling * speed2 * speed1 * sin2 +
    (MASS * CENTRE + MASS * LENGTH) * GRAVITY * Math.cos(theta1 - Math.PI / 2) +
    phi2;
  const acceleration2 =
    (torque + (d2 / d1) * phi1 - coupling * speed1 ** 2 * sin2 - phi2) /
    (MASS * CENTRE ** 2 + INERTIA - d2 ** 2 / d1);
  const acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return [speed1, speed2, acceleration1, acceleration2];
}

/** state + scale × slope */
const along = (state: State, slope: State, scale: number): State => [
  state[0] + scale * slope[0],
  state[1] + scale * slope[1],
  state[2] + scale * slope[2],
  state[3] + scale * slope[3],
];

function rungeKutta(state: State, torque: number, h: number): State {
  const k1 = derivative(state, torque);
  const k2 = derivative(along(state, k1, h / 2), torque);
  const k3 = derivative(along(state, k2, h / 2), torque);
  const k4 = derivative(along(state, k3, h), torque);
  const weighted = along(along(along(k1, k2, 2), k3, 2), k4, 1);
  return along(state, weighted, h / 6);
}

/** The angle plus the multiple of 2π that brings it into [−π, π]. */
function wrap(angle: number): number {
  if (!Number.isFinite(angle)) return angle;
  let wrapped = angle;
  while (wrapped > Math.PI) wrapped -= 2 * Math.PI;
  while (wrapped < -Math.PI) wrapped += 2 * Math.PI;
  return wrapped;
}

/** State: θ1 from hanging down, θ2 from the first link's direction (rad), their speeds (rad/s). */
export const acrobot: Task = {
  name: 'Acrobot-v1',
  observationSize: 6,
  actionSpace: { kind: 'discrete', n: 3 },
  timeLimit: 500,

  start: random => Array.from({ length: 4 }, () => random.uniform(-0.1, 0.1)),

  advance(state, action) {
    const torque = action[0]! - 1;
    const [theta1, theta2, speed1, speed2] = rungeKutta(state as unknown as State, torque, SECONDS_PER_STEP);
    const next: State = [
      wrap(theta1),
      wrap(theta2),
      clamp(speed1, -MAX_SPEED_1, MAX_SPEED_1),
      clamp(speed2, -MAX_SPEED_2, MAX_SPEED_2),
    ];
    const terminated = -Math.cos(next[0]) - Math.cos(next[1] + next[0]) > 1;
    return { state: next, reward: terminated ? 0 : -1, terminated };
  },

  observe(state, observation) {
    const [theta1, theta2, speed1, speed2] = state as unknown as State;
    observation[0] = Math.cos(theta1);
    observation[1] = Math.sin(theta1);
    observation[2] = Math.cos(theta2);
    observation[3] = Math.sin(theta2);
    observation[4] = speed1;
    observation[5] = speed2;
  },
};
