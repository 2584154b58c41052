/** What `nvidia-smi` sampled over time (its CSV, dmon): how full each device was, first, last and at most. */
import { amount } from '../base/index.ts';
import type { Payload } from '../contract/index.ts';
import { many, share } from '../present/index.ts';
import type { Answer } from './answer.ts';

interface Seen {
  first: number;
  last: number;
  most: number;
  total: number | null;
  samples: number;
}

const FULL = 0.95;

export class DriverSamples {
  #devices = new Map<string, Seen>();

  take({ devices }: Payload<'DEVICE_SAMPLED'>): void {
    for (const [i, { index, uuid, pciBusId, usedBytes, totalBytes }] of devices.entries()) {
      if (usedBytes == null) continue;
      const key = `${index ?? uuid ?? pciBusId ?? i}`;
      const seen = this.#devices.get(key);
      if (seen === undefined)
        this.#devices.set(key, {
          first: usedBytes,
          last: usedBytes,
          most: usedBytes,
          total: totalBytes ?? null,
          samples: 1,
        });
      else {
        seen.last = usedBytes;
        seen.most = Math.max(seen.most, usedBytes);
        seen.total ??= totalBytes ?? null;
        seen.samples++;
      }
    }
  }

  /** null where nothing was sampled. */
  answer(): Pick<Answer, 'says' | 'evidence' | 'next'> | null {
    if (this.#devices.size === 0) return null;
    const all = [...this.#devices];
    const fraction = ({ most, total }: Seen) => (total === null ? null : most / total);
    const [key, fullest] = all.reduce((a, b) =>
      (fraction(b[1]) ?? b[1].most / 2 ** 60) > (fraction(a[1]) ?? a[1].most / 2 ** 60) ? b : a,
    );
    const used = fraction(fullest);
    const of = fullest.total === null ? '' : ` of ${amount(fullest.total)} (${share(used!)})`;
    const says =
      used === null
        ? `Device ${key} had most in use, ${amount(fullest.most)}; how much it has is not in the text.`
        : used >= FULL
          ? `Device ${key} was nearly full: ${amount(fullest.most)}${of} in use.`
          : `No device was full: the fullest, ${key}, had ${amount(fullest.most)}${of} in use.`;
    return {
      says,
      evidence: all.map(
        ([name, seen]) =>
          `Device ${name}: ${amount(seen.first)} in use at first, ${amount(seen.last)} at last, ${amount(seen.most)} at most${seen.total === null ? '' : `, of ${amount(seen.total)}`}, in ${many(seen.samples, 'sample')}.`,
      ),
      next: [
        'This is what the driver counts, caches and all processes included: the trainer’s own log beside it (esper watch LOG) shows what tensors need.',
      ],
    };
  }
}
