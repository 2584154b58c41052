/**
 * Names of the figures that every training has, in any spelling: `Grad Norm`, `grad-norm`, `GradNorm`; `tok/s`, `Tokens/sec`, `tokens_per_sec`. They are known by
 * their letters, a stroke as `per`; a name with a digit is one of several.
 */
import { byText } from './by-shape.ts';
import type { KnownKey } from './known-keys.ts';

const SECOND = ['s', 'sec', 'second'];
const TIMED = ['step', 'it', 'iter', 'iteration', 'batch'];
const rates = (...things: string[]): string[] =>
  things.flatMap(thing =>
    SECOND.flatMap(unit => ['', 'throughput', 'global'].map(front => `${front}${thing}per${unit}`)),
  );

const FIELDS: ReadonlyMap<string, KnownKey> = new Map<string, KnownKey>([
  ...['lr', 'lrate', 'learningrate', 'currentlr', 'currlr', 'curlr', 'currentlearningrate'].map(
    name => [name, { update: 'policy.learningRate', step: 'learningRate' }] as const,
  ),
  ...['grad', 'gradnorm', 'gradsnorm', 'gradientnorm', 'gnorm', 'normgrad'].map(
    name => [name, { update: 'gradient.norm', step: 'gradNorm' }] as const,
  ),
  ...['tps', ...rates('tok', 'toks', 'token', 'tokens')].map(
    name => [name, { step: 'tokensPerSecond' }] as const,
  ),
  ...rates('sample', 'samples', 'example', 'examples', 'img', 'imgs', 'image', 'images').map(
    name => [name, { step: 'samplesPerSecond' }] as const,
  ),
  // Lingua’s: words are its tokens.
  ['wps', { step: 'tokensPerSecond' }],
  ...['curritertime', 'itertimes'].map(name => [name, { step: 'stepMs', power: 3 }] as const),
  ...TIMED.map(thing => [`msper${thing}`, { step: 'stepMs' }] as const),
  ...TIMED.flatMap(thing => [`sper${thing}`, `secper${thing}`]).map(
    name => [name, { step: 'stepMs', power: 3 }] as const,
  ),
]);

/** Of the training, as some say in front of all their names, or the group of its records that a figure is in. */
const FRONT = /^(?:train(?:ing|er)?[/_ ]|(?:optim(?:izer)?|opt|perf(?:ormance)?|speed|throughput)\/)/i;
const LONGEST = 40;
/** The time of a step, where a unit stands behind it. */
const STEP_TIME =
  /^(?:(?:avg|average|mean|last) ?)?(?:step|iter|iteration|batch)[ _-]?(?:time|duration)$|^time(?:\/|[ _]per[ _])(?:step|it|iter|iteration|batch)$/i;

export const isStepTime = byText((key: string) => key.length <= LONGEST && STEP_TIME.test(key));

/** What such a name means; undefined for any other. */
export const spelledKey = byText((key: string): KnownKey | undefined =>
  key.length > LONGEST || /\d/.test(key)
    ? undefined
    : FIELDS.get(
        key
          .replace(FRONT, '')
          .toLowerCase()
          .replaceAll('/', 'per')
          .replace(/[^a-z]/g, ''),
      ),
);
