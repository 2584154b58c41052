/** The built web app. All of it is read once, at the start: a request names an entry of a map, never a path on the disk. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export interface StaticFile {
  body: Buffer;
  gzip: Buffer | null;
  type: string;
  etag: string;
  /** Its name holds its content's hash. */
  immutable: boolean;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/** Where `npm run build` leaves the web app, seen from the source and from the build alike. */
export const builtWeb = (): string => fileURLToPath(new URL('../../dist/web', import.meta.url));

/** @param immutable its name holds its content's hash */
export function staticFile(body: Buffer, type: string, immutable: boolean): StaticFile {
  const packed = type === 'image/png' ? null : gzipSync(body, { level: 9 });
  return {
    body,
    gzip: packed !== null && packed.length < body.length ? packed : null,
    type,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    immutable,
  };
}

/** Of a file's path below the folder. @param separator the platform's */
export const urlPath = (below: string, separator: string): string => `/${below.split(separator).join('/')}`;

/** The files by their path in the URL; empty where the app was not built. */
export function readStatic(folder: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    // Before 20.12 it is called `path` alone.
    const path = join(entry.parentPath ?? (entry as { path?: string }).path ?? folder, entry.name);
    const url = urlPath(relative(folder, path), sep);
    files.set(url, staticFile(readFileSync(path), type, url.startsWith('/assets/')));
  }
  return files;
}
