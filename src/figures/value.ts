/** Figures of the value function. */
import type { Family } from './figure.ts';
import { optimised } from './sources.ts';
import { fraction, number } from './units.ts';

export const valueFunction = {
  explainedVariance: {
    id: 'TELE-200',
    name: 'Explained Variance',
    label: 'expl. var.',
    summary:
      'How much of the returns’ variance the value function explains: 1 is all, 0 none, below 0 worse than a constant.',
    question: 'Does the value function help?',
    meaning:
      'Null where the returns hardly vary, their standard deviation below 0.5% of their mean, as in a task that is solved: a share of nothing means nothing. A loop of one’s own reports what it computes.',
    formula: 'explainedVariance = 1 − Var(returns − values) / Var(returns)',
    unit: { ...number, range: [null, 1] },
    priority: 'P1-important',
    readers: ['developer', 'researcher'],
    from: optimised('explained_variance', 'value.explainedVariance'),
    path: 'tamiyo.ppo.explainedVariance',
    bounds: {
      warning: { below: 0 },
      critical: null,
      meaning: {
        healthy: 'The value function is at least as good as a constant',
        warning: 'The value function is worse than a constant: advantages are noise',
      },
      judgedAt: 'tamiyo.ppo.status',
      widget: 'StatusBanner',
      styles: { warning: 'bold yellow' },
      examples: [
        [0, 'healthy', null],
        [-0.01, 'warning', 'explained variance -0.01'],
        [-0.5, 'warning', 'explained variance -0.50'],
      ],
    },
    example: 0.87,
    shown: { banner: 'expl.var 0.870', trends: ['expl. var. 0.870', 'explained variance 0.870'] },
    trend: { order: 40, title: 'explained variance' },
    metric: { name: 'esper.ppo.explained_variance', help: 'Of the returns, by the value function' },
  },
  valueLoss: {
    id: 'TELE-230',
    name: 'Value Loss',
    label: 'value loss',
    summary: 'Squared error of the value function against the returns.',
    question: 'Does the value function learn?',
    meaning: 'Mean over the update’s minibatches; its scale is that of the returns, squared.',
    unit: { ...fraction, units: 'reward²', range: [0, null] },
    priority: 'P1-important',
    readers: ['developer', 'researcher'],
    from: optimised('value_loss', 'loss.value'),
    path: 'tamiyo.ppo.valueLoss',
    example: 4.1,
    shown: { trends: 'value loss 4.10' },
    trend: { order: 60 },
  },
} as const satisfies Family;
