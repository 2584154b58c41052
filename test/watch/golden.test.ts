/** Every format: a log as its trainer prints it, and the events it becomes. `UPDATE_GOLDEN=1` writes the events again. */
import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONTRACT_VERSION, checkEvent } from '../../src/contract/index.ts';
import { golden, readLog } from './read-log.ts';

const logs: [name: string, map?: string[]][] = [
  ['verl'],
  ['torchtitan'],
  ['torchtitan-ranks'],
  ['sb3'],
  ['sb3-dqn'],
  ['sb3-sac'],
  ['cleanrl'],
  ['cleanrl-sac'],
  ['acme'],
  ['rl-blox'],
  ['dictionaries'],
  ['huggingface'],
  ['trl'],
  ['litgpt'],
  ['sentence-transformers'],
  ['ms-swift'],
  ['ms-swift-record'],
  ['llamafactory'],
  ['llamafactory-record'],
  ['axolotl'],
  ['setfit'],
  ['rsl-rl'],
  ['rl-games'],
  ['deepspeed-memory'],
  ['megatron'],
  ['nemo'],
  ['composer'],
  ['composer-batches'],
  ['torchtune'],
  ['openmmlab-2'],
  ['lightning'],
  ['speechbrain'],
  ['ultralytics'],
  ['nnunet'],
  ['nnunet-2'],
  ['open-clip'],
  ['flair'],
  ['espnet'],
  ['notebook'],
  ['notebook-rl'],
  ['mmengine'],
  ['keras'],
  ['detectron2'],
  ['openrlhf-bars'],
  ['openrlhf'],
  ['nemo-rl'],
  ['nvidia-smi'],
  ['deepspeed'],
  ['rsl-rl-2'],
  ['plain'],
  ['metric-logger'],
  ['yolox'],
  ['timm'],
  ['nanotron'],
  ['olmo'],
  ['memory-lines'],
  ['engine-sleep'],
  ['skipped-steps'],
  ['csv'],
  ['fastai'],
  ['fastai-lists'],
  ['xgboost'],
  ['lightgbm'],
  ['catboost'],
  ['tianshou'],
  ['torchrl'],
  ['json-unnumbered'],
  ['ranks'],
  ['rllib'],
  ['rllib-old'],
  ['ray-tune'],
  ['dreamer'],
  ['areal'],
  ['sample-factory'],
  ['elegantrl'],
  ['pufferlib'],
  ['pymarl'],
  ['dopamine'],
  ['pfrl'],
  ['coqui'],
  ['coqui-trainer'],
  ['habitat'],
  ['a2c-ppo'],
  ['rlinf'],
  ['torchforge'],
  ['levanter'],
  ['closing-figures'],
  ['vits'],
  ['darknet'],
  ['lerobot'],
  ['lerobot-act'],
  ['skrl-ppo'],
  ['sheeprl'],
  ['eole'],
  ['nerfstudio'],
  ['blocks'],
  ['stylegan'],
  ['cosmos'],
  ['mxnet'],
  ['mxnet-sockeye'],
  ['mxnet-fit'],
  ['paddle'],
  ['mxnet-gluon'],
  ['mxnet-epochs'],
  ['darts'],
  ['allennlp'],
  ['caffe'],
  ['marian'],
  ['returnn'],
  ['returnn-tf'],
  ['returnn-epochs'],
  ['anakin'],
  ['kaldi'],
  ['spacy'],
  ['boosting'],
  ['boosting-xgboost'],
  ['boosting-catboost'],
  ['tf-detection'],
  ['tabular'],
  [
    'json',
    [
      'it=batch',
      'pi_loss=loss.policy',
      'gpu/alloc_gb=memory.allocatedBytes*GiB',
      'gpu/reserved_gb=memory.reservedBytes*GiB',
      'seconds=timing.updateMs*1000',
    ],
  ],
];

describe.each(logs)('%s', (name, map = []) => {
  const { events, notices, reader } = readLog(golden(`${name}.log`), { map });
  const lines = [
    ...events.map(({ rank, type, data }) => JSON.stringify({ rank, type, data })),
    ...notices.map(notice => JSON.stringify({ notice })),
    JSON.stringify(reader.counts),
  ];
  const path = new URL(`golden/${name}.events.jsonl`, import.meta.url);

  test('its log becomes these events', () => {
    const text = `${lines.join('\n')}\n`;
    if (process.env.UPDATE_GOLDEN || !existsSync(path)) writeFileSync(path, text);
    expect(text).toBe(golden(`${name}.events.jsonl`));
  });

  test('every event passes the contract', () => {
    events.forEach(({ rank, type, data, timeMs }, seq) => {
      const event = { v: CONTRACT_VERSION, seq, timeMs, run: 'r', rank, type, data };
      expect(checkEvent(event)).toBe(event);
    });
  });

  test('the same events come of it byte by byte, and in one piece', () => {
    for (const chunk of [1, 7, 1e9])
      expect(readLog(golden(`${name}.log`), { map, chunk }).events).toEqual(events);
  });
});
