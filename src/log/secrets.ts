/**
 * Tokens, keys and passwords are never recorded: a run's command and its configuration are cleared of them.
 *
 * A value is a secret where it is named so (`--hub-token X`, `api_key=X`), or where it looks like one whatever its
 * name (`hf_…`, `sk-…`, `AKIA…`, a JSON web token, the password of a URL). `schema/shared/secrets.json` has the cases, which
 * the Python client reads too.
 */

/** What stands in the place of a secret. */
const HIDDEN = '[hidden]';

const NAME =
  /(?:^|[-_. ])(?:token|secret|secrets|password|passwd|passphrase|pwd|pass|credential|credentials|authorization|cookie|dsn|apikey|authkey|(?:api|access|private|secret|auth|account|encryption|signing|license)[-_. ]?key)$/;
/** A number, a special token such as <pad>, a switch: no secret, whatever the name. */
const HARMLESS =
  /^(?:[-+]?[\d.,_]+(?:e[-+]?\d+)?|<[^<>]*>|\[[A-Z_]*\]|true|false|none|null|yes|no|on|off|)$/i;
const SHAPES =
  /\b(?:hf_[A-Za-z0-9]{16,200}|sk-[A-Za-z0-9_-]{16,200}|gh[pousr]_[A-Za-z0-9]{20,200}|github_pat_[A-Za-z0-9_]{20,200}|glpat-[A-Za-z0-9_-]{16,200}|xox[abeprs]-[A-Za-z0-9-]{10,200}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,100}|wandb_v1_[A-Za-z0-9_]{16,200}|nvapi-[A-Za-z0-9_-]{16,200}|eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{0,2000})?)/g;
const URL_PASSWORD = /(:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}(?=@)/g;
const QUERY = /([?&](?:[A-Za-z-]{0,30}(?:token|key|secret|signature|password|sig))=)[^&\s"']{1,2000}/gi;
const BEARER = /\b(bearer |basic )[A-Za-z0-9+/=._~-]{8,2000}/gi;
/** Of a text that holds pairs, as JSON or a header: "hub_token": "X". */
const PAIR = /([A-Za-z][A-Za-z0-9_.-]{0,60})(["']?\s{0,4}[:=]\s{0,4}["']?)([^\s"',;{}[\]]{1,2000})/g;

/** Whether a value of this name is a secret: `hub_token`, `WANDB_API_KEY`, `dbPassword`; not `max_tokens`. */
const isSecretName = (name: string): boolean =>
  NAME.test(
    name
      .replace(/^-+|-+$/g, '')
      .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
      .toLowerCase(),
  );

const shown = (name: string, value: string): string =>
  isSecretName(name) && !HARMLESS.test(value) ? HIDDEN : value;

/** The text without the secrets that can be recognised in it. */
const clearText = (text: string): string =>
  text
    .replace(SHAPES, HIDDEN)
    .replace(URL_PASSWORD, `$1${HIDDEN}`)
    .replace(BEARER, `$1${HIDDEN}`)
    .replace(QUERY, `$1${HIDDEN}`)
    .replace(PAIR, (_, name: string, between: string, value: string) => name + between + shown(name, value));

/** A command's words, with `--token X` and `token=X` cleared. */
export function clearCommand(words: readonly string[]): string[] {
  let named = '';
  return words.map(word => {
    if (named !== '' && !word.startsWith('-')) {
      const cleared = shown(named, clearText(word));
      named = '';
      return cleared;
    }
    const pair = /^([-+]*[\w.-]+)=([\s\S]*)$/.exec(word);
    named = pair === null && word.startsWith('-') ? word : '';
    return pair === null ? clearText(word) : `${pair[1]}=${shown(pair[1]!, clearText(pair[2]!))}`;
  });
}

/** Plain JSON, its secrets hidden by their keys and by how they look. */
export function clearConfig(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clearConfig);
  if (typeof value === 'string') return clearText(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      typeof item === 'string' ? shown(key, clearText(item)) : clearConfig(item),
    ]),
  );
}
