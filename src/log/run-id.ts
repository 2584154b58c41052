/** Run ids: `YYYYMMDD-HHMMSS-name-xxxx`. The time is local, as people read it off their clock; `createdMs` is UTC. */
import { randomBytes } from 'node:crypto';

const two = (n: number) => String(n).padStart(2, '0');
const LONGEST_NAME = 48;

/** A name as a path may carry it: ASCII letters, digits, `.`, `_` and `-`; never empty, hidden or a parent folder. */
export function safeName(name: string): string {
  const safe = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, LONGEST_NAME)
    .replace(/[.-]+$/, '');
  return safe === '' ? 'run' : safe;
}

/** A new id, its last four digits random. */
export function newRunId(name: string, nowMs: number): string {
  const at = new Date(nowMs);
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `${day}-${time}-${safeName(name)}-${randomBytes(2).toString('hex')}`;
}

/** What an id holds without its `run.json`; null where the text is no run id. */
export function readRunId(id: string): { name: string; createdMs: number } | null {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(.+)-[0-9a-f]{4}$/.exec(id);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  return { name: parts[7]!, createdMs: new Date(year!, month! - 1, day, hour, minute, second).getTime() };
}
