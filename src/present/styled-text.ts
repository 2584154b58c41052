/** What every screen shows in the same words: a text, and its tone. A screen gives each tone its own look. */
import type { DeviceState, Health, RankState, SanctumSnapshot, StatusLevel } from '../contract/index.ts';

export type Tone = 'plain' | 'dim' | 'ok' | 'info' | 'warning' | 'critical';

export interface StyledText {
  text: string;
  tone: Tone;
  /** It is what the eye is to fall on. */
  isStrong?: true;
}

/** A figure under its label. */
export interface LabelledValue {
  label: string;
  value: StyledText;
  /** The figure's own name: its record holds its meaning. */
  figure: string;
}

/** Texts about a snapshot are about its newest figures: no history is needed. */
export type Newest = Omit<SanctumSnapshot, 'devices' | 'ranks'> & {
  devices: Omit<DeviceState, 'history'>[];
  ranks: Omit<RankState, 'history' | 'ownHistory'>[];
};
export type NewestDevice = Newest['devices'][number];
export type NewestRank = Newest['ranks'][number];

/** What a status, an alarm or a verdict in one line needs of a snapshot: of its ranks how many they are, of its devices little. */
export type Outline = Omit<Newest, 'devices' | 'ranks'> & {
  devices: readonly OutlinedDevice[];
  ranks: readonly unknown[];
};
export type OutlinedDevice = Pick<NewestDevice, 'rank' | 'device' | 'usedPercent'> & {
  infrastructure: Pick<NewestDevice['infrastructure'], 'contradiction' | 'memoryStatus'>;
};

/** How a judgement is shown where it is to catch the eye no more than it deserves. */
export const healthTone: Record<Health, Tone> = {
  unmeasured: 'dim',
  healthy: 'dim',
  warning: 'warning',
  critical: 'critical',
};

export const levelTone: Record<StatusLevel, Tone> = {
  ok: 'ok',
  warmup: 'info',
  warning: 'warning',
  critical: 'critical',
};

export const plain = (text: string): StyledText => ({ text, tone: 'plain' });
