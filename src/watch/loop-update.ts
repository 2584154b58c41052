/**
 * What loops of reinforcement learning print of an update on one line: `policy_loss`, `Critic Loss`, `entropy`, `KL`. Such a line is an update; one that
 * has an episode's return and none of these is a step, as with DQN.
 */
import { byText } from './by-shape.ts';
import type { Figures, Names } from './figures.ts';
import { type KnownKey, update } from './known-keys.ts';

/** Fields by a key's letters alone: `Policy Loss`, `policy_loss`, `PolicyLoss`. */
const FIELDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'loss.policy':
      'policyloss policygradientloss pgloss actorloss losspolicy lossactor losspi piloss surrogateloss aloss ploss averagepolicyloss avgpolicyloss meanpolicyloss avgactorloss meanactorloss',
    'loss.value':
      'valueloss valuefunctionloss vfloss vloss criticloss lossvalue losscritic lossv closs averagevalueloss avgvalueloss meanvalueloss avgcriticloss meancriticloss',
    'policy.entropy': 'entropy ent policyentropy meanentropy avgentropy averageentropy entropymean',
    'policy.approxKl': 'approxkl klapprox approximatekl meankl avgkl kldivergence kldiv kl',
    'policy.clipFraction': 'clipfrac clipfraction clipfracs',
    'value.explainedVariance': 'explainedvariance explainedvar expvar',
  }).flatMap(([field, spellings]) => spellings.split(' ').map(spelling => [spelling, field] as const)),
);
/** A KL is that to the policy before the update where these stand beside it; else it may be to a reference model, or of a VAE. */
const BESIDE_KL = new Set(['loss.value', 'policy.clipFraction']);
/** What no supervised loop prints beside an entropy. */
const ADVANTAGE = /^(?:(?:mean|avg|average)[ _]?)?advantages?$/i;
/** Fields of a step that an update has by another name. */
const OF_UPDATE: Readonly<Record<string, string>> = {
  learningRate: 'policy.learningRate',
  gradNorm: 'gradient.norm',
  samplesPerSecond: 'timing.stepsPerSecond',
};

const fieldOf = byText((key: string): string | undefined =>
  FIELDS.get(key.toLowerCase().replace(/[^a-z]/g, '')),
);

/**
 * What the figures of a line mean as an update's; null where it is none.
 * @param isRl whether environments gave a return, or the loop has printed updates
 * @param names what they mean as a step's
 */
export function updateNames(figures: Figures, isRl: boolean, names: Names): Names | null {
  const found = new Map<string, string>();
  for (const key of figures.keys()) {
    const field = fieldOf(key);
    if (field !== undefined && !found.has(field)) found.set(field, key);
  }
  if (![...found.keys()].some(field => BESIDE_KL.has(field))) found.delete('policy.approxKl');
  const hasBoth = found.has('loss.policy') && found.has('loss.value');
  const hasAdvantage = found.has('policy.entropy') && [...figures.keys()].some(key => ADVANTAGE.test(key));
  if (found.size === 0 || !(isRl || hasBoth || hasAdvantage)) return null;
  const own: Record<string, KnownKey> = {};
  for (const key of figures.keys()) {
    const { step, power } = (Object.hasOwn(names, key) ? names[key] : undefined) ?? {};
    const field = OF_UPDATE[step ?? ''];
    if (field !== undefined) own[key] = update(field, power === undefined ? {} : { power });
    else if (/^SPS$/i.test(key)) own[key] = update('timing.stepsPerSecond');
  }
  for (const [field, key] of found) own[key] = update(field);
  return { ...names, ...own };
}
