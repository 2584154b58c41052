/**
 * CartPole-v1: keep a pole upright on a cart by pushing the cart left (0) or right (1). One point a step.
 * Barto, Sutton and Anderson (1983); equations of Florian (2007) without friction, explicit Euler.
 */
import type { Task } from './task.ts';

const GRAVITY = 9.8;
const POLE_MASS = 0.1;
const TOTAL_MASS = 1.0 + POLE_MASS;
const HALF_LENGTH = 0.5;
const POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH;
const FORCE = 10.0;
const SECONDS_PER_STEP = 0.02;
const X_LIMIT = 2.4;
const THETA_LIMIT = (12 * 2 * Math.PI) / 360;

/** State and observation: x (m), its speed, θ from upright (rad), its speed. */
export const cartPole: Task = {
  name: 'CartPole-v1',
  observationSize: 4,
  actionSpace: { kind: 'discrete', n: 2 },
  timeLimit: 500,

  start: random => Array.from({ length: 4 }, () => random.uniform(-0.05, 0.05)),

  advance(state, action) {
    const [x, xDot, theta, thetaDot] = state as [number, number, number, number];
    const force = action[0] === 1 ? FORCE : -FORCE;
    const cos = Math.cos(theta);
    const sin = Math.sin(theta);
    const push = (force + POLE_MASS_LENGTH * thetaDot * thetaDot * sin) / TOTAL_MASS;
    const thetaAcceleration =
      (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cos * cos) / TOTAL_MASS));
    const xAcceleration = push - (POLE_MASS_LENGTH * thetaAcceleration * cos) / TOTAL_MASS;
    const nextX = x + SECONDS_PER_STEP * xDot;
    const nextTheta = theta + SECONDS_PER_STEP * thetaDot;
    return {
      state: [
        nextX,
        xDot + SECONDS_PER_STEP * xAcceleration,
        nextTheta,
        thetaDot + SECONDS_PER_STEP * thetaAcceleration,
      ],
      reward: 1,
      terminated: Math.abs(nextX) > X_LIMIT || Math.abs(nextTheta) > THETA_LIMIT,
    };
  },

  observe: (state, observation) => observation.set(state),
};
