/** A condition on one figure, as people write it: `pressure > 0.9`, `headroom < 512MiB`, `mem >= 90%`, `atTheWall`, `ended`. */
import { type AlarmFigure, figureNamed, shortNames } from './figure.ts';

const operators = ['>=', '<=', '>', '<'] as const;
type Operator = (typeof operators)[number];

export interface Condition {
  /** As it was written. */
  text: string;
  figure: AlarmFigure;
  /** Null for a figure that is true or false: the condition is that it is `flag`. */
  bound: { operator: Operator; value: number } | null;
  flag: boolean;
}

/** One sentence: what is wrong with a condition. */
class ConditionError extends Error {
  override name = 'ConditionError';
}

const bytes: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

function numberOf(text: string, figure: AlarmFigure, whole: string): number {
  const [, digits, unit = ''] =
    /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%|[KMGT]iB)?$/i.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isFinite(number))
    throw new ConditionError(`"${whole}" compares with "${text}", which is no number.`);
  if (unit === '') return number;
  if (unit === '%' && figure.units.startsWith('percent')) return number;
  if (unit === '%' && figure.units.startsWith('fraction')) return number / 100;
  const factor = Object.entries(bytes).find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1];
  if (factor !== undefined && figure.units === 'bytes') return number * factor;
  throw new ConditionError(`"${whole}" gives ${figure.name} in ${unit}, but it is in ${figure.units}.`);
}

/** Throws a ConditionError of one sentence. */
export function parseCondition(text: string): Condition {
  const whole = text.trim();
  const [, name = '', operator, right = ''] =
    /^(!?\s*[A-Za-z]\w*)\s*(?:(>=|<=|>|<)\s*(.+))?$/.exec(whole) ?? [];
  if (name === '')
    throw new ConditionError(
      `"${whole}" is no condition: write a figure, one of ${operators.join(' ')}, and a number, as in "pressure>0.9".`,
    );
  const negated = name.startsWith('!');
  const figure = figureNamed(name.replace(/^!\s*/, ''));
  if (figure === undefined)
    throw new ConditionError(
      `"${whole}" names no known figure: write ${[...Object.keys(shortNames), 'ended', 'failed'].join(', ')}, or a figure of "esper records list".`,
    );
  if (figure.type === 'flag') {
    if (operator !== undefined)
      throw new ConditionError(
        `"${whole}" compares ${figure.name}, which is true or false: write "${figure.name}" alone.`,
      );
    return { text: whole, figure, bound: null, flag: !negated };
  }
  if (operator === undefined || negated)
    throw new ConditionError(
      `"${whole}" needs one of ${operators.join(' ')} and a number after ${figure.name}.`,
    );
  const value = numberOf(right.trim(), figure, whole);
  return { text: whole, figure, bound: { operator: operator as Operator, value }, flag: true };
}

/** Whether the value meets the condition; null where it was not measured. */
export function isMet({ bound, flag }: Condition, value: number | boolean | null): boolean | null {
  if (value === null) return null;
  if (bound === null) return value === flag;
  const number = Number(value);
  switch (bound.operator) {
    case '>':
      return number > bound.value;
    case '>=':
      return number >= bound.value;
    case '<':
      return number < bound.value;
    case '<=':
      return number <= bound.value;
  }
}

const MARGIN = 0.05;

/** The condition under which what the other one raised is over, a twentieth of its bound beyond it. */
export function opposite(condition: Condition): Condition {
  const { figure, bound, flag } = condition;
  if (bound === null) return { ...condition, text: `${flag ? '!' : ''}${figure.name}`, flag: !flag };
  const isUpper = bound.operator.startsWith('>');
  const value = bound.value + (isUpper ? -MARGIN : MARGIN) * Math.abs(bound.value);
  // Exactly the bound is on the raising side of `>=`, so only beyond it clears.
  const operator = isUpper ? '<' : '>';
  return {
    text: `${figure.name} ${operator} ${Number(value.toPrecision(6))}`,
    figure,
    bound: { operator, value },
    flag: true,
  };
}

/** Whether no value meets both. */
export function areApart(raise: Condition, clear: Condition): boolean {
  if (raise.figure !== clear.figure) return false;
  const [a, b] = [raise.bound, clear.bound];
  if (a === null || b === null) return raise.flag !== clear.flag;
  if (a.operator[0] === b.operator[0]) return false;
  const [lower, upper] = a.operator.startsWith('>') ? [b, a] : [a, b];
  const touch = lower.operator.endsWith('=') && upper.operator.endsWith('=');
  return lower.value < upper.value || (lower.value === upper.value && !touch);
}
