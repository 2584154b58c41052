/**
 * Every regular expression of the source: literals and `new RegExp` in TypeScript, `re.…` calls in Python. One that is
 * put together from parts is evaluated where the parts are constants of the same file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Expression {
  /** `path:line` */
  at: string;
  source: string;
  flags: string;
}

const filesUnder = (folder: string, ending: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => ending.test(path) && !/\.test\.tsx?$|(?:^|\/)(?:tests|dist|build)\//.test(path))
    .map(path => join(folder, path))
    .sort();

/** Of every file of TypeScript under a folder. What cannot be evaluated has `source` null. */
export function typescriptExpressions(
  folder: string,
): (Omit<Expression, 'source'> & { source: string | null })[] {
  return filesUnder(folder, /\.tsx?$/).flatMap(path => {
    const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    const constants = new Map<string, ts.Expression>();
    const found: (Omit<Expression, 'source'> & { source: string | null })[] = [];
    const text = (node: ts.Expression | undefined): string | null => {
      if (node === undefined) return null;
      if (ts.isStringLiteralLike(node)) return node.text;
      if (ts.isParenthesizedExpression(node)) return text(node.expression);
      if (ts.isIdentifier(node)) return text(constants.get(node.text));
      if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'String.raw')
        return ts.isNoSubstitutionTemplateLiteral(node.template)
          ? (node.template.rawText ?? null)
          : pieces(node.template, part => part.rawText ?? part.text);
      if (ts.isTemplateExpression(node)) return pieces(node, part => part.text);
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
        const [left, right] = [text(node.left), text(node.right)];
        return left === null || right === null ? null : left + right;
      }
      return null;
    };
    const pieces = (
      node: ts.TemplateExpression,
      of: (part: ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail) => string,
    ) => {
      let all = of(node.head);
      for (const span of node.templateSpans) {
        const value = text(span.expression);
        if (value === null) return null;
        all += value + of(span.literal);
      }
      return all;
    };
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined)
        constants.set(node.name.text, node.initializer);
      const at = () => `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf('/');
        found.push({ at: at(), source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
      } else if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp')
        found.push({ at: at(), source: text(node.arguments?.[0]), flags: text(node.arguments?.[1]) ?? '' });
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
}

/** Of every file of Python under a folder: calls of `re` with a literal pattern, in JavaScript's spelling. */
export function pythonExpressions(
  folder: string,
): (Omit<Expression, 'source'> & { source: string | null })[] {
  const call =
    /\bre\.(compile|search|match|fullmatch|sub|subn|split|findall|finditer)\(\s*(?:(r?)"((?:[^"\\]|\\.)*)")?/g;
  return filesUnder(folder, /\.py$/).flatMap(path => {
    const text = readFileSync(path, 'utf8');
    return [...text.matchAll(call)].map(({ 1: name, 2: raw, 3: pattern, index }) => ({
      at: `${path}:${text.slice(0, index).split('\n').length}`,
      source:
        pattern === undefined
          ? null
          : // Those that match from the text's start are anchored there.
            (/match/.test(name!) ? '^' : '') +
            (raw === 'r' ? pattern : (JSON.parse(`"${pattern}"`) as string)).replaceAll('(?P<', '(?<'),
      flags: '',
    }));
  });
}
