/** The names under which a simulated device can be asked for. */
export interface SimulatedDevice {
  totalBytes: number;
  /** Whether the allocator's segments grow in place (`expandable_segments:True`). */
  expandableSegments: boolean;
}

const DEFAULT_BYTES = 8 * 2 ** 30;
const SMALLEST_BYTES = 2 ** 29;
const LARGEST_BYTES = 2 ** 40;

/**
 * The size that a device name asks for: `sim` is 8 GiB, `sim:24GiB` and `sim:512MiB` carry theirs; `sim:0` is
 * what the device is called wherever it is shown. `,expandable` after either is the
 * allocator's setting.
 * @throws RangeError one sentence saying what to write
 */
export function parseSimulatedDevice(text: string): SimulatedDevice {
  const [name = '', ...options] = text.split(',');
  const expandableSegments = options.length > 0;
  const areKnown = options.length === 0 || (options.length === 1 && options[0] === 'expandable');
  if (areKnown && (name === 'sim' || name === 'sim:0'))
    return { totalBytes: DEFAULT_BYTES, expandableSegments };
  const [, amount, unit] = /^sim:(\d+(?:\.\d+)?)([mg])ib$/i.exec(name) ?? [];
  const totalBytes = Math.floor(Number(amount) * (unit?.toLowerCase() === 'm' ? 2 ** 20 : 2 ** 30));
  if (areKnown && totalBytes >= SMALLEST_BYTES && totalBytes <= LARGEST_BYTES)
    return { totalBytes, expandableSegments };
  throw new RangeError(
    `${JSON.stringify(text)} is not a simulated device: write sim for 8 GiB, or a size from 512MiB to 1024GiB as in sim:24GiB, and ,expandable behind it for expandable segments.`,
  );
}
