/** Overwatch's server and page, and what is exported. */
import type { Mutation } from './mutation.ts';

const guard = 'test/serve/guard.test.ts';

export const serving: readonly Mutation[] = [
  {
    rule: 'a wrong token of the right length is wrong',
    file: 'src/serve/guard.ts',
    from: 'a.length === b.length && timingSafeEqual(a, b)',
    to: 'a.length === b.length',
    test: [guard, 'a token of its length opens nothing'],
  },
  {
    rule: 'tokens of unequal length are compared without a throw',
    file: 'src/serve/guard.ts',
    from: 'a.length === b.length && timingSafeEqual(a, b)',
    to: 'timingSafeEqual(a, b)',
    test: [guard, 'a token that goes on opens nothing'],
  },
  {
    rule: 'the cookie must hold the token',
    file: 'src/serve/guard.ts',
    from: '(cookie && equal(cookie, token))',
    to: 'cookie',
    test: [guard, 'opens nothing: in a header, a cookie or a link'],
  },
  {
    rule: 'no metric is 0 for want of a measurement',
    file: 'src/export/prometheus.ts',
    from: "(d.infrastructure.memoryStatus === 'unmeasured' ? null : d.infrastructure.memoryUsagePercent)",
    to: 'd.infrastructure.memoryUsagePercent',
    test: ['test/serve/prometheus.test.ts', 'not one metric is 0 for want of a measurement'],
  },
  {
    rule: 'the pressure chart is peak over budget',
    file: 'src/serve/chart-points.ts',
    from: 'put(name.pressureFraction, peak / budget)',
    to: 'put(name.pressureFraction, peak / budget / 2)',
    test: ['test/serve/device-charts.test.ts', 'pressureFraction'],
  },
];
