/** Who holds what one device has in use beyond its neighbours, by the processes that `nvidia-smi` lists. */
import { many } from '../present/index.ts';

/** A process on one device. */
export interface Held {
  index: number;
  pid: number;
  name: string;
  usedMib: number;
}

export interface HeldBeyond {
  isCertain: boolean;
  says: string;
  next: string[];
}

/** Share of the excess that processes hold who are its cause. */
const MOST_OF_IT = 0.5;

const sumOf = (held: readonly Held[]) => held.reduce((all, { usedMib }) => all + usedMib, 0);
const PIN = [
  'Pin each rank to its device before anything touches CUDA: torch.cuda.set_device(local_rank), or CUDA_VISIBLE_DEVICES for each process.',
  "Load checkpoints with map_location='cpu', or onto the rank's own device.",
];

/** @param beyond MiB; null where the table has shares alone. */
export function heldBeyond(held: readonly Held[], device: number, beyond: number | null): HeldBeyond {
  const here = held.filter(({ index }) => index === device);
  const elsewhere = (own: Held) => held.filter(({ pid, index }) => pid === own.pid && index !== device);
  // At home where they hold most.
  const guests = here.filter(own => elsewhere(own).some(({ usedMib }) => usedMib > own.usedMib));
  if (guests.length > 0)
    return {
      isCertain: true,
      says: `${many(guests.length, 'process', 'processes')} of other devices (${guests.map(({ pid }) => pid).join(', ')}) ${guests.length > 1 ? 'hold' : 'holds'} ${sumOf(guests)} MiB of it: they opened a context or loaded a checkpoint there.`,
      next: PIN,
    };
  const isMostOfIt = (all: readonly Held[]) => beyond !== null && sumOf(all) >= MOST_OF_IT * beyond;
  // One of those here is the training's own, like those of the other devices.
  const own =
    here.find(one => elsewhere(one).length > 0) ?? here.find(({ usedMib }) => usedMib === mostOf(here));
  const alone = here.filter(one => one !== own && elsewhere(one).length === 0);
  if (isMostOfIt(alone))
    return {
      isCertain: true,
      says: `${alone.map(({ pid, name, usedMib }) => `Process ${pid} (${name}) holds ${usedMib} MiB there`).join(', ')}, and nothing on the other devices.`,
      next: [
        `If ${alone.length > 1 ? 'they are' : 'it is'} not the training’s, end ${alone.length > 1 ? 'them' : 'it'}, or give the training other devices (CUDA_VISIBLE_DEVICES); if ${alone.length > 1 ? 'they are' : 'it is'}, give ${alone.length > 1 ? 'each' : 'it'} a device of its own.`,
      ],
    };
  return {
    isCertain: false,
    says: 'The usual cause is that the other ranks opened a context or loaded a checkpoint there.',
    next: PIN,
  };
}

/** Processes of one size beside a larger one, from so many on: each has no more there than what it opened. */
const LEAST_ALIKE = 3;

/** The device on which processes of one size stand beside a larger one; null for none. */
export function guestsOn(held: readonly Held[]): Omit<HeldBeyond, 'isCertain'> | null {
  for (const device of new Set(held.map(({ index }) => index))) {
    const here = held.filter(({ index }) => index === device);
    const most = mostOf(here);
    for (const { usedMib: size } of here) {
      const alike = here.filter(({ usedMib }) => usedMib === size);
      if (alike.length >= LEAST_ALIKE && 2 * size < most)
        return {
          says: `On device ${device} ${alike.length} processes hold ${size} MiB each beside one of ${most} MiB: mostly the other ranks, which opened a context or loaded a checkpoint there.`,
          next: PIN,
        };
    }
  }
  return null;
}

const mostOf = (held: readonly Held[]) => Math.max(...held.map(({ usedMib }) => usedMib));
