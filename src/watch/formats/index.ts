/** Every format there is. The first whose parser reads a figure is the log's. */
import type { LogFormat } from '../format.ts';
import { a2cPpo } from './a2c-ppo.ts';
import { acme } from './acme.ts';
import { allennlp } from './allennlp.ts';
import { anakin } from './anakin.ts';
import { areal } from './areal.ts';
import { bars } from './bars.ts';
import { blocks } from './blocks.ts';
import { boosting } from './boosting.ts';
import { caffe } from './caffe.ts';
import { cleanrl } from './cleanrl.ts';
import { closingFigures } from './closing-figures.ts';
import { composer } from './composer.ts';
import { coqui } from './coqui.ts';
import { cosmos } from './cosmos.ts';
import { csv } from './csv.ts';
import { darknet } from './darknet.ts';
import { darts } from './darts.ts';
import { deepspeed } from './deepspeed.ts';
import { deepspeedMemory } from './deepspeed-memory.ts';
import { detectron2 } from './detectron2.ts';
import { dictionaries } from './dictionaries.ts';
import { dopamine } from './dopamine.ts';
import { dreamer } from './dreamer.ts';
import { elegantRl } from './elegantrl.ts';
import { engineSleep } from './engine-sleep.ts';
import { espnet } from './espnet.ts';
import { fastaiLists } from './fastai-lists.ts';
import { habitat } from './habitat.ts';
import { hostMemory } from './host-memory.ts';
import { huggingFace } from './hugging-face.ts';
import { jsonLines } from './json-lines.ts';
import { kaldi } from './kaldi.ts';
import { keras } from './keras.ts';
import { lerobot } from './lerobot.ts';
import { levanter } from './levanter.ts';
import { marian } from './marian.ts';
import { megatron } from './megatron.ts';
import { memoryLines } from './memory-lines.ts';
import { mxnet } from './mxnet.ts';
import { nemoRl } from './nemo-rl.ts';
import { nequip } from './nequip.ts';
import { nerfstudio } from './nerfstudio.ts';
import { nnUnet } from './nnunet.ts';
import { notebookTable } from './notebook-table.ts';
import { nvidiaSmi } from './nvidia-smi.ts';
import { olmo } from './olmo.ts';
import { openMmlab } from './openmmlab.ts';
import { pfrl } from './pfrl.ts';
import { plainFormat } from './plain.ts';
import { pufferLib } from './pufferlib.ts';
import { pymarl } from './pymarl.ts';
import { returnn } from './returnn.ts';
import { rlBlox } from './rl-blox.ts';
import { rlGames } from './rl-games.ts';
import { rlinf } from './rlinf.ts';
import { rllib } from './rllib.ts';
import { rslRl } from './rsl-rl.ts';
import { sampleFactory } from './sample-factory.ts';
import { skippedSteps } from './skipped-steps.ts';
import { spacy } from './spacy.ts';
import { stableBaselines3 } from './stable-baselines3.ts';
import { stylegan } from './stylegan.ts';
import { tabular } from './tabular.ts';
import { tfDetection } from './tf-detection.ts';
import { torchforge } from './torchforge.ts';
import { torchtitan } from './torchtitan.ts';
import { torchtune } from './torchtune.ts';
import { tuneStatus } from './tune-status.ts';
import { ultralytics } from './ultralytics.ts';
import { verl } from './verl.ts';
import { vits } from './vits.ts';
import { yanmtt } from './yanmtt.ts';

export const formats: readonly LogFormat[] = [
  verl,
  torchtitan,
  stableBaselines3,
  cleanrl,
  huggingFace,
  jsonLines,
  megatron,
  openMmlab,
  detectron2,
  torchtune,
  composer,
  olmo,
  rslRl,
  rlGames,
  rlBlox,
  nemoRl,
  areal,
  sampleFactory,
  elegantRl,
  pufferLib,
  pymarl,
  dopamine,
  pfrl,
  habitat,
  a2cPpo,
  acme,
  rlinf,
  torchforge,
  coqui,
  lerobot,
  levanter,
  vits,
  stylegan,
  cosmos,
  ultralytics,
  nerfstudio,
  nequip,
  nnUnet,
  espnet,
  allennlp,
  anakin,
  boosting,
  caffe,
  darknet,
  darts,
  kaldi,
  marian,
  mxnet,
  returnn,
  spacy,
  tfDetection,
  notebookTable,
  keras,
  rllib,
  csv,
  dreamer,
  tuneStatus,
  dictionaries,
  bars,
  deepspeed,
  blocks,
  tabular,
  fastaiLists,
  yanmtt,
  plainFormat,
  deepspeedMemory,
  hostMemory,
  memoryLines,
  engineSleep,
  skippedSteps,
  nvidiaSmi,
  closingFigures,
];
