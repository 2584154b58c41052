/** What a text shows of its program ↔ as it is kept in a run, beside an error whose own words do not show it. */
import type { Ending, ShownAround } from '../contract/index.ts';
import type { Engine, FailedProgram } from './program.ts';
import type { Settings } from './settings.ts';
import { type Library, type Shown, shownInError } from './shown.ts';

type Sign = { [K in keyof Shown]: Shown[K] extends boolean ? K : never }[keyof Shown];
type SettingsSign = { [K in keyof Settings]: Settings[K] extends boolean ? K : never }[keyof Settings];

const SIGNS: readonly Sign[] = [
  'isWindows',
  'isUnix',
  'isOfJava',
  'isOfTorch',
  'isOfJax',
  'isOfTrees',
  'hasGpuPool',
  'hasFrames',
  'hasSimulator',
  'isRecentTorch',
];
const OF_SETTINGS: readonly SettingsSign[] = [
  'isBatchOfOne',
  'isOneEnvironment',
  'isUnbounded',
  'isMetalUnbounded',
  'joinsPieces',
];

export function keptShown(shown: Shown): ShownAround {
  const { program, backend, library, settings } = shown;
  const { engineShare, offloads } = settings;
  const signs = [...SIGNS.filter(sign => shown[sign]), ...OF_SETTINGS.filter(sign => settings[sign])];
  return {
    program: program.is,
    ...(program.is === 'engine'
      ? { engine: program.engine }
      : {
          ...(program.at !== undefined && { at: program.at }),
          ...(program.given !== undefined && { given: program.given }),
          ...(program.by !== undefined && { pipeline: program.by }),
        }),
    ...(backend !== null && { backend }),
    ...(library !== null && { library }),
    ...(engineShare !== null && { engineShare }),
    ...(offloads !== null && { offloads }),
    ...(signs.length > 0 && { signs }),
    ...(shown.reached !== null && { reached: shown.reached }),
  };
}

/**
 * Of a failure: as it was kept with it, else by its own words and frames.
 * @param isTraining whether more than the text shows it
 */
export const shownOfFailure = (
  failure: { message?: string | null; ending?: Ending | null; shown?: ShownAround | null },
  isTraining: boolean,
): Shown =>
  failure.shown == null
    ? shownInError(failure, isTraining)
    : isTrainingAlone(failure.shown)
      ? shownInError(failure, true)
      : shownOfKept(failure.shown);

/** As the client has it of a process with an optimizer: all else is in the error’s own words and frames. */
const isTrainingAlone = ({ program, ...others }: ShownAround): boolean =>
  program === 'training' && Object.values(others).every(value => value == null);

/** The same back again; what a later version may have kept is passed over. */
export function shownOfKept(kept: ShownAround): Shown {
  const has = (sign: string) => kept.signs?.includes(sign) === true;
  return {
    program: programOfKept(kept),
    backend: kept.backend ?? null,
    library: LIBRARIES.find(library => library === kept.library) ?? null,
    isWindows: has('isWindows'),
    isUnix: has('isUnix'),
    isOfJava: has('isOfJava'),
    isOfTorch: has('isOfTorch'),
    isOfJax: has('isOfJax'),
    isOfTrees: has('isOfTrees'),
    hasGpuPool: has('hasGpuPool'),
    hasFrames: has('hasFrames'),
    hasSimulator: has('hasSimulator'),
    isRecentTorch: has('isRecentTorch'),
    settings: {
      isBatchOfOne: has('isBatchOfOne'),
      isOneEnvironment: has('isOneEnvironment'),
      engineShare: kept.engineShare ?? null,
      offloads: OFFLOADS.find(offloads => offloads === kept.offloads) ?? null,
      isUnbounded: has('isUnbounded'),
      isMetalUnbounded: has('isMetalUnbounded'),
      joinsPieces: has('joinsPieces'),
    },
    reached: kept.reached ?? null,
  };
}

const LIBRARIES: readonly Library[] = ['ggml', 'mlx', 'cupy', 'tensorflow', 'jax'];
const OFFLOADS = ['model', 'layers'] as const;
const ENGINES: readonly Engine[] = ['vLLM', 'SGLang', 'text-generation-inference'];
const PROGRAMS = [
  'training',
  'loading',
  'saving',
  'checkpoint',
  'evaluation',
  'images',
  'inference',
] as const;

function programOfKept({ program, engine, at, given, pipeline }: ShownAround): FailedProgram {
  const known = program === 'engine' ? ENGINES.find(name => name === engine) : undefined;
  if (known !== undefined) return { is: 'engine', engine: known };
  return {
    is: PROGRAMS.find(name => name === program) ?? 'unknown',
    ...(at === 'optimizer' && { at }),
    ...((given === 'images' || given === 'text') && { given }),
    ...((pipeline === 'diffusers' || pipeline === 'transformers') && { by: pipeline }),
  };
}
