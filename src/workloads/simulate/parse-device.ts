/** The names under which a simulated device can be asked for. */
const DEFAULT_BYTES = 8 * 2 ** 30;
const SMALLEST_BYTES = 2 ** 29;
const LARGEST_BYTES = 2 ** 40;

/**
 * The size that a device name asks for: `sim` is 8 GiB, `sim:24GiB` and `sim:512MiB` carry theirs; `sim:0` is
 * what the device is called wherever it is shown.
 * @returns bytes
 * @throws RangeError one sentence saying what to write
 */
export function parseSimulatedDevice(text: string): { totalBytes: number } {
  if (text === 'sim' || text === 'sim:0') return { totalBytes: DEFAULT_BYTES };
  const [, amount, unit] = /^sim:(\d+(?:\.\d+)?)([mg])ib$/i.exec(text) ?? [];
  const totalBytes = Math.floor(Number(amount) * (unit?.toLowerCase() === 'm' ? 2 ** 20 : 2 ** 30));
  if (totalBytes >= SMALLEST_BYTES && totalBytes <= LARGEST_BYTES) return { totalBytes };
  throw new RangeError(
    `${JSON.stringify(text)} is not a simulated device: write sim for 8 GiB, or a size from 512MiB to 1024GiB as in sim:24GiB.`,
  );
}
