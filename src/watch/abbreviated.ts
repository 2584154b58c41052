/** Lines of loops of reinforcement learning that abbreviate their names → the names that others print: `| train | F: 2000 | S: 1000 | R: 12.5 |`, `U 1 | F 002048 | rR:μσmM 0.17 …`. */

type Names = Readonly<Record<string, string>>;

/** DrQ, DrQ-v2, CURL, RAD and their heirs: frames, steps, episodes, an episode's length and return, the batch's reward. */
const OF_TRAIN: Names = {
  F: 'frames',
  S: 'step',
  E: 'episodes',
  L: 'episode length',
  R: 'return',
  BR: 'batch_reward',
  ALOSS: 'actor_loss',
  A_LOSS: 'actor_loss',
  CLOSS: 'critic_loss',
  CR_LOSS: 'critic_loss',
  FPS: 'samples/sec',
};
const TRAIN = /^\| train {1,3}\| (?:[A-Z_]{1,12}: [^|]{1,24}(?:\||$) {0,2}){2,20}$/;
const TRAIN_PAIR = /\| ([A-Z_]{1,12}): /g;

/** rl-starter-files and its heirs, where return and length have their mean, deviation, least and most: the mean counts. */
const OF_UPDATE: Names = {
  U: 'update',
  F: 'frames',
  FPS: 'samples/sec',
  'rR:μσmM': 'return:',
  'R:μσmM': 'return:',
  H: 'entropy',
  V: 'value',
  pL: 'policy_loss',
  vL: 'value_loss',
  '∇': 'grad_norm',
};
const UPDATE = /^(?:[^|]{0,60}: )?U \d{1,9} \| F \d{1,15} \| FPS \d/;
const UPDATE_PAIR =
  /(^|\| |: )([A-Za-z∇]{1,3}(?::μσmM)?) (-?[\d.]{1,20})(?: -?[\d.]{1,20}){0,3}(?= \||\s{0,4}$)/g;

/** `# of episode :20, avg score : 12.3`, `n_episode :20, score : 12.3`: minimalRL. */
const EPISODE = /^(?:# of episode|n_episode) ?: ?(?=\d)/;
/** `20480: reward=4.142`, MuJoCo Playground: the environment's steps. */
const REWARD = /^(\d{1,15}): (?=reward=-?\d)/;

/** YOLACT: `[  0]      10 || B: 5.467 | C: 18.113 | T: 43.038 || ETA: 5 days, 3:55:21 || timer: 0.602`, an iteration, its losses and their sum. */
const YOLACT =
  /^\[ {0,4}\d{1,9}\] {1,12}(\d{1,12}) \|\| ((?:[A-Z]: [\d.]{1,24} \| ){1,8})T: ([\d.]{1,24}|nan|inf) \|\| ETA: .{1,40} \|\| (?=timer: )/;

/** The Flax examples of Hugging Face: `Step... (500 | Loss: 3.2, Learning Rate: 4.5e-05)`, `Epoch... (1/3 | Loss: 3.0, …`. */
const FLAX = /^(Step|Epoch)\.\.\. \((\d{1,12}(?:\/\d{1,12})? \| .{1,400}?)\)?\s{0,8}$/;

/** Each of these stands in such lines, in small letters. */
export const abbreviatedMarks: readonly string[] = [
  '| train ',
  ' | fps ',
  'n_episode',
  'reward=',
  ' || eta: ',
];

/** `ε: 0.60 ⍺: 0.50`: letters that stand alone as names. */
const GREEK: Names = {
  ε: 'epsilon',
  ϵ: 'epsilon',
  α: 'alpha',
  '⍺': 'alpha',
  β: 'beta',
  γ: 'gamma',
  λ: 'lambda',
  μ: 'mu',
  σ: 'sigma',
  τ: 'tau',
};
const GREEK_NAME = /(?<![\p{L}\d_])[εϵα⍺βγλμστ](?= ?[:=] {0,8}-?\d)/gu;

export const spelledOut = (text: string): string =>
  withoutAbbreviations(
    /[\u03b1-\u03f5\u237a]/.test(text) ? text.replace(GREEK_NAME, letter => GREEK[letter]!) : text,
  );

function withoutAbbreviations(text: string): string {
  switch (text[0]) {
    case '|':
      return TRAIN.test(text)
        ? text.replace(TRAIN_PAIR, (all, name: string) => all.replace(name, OF_TRAIN[name] ?? name))
        : text;
    case '#':
    case 'n':
      return text.replace(EPISODE, 'episode: ');
    case 'S':
    case 'E':
      return text.replace(FLAX, '$1: $2');
    case '[':
      return text.includes(' || ETA: ') ? text.replace(YOLACT, 'iteration $1 | loss: $3 | $2') : text;
    default:
      break;
  }
  if (text.includes(': reward=')) return text.replace(REWARD, 'step: $1, ');
  if (!text.includes('| FPS ') || !UPDATE.test(text)) return text;
  return text.replace(
    UPDATE_PAIR,
    (_, front: string, name: string, value: string) => `${front}${OF_UPDATE[name] ?? name} ${value}`,
  );
}
