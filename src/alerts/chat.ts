/** A notice as the body that a chat's incoming webhook takes. Text of a trainer is data there, never markup or a mention. */
import type { AlarmNotice } from '../alarms/index.ts';

export const bodyFormats = ['standard', 'slack', 'discord'] as const;
export type BodyFormat = (typeof bodyFormats)[number];

const COLOURS = { critical: 0xd03030, warning: 0xd0a020, cleared: 0x30a050 } as const;

/** Heading and figures of a notice: what every reader is shown, in the words of `noticeLine`. */
export function factsOf(notice: AlarmNotice): { title: string; facts: [string, string][] } {
  const { what, level, rule, run, name, rank, device, batch, condition } = notice;
  const word = what === 'raised' ? level.toUpperCase() : 'cleared';
  return {
    title: `${word}: ${rule} in ${name ?? run}`,
    facts: [
      ['Run', run],
      ['Where', [`rank ${rank}`, device].filter(part => part !== null).join(', ')],
      ...(batch === null ? [] : ([['Update or step', String(batch)]] as [string, string][])),
      ['Condition', condition],
      ['Look', `esper report ${run}`],
    ],
  };
}

const colourOf = ({ what, level }: AlarmNotice): keyof typeof COLOURS =>
  what === 'cleared' ? 'cleared' : level;
/** Slack reads three characters; a text of its kind `plain_text` holds neither links nor mentions. */
const slack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** Discord's own limits of an embed are 256, 4,096 and 1,024 characters, Slack's of a section 3,000. */
const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

function slackBody(notice: AlarmNotice): object {
  const { title, facts } = factsOf(notice);
  return {
    text: slack(cut(`${title}: ${notice.reason}`, 3000)),
    attachments: [
      {
        color: `#${COLOURS[colourOf(notice)].toString(16).padStart(6, '0')}`,
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: cut(title, 150), emoji: false } },
          { type: 'section', text: { type: 'plain_text', text: cut(notice.reason, 2900), emoji: false } },
          {
            type: 'section',
            fields: facts.map(([head, text]) => ({
              type: 'plain_text',
              text: cut(`${head}: ${text}`, 1900),
              emoji: false,
            })),
          },
        ],
      },
    ],
  };
}

/** Discord reads Markdown in an embed. */
const discord = (text: string): string => text.replace(/[\\`*_~|>#[\]()-]/g, '\\$&');

function discordBody(notice: AlarmNotice): object {
  const { title, facts } = factsOf(notice);
  return {
    embeds: [
      {
        title: cut(discord(title), 256),
        description: cut(discord(notice.reason), 4096),
        color: COLOURS[colourOf(notice)],
        timestamp: new Date(notice.timeMs).toISOString(),
        fields: facts.map(([name, value]) => ({ name, value: cut(discord(value), 1024), inline: true })),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** The JSON that is posted. */
export const bodyOf = (notice: AlarmNotice, format: BodyFormat): object =>
  format === 'slack'
    ? slackBody(notice)
    : format === 'discord'
      ? discordBody(notice)
      : { type: `alarm.${notice.what}`, timestamp: new Date(notice.timeMs), data: notice };
