/** Figures of the gradient, and of figures that are not finite. */
import type { Family } from './figure.ts';
import { optimised } from './sources.ts';
import { number } from './units.ts';

export const gradient = {
  nonFinite: {
    id: 'TELE-300',
    name: 'Figures Not Finite',
    label: 'NaN',
    summary: 'A figure that was NaN or infinite in the newest update: the training has diverged.',
    question: 'Has the training diverged?',
    meaning:
      'JSON has no NaN, and null would claim that nothing was measured, so non-finite figures travel by name. The reducer stores null for the figure, its name here and what it was in `nonFiniteValues`; any entry makes the status critical, even during warm-up.',
    formula: 'names of the figures whose wire value is NaN, Infinity or −Infinity',
    unit: {
      type: 'list',
      units: 'names of figures',
      range: null,
      precision: 'NaN, inf or -inf in the figure’s place',
      default: [],
    },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'researcher', 'automation'],
    from: optimised('grad_norm', 'gradient.norm'),
    path: 'tamiyo.ppo.nonFinite',
    example: 'gradient norm',
    shown: { trendBroken: ['grad norm NaN', 'gradient norm NaN'], bannerReason: 'gradient norm not finite' },
    tests: [
      'src/emit/emit-ppo-update-event.test.ts#figures that diverged travel by name',
      'src/reduce/reduce.test.ts#is warming up, then well; a figure that is not finite is critical at once, and named',
      'src/sanctum/frame.test.ts#shows a figure that is not finite as NaN in red',
    ],
  },
  gradNorm: {
    id: 'TELE-310',
    name: 'Gradient Norm',
    label: 'grad norm',
    summary: 'Norm of the gradient before it is clipped.',
    question: 'Do gradients explode or vanish?',
    meaning: 'Global L2 norm over all parameters, before clipping, mean over the update’s minibatches.',
    unit: { ...number, range: [0, null] },
    priority: 'P1-important',
    readers: ['developer', 'researcher'],
    from: optimised('grad_norm', 'gradient.norm'),
    path: 'tamiyo.ppo.gradNorm',
    example: 0.43,
    shown: { trends: ['grad norm 0.430', 'gradient norm 0.430'] },
    trend: { order: 80, title: 'gradient norm', step: { label: 'grad norm', title: 'gradient norm' } },
  },
} as const satisfies Family;
