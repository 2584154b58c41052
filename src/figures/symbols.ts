/**
 * Symbols of the source tree, found by text: a record names `Class.method` or a top-level function, constant or
 * type, and the file must declare it. Good enough to notice a rename, and it needs no compiler at run time.
 */
/** Text of a file of the repository by its path from the root; null where it does not exist. */
export type SourceTree = (file: string) => string | null;

const escaped = (name: string) => name.replace(/[$.]/g, '\\$&');

/** Where a declaration of the name begins in the text at or after `from`; -1 where it does not. */
function declaration(text: string, name: string, member: boolean, from = 0): number {
  const pattern = member
    ? String.raw`^[ \t]+(?:(?:static|async|override|readonly|get|def) +)*\*?#?${escaped(name)}\s*(?:<[^\n]*>)?[(=:]`
    : String.raw`^(?:export )?(?:default )?(?:async )?(?:function\*?|const|class|interface|type|def) ${escaped(name)}\b`;
  const found = new RegExp(pattern, 'm').exec(text.slice(from));
  return found ? from + found.index : -1;
}

function start(text: string, symbol: string): number {
  const [owner, member] = symbol.split('.') as [string, string?];
  const at = declaration(text, owner, false);
  return at < 0 || member === undefined ? at : declaration(text, member, true, at);
}

/** Whether the text declares the symbol. */
export const declares = (text: string, symbol: string): boolean => start(text, symbol) >= 0;

/** The declaration's own lines, without its indentation, up to the line that closes it; null where absent. */
export function quote(text: string, symbol: string): string | null {
  const at = start(text, symbol);
  if (at < 0) return null;
  const lines = text.slice(at).split('\n');
  const indent = /^\s*/.exec(lines[0]!)![0];
  let end = 0;
  if (!/;\s*$/.test(lines[0]!)) {
    end = lines.findIndex(
      (line, i) => i > 0 && line.startsWith(indent) && /^[)\]}]/.test(line.slice(indent.length)),
    );
    // `function f(\n  a,\n): T {` closes its parameters first.
    if (end > 0 && /\{\s*$/.test(lines[end]!))
      end = lines.findIndex((line, i) => i > end && line.startsWith(`${indent}}`));
  }
  return lines
    .slice(0, Math.max(end, 0) + 1)
    .map(line => line.slice(indent.length))
    .join('\n');
}
