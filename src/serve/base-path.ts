/**
 * Serving under a path of another server, as `/esper` behind nginx. A proxy may pass that path on or take it off: both are
 * answered. The page learns it from its own document, because links and questions must begin with it.
 */
import { type StaticFile, staticFile } from './static-files.ts';

/**
 * `/esper/` → `/esper`; `/` and the empty text → no path.
 * Throws an Error of one sentence where it is no path of plain segments.
 */
export function basePathOf(text: string): string {
  const path = text.replace(/\/+$/, '');
  const isPlain = path === '' || /^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/.test(path);
  if (!isPlain)
    throw new Error(
      `--base-path takes a path such as /esper, of letters, digits and "-._~", not ${JSON.stringify(text)}.`,
    );
  return path;
}

/** The path that is asked for, as if the server had none of its own before it. */
export function pathBehind(base: string, path: string): string {
  if (base === '' || !path.startsWith(base)) return path;
  const rest = path.slice(base.length);
  return rest === '' ? '/' : rest.startsWith('/') ? rest : path;
}

/** The page's document, which has the path in a `<meta>`, and whose links begin with it. */
export function documentUnder(base: string, document: StaticFile): StaticFile {
  if (base === '') return document;
  const text = document.body
    .toString('utf8')
    .replace('<head>', `<head>\n    <meta name="esper-base-path" content="${base}" />`)
    .replaceAll(/(src|href)="\//g, `$1="${base}/`);
  return staticFile(Buffer.from(text), document.type, document.immutable);
}
