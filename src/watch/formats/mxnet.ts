/**
 * MXNet's Speedometer, the scripts of Gluon and GluonCV, and Sockeye: `Epoch[0] Batch [0-50]⇥Speed: 1423.1 samples/sec⇥accuracy=0.41`, once a
 * metric in the older ones, `[Epoch 3][Batch 99], Speed: 102.3 samples/sec, SmoothL1=1.2`, `E=0 B=100⇥s/sec=2213.0 tok/sec=61920.1⇥perplexity=42.1`.
 * Where no batch is printed, epochs are the steps: `Epoch[0] Train-accuracy=0.81`, `[Epoch 0] training: accuracy=0.81`. Sockeye's checkpoints are steps
 * between its batches: `Checkpoint [1]⇥Updates=20 Epoch=2 …`, then `Checkpoint [1]⇥Train-ppl=12.06`.
 */
import type { Pair } from '../key-values.ts';
import { perLog, reportFormat } from '../report-format.ts';

const BATCH =
  /(?:\b(?:Epoch|Iter)\[(\d{1,9})\] Batch ?\[(?:\d{1,12}-)?(\d{1,12})\]|\[Epoch (\d{1,9})\]? ?\[?Batch (\d{1,12})(?:\/\d{1,12})?\],?|(?:^|\s)E=(\d{1,9}) B=(\d{1,12})\s)/;
const EPOCH = /(?:\bEpoch\[(\d{1,9})\] (?=Train-)|\[Epoch (\d{1,9})\] [Tt]raining: )/;
const CHECKPOINT = /\bCheckpoint \[(\d{1,9})\]\t(?:Updates=(\d{1,12}) Epoch=|(?=Train-))/;
const RATE = /(\d{1,12}(?:\.\d{1,9})?) (samples|tokens)\/s(?:ec)?\b/g;
const PAIR = /([A-Za-z][\w./@-]{0,60})=([-+\d.e]{1,40}|nan|inf)(?=[\s,]|$)/g;
const RATES: Readonly<Record<string, string>> = { samples: 's/sec', tokens: 'tok/sec' };

const pairsOf = (text: string): Pair[] => [
  ...[...text.matchAll(RATE)].map(([, value, of]) => ({ key: RATES[of!]!, value: value! })),
  ...[...text.matchAll(PAIR)].map(([, key, value]) => ({ key: key!, value: value! })),
];

export const mxnet = perLog(() => {
  /** The one that a line above has begun, its updates, and the newest batch that has a line of its own. */
  const checkpoint = { number: '', updates: 0, batch: -1 };
  return reportFormat({
    name: 'mxnet',
    about: 'MXNet, Gluon, Sockeye: speed and metrics of a batch',
    marks: ['epoch[', 'iter[', '[epoch ', ' b=', 'checkpoint ['],
    names: {
      's/sec': { step: 'samplesPerSecond' },
      'tok/sec': { step: 'tokensPerSecond' },
    },
    kind: 'step',
    head({ text }) {
      if (text.length > 1000) return null;
      const batch = BATCH.exec(text);
      if (batch !== null) {
        const [epoch, number] = batch.slice(1).filter(part => part !== undefined);
        const rest = text.slice(batch.index + batch[0].length);
        // A loop of another kind has its loss there, and no speed.
        if (!/[Ss]peed: |\bs\/sec=/.test(rest) && !/\bs\/sec=/.test(text)) return null;
        checkpoint.batch = Number(number);
        return { number: Number(number), epoch: Number(epoch), pairs: pairsOf(rest) };
      }
      const saved = CHECKPOINT.exec(text);
      if (saved?.[2] !== undefined)
        Object.assign(checkpoint, { number: saved[1], updates: Number(saved[2]) });
      else if (saved !== null && saved[1] === checkpoint.number) {
        const pairs = pairsOf(text.slice(saved.index + saved[0].length).replaceAll('Train-', ''));
        // Batches and updates are counted through all epochs; the checkpoint of a batch that has a line has its figures again.
        if (pairs.length === 0 || checkpoint.updates <= checkpoint.batch) return null;
        return { number: checkpoint.updates, pairs };
      }
      const whole = EPOCH.exec(text);
      if (whole === null) return null;
      const pairs = pairsOf(text.slice(whole.index + whole[0].length));
      return pairs.length === 0 ? null : { number: Number(whole[1] ?? whole[2]), pairs, isEpoch: true };
    },
  });
});
