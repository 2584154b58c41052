/** What a run's memory was found to be. `growth` is need that grows with the work itself; a leak is kept for nothing. */
export const verdictKinds = [
  'leak',
  'growth',
  'spike',
  'fragmentation',
  'neighbour',
  'cache starvation',
  'allocator configuration',
  'process limit',
  'refused though free',
  'full',
  'host memory',
  'not memory',
  'steady',
  'unmeasured',
] as const;
export type VerdictKind = (typeof verdictKinds)[number];
