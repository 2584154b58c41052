/** Loops that say in words what others print in pairs → the pairs: `29017th step`, `after 300 steps`, `Loss at step 300: 2.1`, `the loss is 2.1`. */
import { byShape } from './by-shape.ts';

const COUNTER = 'step|iteration|iter|it|epoch|batch|update';
/** Words in front of a loss that is not the step's own. */
const OF_OTHERS = '(?:val(?:id(?:ation)?)?|test|eval(?:uation)?|dev|best|lowest|min(?:imum)?)';
const WORDS: readonly [RegExp, string][] = [
  [new RegExp(`\\b(\\d{1,12})(?:st|nd|rd|th) (${COUNTER})\\b`, 'i'), '$2 $1'],
  [
    new RegExp(`(?<!\\b(?:improv|stopp)\\w{0,8} )\\bafter (\\d{1,12}) (${COUNTER})(?:e?s)?\\b`, 'i'),
    'at $2 $1',
  ],
  [new RegExp(`\\b(${COUNTER})(?:\\.| (?:number|num\\.?|no\\.?|nr\\.?)) ?(?=\\d)`, 'i'), '$1 '],
  [
    new RegExp(
      `(?<!\\b${OF_OTHERS}[ _])\\b(loss)(?: \\([^()]{1,40}\\))? at (?:the )?(${COUNTER}) (\\d{1,12}) ?(?:[:=]|is) ?(?=[-+\\d.n])`,
      'i',
    ),
    '$2 $3: $1: ',
  ],
  [/\b(?:the )?(loss|reward|return) (?:so far )?(?:is|was) (?=[-+\d.])/i, '$1: '],
  // `Total rewards in episode 73 is 3.8`
  [
    /\b((?:(?:total|mean|average|avg) )?(?:reward|return|score)s?) (?:in|of|for) (?:the )?(episode) (\d{1,12})(?: ?[:=]| is| are| was| were) (?=[-+\d.])/i,
    '$2 $3: $1: ',
  ],
  // Gym's first example and its heirs: `Episode 3 finished after 17 timesteps and got 1.0 reward`.
  [
    /\b(episode:? {1,2}\d{1,12}) (?:finished|ended|terminated|done) (?:after|in) (\d{1,12}) (?:time ?)?steps?\b/i,
    '$1, ep_len: $2,',
  ],
  [/(?<=\bepisode\b.{0,200})\b(?:and |it )?got (-?\d[\d.]{0,20}) (reward|return|score)s?\b/i, '$2: $1'],
  // A run or a trial that has a reward, or explores; a search of hyperparameters has trials with scores.
  [
    /^(?:run|trial)[:#]? {1,2}(?=\d{1,12}\b.{0,200}\b(?:reward|return|(?:epsilon|exploration)\b.{0,80}\bscore)\b)/i,
    'episode: ',
  ],
  // A game that is played to its end is an episode.
  [/\bgame(?: number)?[:#]? {1,2}(?=\d{1,12}\b.{0,200}\b(?:reward|return|score)\b)/i, 'episode: '],
  // BasicSR: the seconds of an iteration, and those for its data.
  [/\btime \(data\): ([\d.]{1,12}) \([\d.]{1,12}\)/, 'time: $1 s'],
  // PaddleClas: `[Iter: 10/304]lr(PiecewiseDecay): 0.001`.
  [/\]lr\(\w{1,40}\): /, '] lr: '],
  // build-nanogpt's log file.
  [/^(\d{1,12}) train (?=\d{1,9}\.\d{1,12}\s{0,8}$)/, 'step $1 loss '],
  // PGAN: `[5 :  96000] loss G : 22.8 loss D : -16.2`.
  [/\bloss ([A-Z]{1,2}) ?[:=] ?(?=-?\d)/g, 'loss_$1: '],
  // Tacotron 2; Catalyst; PFRL.
  [/^Train loss (\d{1,12}) ([\d.]{1,24}) Grad Norm /, 'step $1 loss $2 grad_norm '],
  [/^train \((\d{1,9})\/(\d{1,9})\) /, 'epoch $1/$2: '],
  // `Train(3), loss: 2.25, time: 689 s`
  [/^Train(?:ing)?\((\d{1,9})\)[,:] /, 'epoch $1: '],
  [/\bepisode:(\d{1,12}) R:/, 'episode:$1 return:'],
  // The mean so far, right behind a figure: `loss: 0.12(0.14)`.
  [/(?<=[:=] ?-?\d{1,9}\.\d{1,12})\(-?\d{1,9}\.\d{1,12}\)/g, ''],
  // A learning rate of each group, in a tuple or a list.
  [/\blr: ?\(([\d.e+-]{1,20}),(?:[\d.e+, -]{1,80})?\)/, 'lr: $1'],
  [/\blr: ?\[([\d.e+-]{1,24})(?:, ?[\d.e+, -]{1,120})?\]/i, 'lr: $1'],
  // Courses: a cost that is no time.
  [/\bcost after (iteration|epoch|step) (\d{1,12}): ?(?=-?[\d.])/i, '$1 $2: loss: '],
  [
    /(?<=\b(?:batch|iteration|iter|step|epoch)\b.{0,120}[\s|,;])(?<!time )cost: (?=\d{1,9}\.\d{1,12}(?:e[-+]?\d{1,3})?(?:$|\s{0,4}[|,;]))/i,
    'loss: ',
  ],
  // Nematus, dl4mt: `Epoch 0 Update 600 Cost 79.1 PD 0.7 UD 1.7`.
  [/(?<=\bupdate \d{1,12} )cost (?=\d{1,9}\.\d)/i, 'loss: '],
  // A tensor or an array of one, as it prints itself.
  [
    /\btensor\((-?[\d.e+-]{1,24}|nan|-?inf)(?:, ?(?:device|dtype|grad_fn|requires_grad)=[\w'<>:. ]{1,60}){0,4}\)/g,
    '$1',
  ],
  [/\b(loss): ?\[ {0,3}([\d.e+-]{1,24})\]/i, '$1: $2'],
  // The first PyTorch-YOLOv3, whose sum stands among its parts: `[Losses: x 0.2, y 0.3, …, total 15.1, recall: 0.0]`.
  [/\[Losses: (.{1,300}?), total (\d[\d.]{0,20}|nan|inf)/, 'loss $2, $1'],
  // OpenSpiel's AlphaZero: `Losses(total: 3.3, policy: 2.5, value: 0.8, l2: 0.04)`.
  [/(?<=\bLosses\((?:[^()]{0,200}, )?)(\w{1,20}): (?=[-\d.n])/g, '$1 loss: '],
  [/\bLosses\((?=\w{1,20} loss: )/, '| '],
  // open_clip: the seconds of a batch, and a name of two words.
  [/\bBatch \(t\): ([\d.]{1,12})/, 'time: $1 s'],
  [/\bLogit Scale: (?=[\d.])/, 'logit_scale: '],
  // ssd.pytorch's heirs: RFBNet, FaceBoxes, Pytorch_Retinaface; their last counter is of all epochs.
  [
    /\bEpoch: ?\d{1,9}(?:\/\d{1,9})? \|\| Epochiter: ?\d{1,12}\/\d{1,12} ?\|\| (?:Totel )?Iter:? ?(\d{1,12}(?:\/\d{1,12})?) /i,
    'global_step: $1 ',
  ],
  [/\|\| L: ([\d.]{1,24}|nan|inf) C: ([\d.]{1,24}|nan|inf) ?\|\|/, '| loss_l: $1 | loss_c: $2 |'],
  [
    /\|\| (?:Bbox|Loc): ([\d.]{1,24}|nan|inf) Cla: ([\d.]{1,24}|nan|inf) Landm: ([\d.]{1,24}|nan|inf) ?\|\|/,
    '| loss_l: $1 | loss_c: $2 | loss_landm: $3 |',
  ],
  [/\|\| ?Batch ?time: ([\d.]{1,24}) s(?:ec\.)?/, '| time: $1 s'],
  // DeepRL.
  [
    /\btotal steps (\d{1,15}), returns (-?[\d.]{1,24})\/(-?[\d.]{1,24})\/(-?[\d.]{1,24})\/(-?[\d.]{1,24}) \(mean\/median\/min\/max\), [\d.]{1,24} steps\/s/,
    'step $1, mean return: $2, median: $3, min: $4, max: $5',
  ],
  // TD3 and its heirs: all steps, episodes and steps of this one.
  [
    /\bTotal T: (\d{1,12}) Episode Num: (\d{1,9}) Episode T: (\d{1,9}) Reward: (?=-?\d)/,
    'step: $1, episodes: $2, episode length: $3, return: ',
  ],
  // The loops of a book on it, PTAN's: `935: done 1 games, mean reward -19.000, speed 281.93 f/s, eps 0.99`.
  [/^(\d{1,12}): done (\d{1,9}) (?:games|episodes), (?=(?:mean )?reward )/, 'step: $1, games: $2, '],
  [/(?<=\breward .{0,200}), speed ([\d.]{1,12}) f\/s/, ', samples/sec: $1'],
  // The share of a batch that PPO has clipped.
  [/\bclip(?:ped)? ?% ?([:=]) ?(?=[\d.]{1,12} ?%)/i, 'clip_fraction$1 '],
  // pytracking: an epoch and its batch.
  [/^\[train: {0,3}(\d{1,9}), {0,3}(\d{1,12}) \/ {0,3}(\d{1,12})\] /, 'epoch: $1, batch: $2/$3, '],
  // Paddle's first two trainers: `Pass 3, Batch 100, Cost 2.26, {'classification_error_evaluator': 0.83}`; `Batch=200 samples=3200 AvgCost=2.5 CurrentCost=2.53 Eval: …`.
  [
    /\bPass (\d{1,9}), Batch (\d{1,12}), Cost ([-\d.e+]{1,24}|nan|inf)(?:, \{([^{}]{0,300})\})?/,
    'epoch: $1, batch: $2, loss: $3, $4',
  ],
  [/'(\w{1,60})': (-?[\d.]{1,24})(?=, |\s{0,4}$)/g, '$1: $2'],
  [
    /(?<=\bBatch=\d{1,12} samples=\d{1,15} )AvgCost=([-\d.e+]{1,24}|nan|inf) CurrentCost=([-\d.e+]{1,24}|nan|inf)(?: Eval: )?/,
    'loss: $2, avg_cost: $1, ',
  ],
  // PaddleDetection before 2: `iter: 20, lr: 0.01, 'loss_cls': '0.35', 'loss': '2.5'`.
  [/'(\w{1,40})': '([\d.]{1,24}|nan|inf)'/g, '$1: $2'],
  // `>3, d1[0.56] d2[0.52] g[8.26]`
  [/(?<=^>.{0,200}\b[dgc]\d?)\[([\d.]{1,20})\]/g, '=$1'],
];

/** One of these is in each line that is read for its words; most lines are not. */
const LIKELY = byShape(
  /\d(?:st|nd|rd|th) |\bafter \d|\b(?:loss|reward|return) (?:\(|at |is |was |so far )|\b(?:step|iteration|iter|it|epoch|batch|update)(?:\.| n)|\]lr\(|^train (?:loss|\()|^train(?:ing)?\(\d|\bepisode:|^>\d|\blr: ?[([]|\blosses\(|\[losses: |\btensor\(|\bloss: ?(?:\[|\d[\d.]{0,20}\()|\blogit scale: |\bcost(?:: | after |(?<= \d{1,12} cost) \d)|\bbatch \(t\): |epochiter|\btime \(data\)|\bgame(?: number)?[:#]? {1,2}\d|^(?:run|trial)[:#]? {1,2}\d|\bgot -?\d|\b(?:reward|return|score)s? (?:in|of|for) |\btotal steps \d|\bclip(?:ped)? ?%|\btotal t: \d|^\d{1,12}: done \d|, speed \d|': '\d|^\d{1,12} train \d|\bloss [a-z]{1,2} ?[:=]|\bpass \d|^\[train: |\bavgcost=/i,
);

export function inPairs(text: string): string {
  if (!LIKELY.test(text)) return text;
  return WORDS.reduce((line, [word, pairs]) => line.replace(word, pairs), text);
}
