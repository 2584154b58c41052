/** A Jupyter notebook's document → what its cells printed, in order; tables that a page shows are parted by tabs. */
import { parseJsonFile } from '../base/index.ts';
import { withoutEntities } from '../texts/index.ts';

type Text = string | string[];
interface Output {
  output_type?: string;
  text?: Text;
  data?: Record<string, Text>;
  /** Of an error. */
  traceback?: string[];
}

export const isNotebook = (path: string): boolean => path.endsWith('.ipynb');

const whole = (text: Text): string => (Array.isArray(text) ? text.join('') : text);

/** Throws where it is no JSON. */
export function outputsOf(document: string): string {
  const { cells = [] } = parseJsonFile(document) as { cells?: { outputs?: Output[] }[] };
  return cells
    .flatMap(({ outputs = [] }) => outputs)
    .map(({ text, data, traceback }) => {
      if (text !== undefined) return whole(text);
      if (traceback !== undefined) return traceback.join('\n');
      const html = whole(data?.['text/html'] ?? '');
      return html.includes('<table') ? tableText(html) : whole(data?.['text/plain'] ?? '');
    })
    .map(text => (text === '' || text.endsWith('\n') ? text : `${text}\n`))
    .join('');
}

/** A page's rows, a line each; what stands outside of them is a line of its own. */
function tableText(html: string): string {
  const text = html
    .split('\n')
    .map(line => line.trim())
    .join(' ')
    .replace(/<\/t[hd]> ?<t[hd][^<>]{0,200}>/g, '\t')
    .replace(/<(?:tr|\/tr|table|\/table|div|\/div|p|br|hr)\b[^<>]{0,400}>/g, '\n')
    .replace(/<[^<>]{0,400}>/g, '');
  return withoutEntities(text)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .join('\n');
}
