/**
 * A run's report in the order of somebody who was woken by it: the verdict, how close it was, what it cost, what it was
 * and what to try; then the plots, the figures, and how they were made.
 */
import { count, NOT_MEASURED, UNKNOWN } from '../base/index.ts';
import { type DeviceReport, isOver, type RunReport } from '../contract/index.ts';
import {
  brokenEpochText,
  brokenGradientText,
  brokenLossText,
  type Counted,
  countedNumber,
  countedOf,
  duration,
  findingName,
  hugeGradientText,
  many,
  skippedOf,
  uncountedSteps,
} from '../present/index.ts';
import { alarmBlocks } from './alarms-table.ts';
import { brokenLossBlock } from './broken-loss.ts';
import { cost, doubt, findingBlock, hasOutlook, outlook } from './conclusions.ts';
import type { Document, DocumentBlock, Plot, ReportTone, Section } from './document.ts';
import { failureBlocks } from './failure.ts';
import { figureBlocks } from './figures-table.ts';
import { forecastPlot } from './forecast-plot.ts';
import { brokenGradientBlock, hugeGradientBlock } from './gradient-blocks.ts';
import { heldTable, heldWords } from './held-lines.ts';
import { learningPlots, ownPlots } from './learning-plots.ts';
import { ledgerPlot, lostPlot, memoryPlot, poolPlot, pressurePlot } from './memory-plots.ts';
import { method } from './method.ts';
import { nearness, nearnessOfText } from './nearness.ts';
import { rankBlocks, ranksInShort, toneOfRanks } from './ranks.ts';
import { skippedStepsBlock } from './skipped-steps.ts';
import { type ReportTimeline, reportTimeline } from './timeline.ts';
import { dateTime, lostTime, pressureText, runStates } from './words.ts';

/** What a report needs beside the run's own. */
export interface ReportContext {
  /** When it is made, milliseconds since the epoch. */
  nowMs: number;
  /** Zone that times are shown in, an IANA name; null for this machine’s own. */
  timeZone: string | null;
  /** Of Esper. */
  version: string;
}

/** Devices that get findings and plots of their own; the others are rows of a table. */
const DEVICES_SHOWN = 4;

/** Lines of a log without a clock come in one moment: that is no duration. */
const lasted = (ms: number): string => (Math.abs(ms) < 1000 ? '' : `, ${duration(ms)} long`);

/** ` of 60`; ` (20 an epoch)` where it is not known how many epochs there will be. */
const totalText = ({ maxBatches, stepsPerEpoch }: RunReport['run']): string =>
  maxBatches !== null
    ? ` of ${count(maxBatches)}`
    : stepsPerEpoch === undefined
      ? ''
      : ` (${count(stepsPerEpoch)} an epoch)`;

/** How the run is or how it ended, and where: `failed at step 3 of 60`. */
export function stateText({ run }: RunReport): string {
  // One that is over may have had steps that nothing was reported of.
  const newest =
    run.state === 'completed' && run.lastBatch !== null && run.lastBatch < (run.maxBatches ?? 0)
      ? ', newest report'
      : '';
  const at =
    run.lastBatch === null
      ? ''
      : run.numbered === 'reports'
        ? ` after ${uncountedSteps(run.lastBatch)}`
        : `${newest} at ${countedNumber(countedOf(run), run.lastBatch)}${totalText(run)}`;
  return `${runStates[run.state]}${at}`;
}

function factsOf(report: RunReport, { timeZone }: ReportContext): string[] {
  const { run } = report;
  const times =
    run.startedMs === null || run.lastEventMs === null
      ? null
      : `${dateTime(run.startedMs, timeZone)}${lasted(run.lastEventMs - run.startedMs)}`;
  return [
    [run.algorithm, run.task].filter(Boolean).join(' · '),
    stateText(report),
    times,
    run.ranks > 1 ? many(run.ranks, 'rank') : null,
    run.starts > 1 ? `${count(run.starts)} starts` : null,
    `run ${run.id}`,
  ].filter((fact): fact is string => fact !== null && fact !== '');
}

/** The verdict's tone: by its cost and by how close the end was, more than by its kind. */
function toneOf(report: RunReport): ReportTone {
  const { kind } = report.verdict;
  const ofRanks = toneOfRanks(report);
  if (report.failure?.outOfMemory || report.devices.some(({ ooms }) => (ooms ?? 0) > 0)) return 'critical';
  if (ofRanks !== null && (ofRanks === 'critical' || kind === 'steady' || kind === 'unmeasured'))
    return ofRanks;
  if (kind === 'unmeasured') return 'dim';
  const worst = report.devices[0];
  const isTight = worst?.attribution.status === 'evidence' || (worst?.updatesAtTheWall ?? 0) > 0;
  if (kind === 'steady') return isTight ? 'warning' : 'good';
  return worst?.forecast.status === 'ahead' ? 'critical' : 'warning';
}

const nameOf = ({ rank, device, name, host }: DeviceReport, ranks: number): string =>
  `${device}${ranks > 1 ? ` of rank ${rank}` : ''}${host == null ? '' : ` on ${host}`}${name === null ? '' : `, ${name}`}`;

const plotBlocks = (plots: readonly (Plot | null)[]): DocumentBlock[] =>
  plots.flatMap((plot): DocumentBlock[] => (plot === null ? [] : [{ type: 'plot', plot }]));

function devicePlots(device: DeviceReport, report: RunReport, scale: ReportTimeline): DocumentBlock[] {
  const blocks = plotBlocks([
    memoryPlot(device, report, scale),
    pressurePlot(device, scale),
    poolPlot(device, scale),
    ledgerPlot(device, scale),
    lostPlot(device, scale),
    hasOutlook(report, isOver(report.run.state)) ? forecastPlot(device, scale.counted) : null,
  ]);
  if (blocks.length > 0) return blocks;
  return [
    {
      type: 'text',
      text: `The memory of ${nameOf(device, report.run.ranks)} was not measured in updates: there is nothing to draw.`,
      tone: 'dim',
    },
  ];
}

function heldBlocks(device: DeviceReport, counted: Counted): DocumentBlock[] {
  const [text, table] = [heldWords(device, counted), heldTable(device)];
  return text === null || table === null ? [] : [{ type: 'text', text, tone: 'plain' }, table];
}

function doubtBlocks(device: DeviceReport, counted: Counted): DocumentBlock[] {
  const text = doubt(device, counted);
  return text === null ? [] : [{ type: 'text', text, tone: 'warning' }];
}

/** All devices, a row each. */
function devicesTable(report: RunReport): DocumentBlock {
  const { devices } = report;
  const isForecast = hasOutlook(report, isOver(report.run.state));
  return {
    type: 'table',
    caption: 'All devices',
    head: [
      'device',
      'rank',
      'found',
      'highest pressure',
      'refused',
      'out of memory',
      'lost time',
      'forecast',
    ],
    rows: devices.map(
      ({ rank, device, findings, highestPressure, isUpperBound, retries, ooms, attribution, forecast }) => ({
        cells: [
          device,
          count(rank),
          findings[0] === undefined ? NOT_MEASURED : findingName(findings[0]),
          pressureText(highestPressure?.pressureFraction ?? null, isUpperBound),
          retries === null ? NOT_MEASURED : count(retries),
          ooms === null ? NOT_MEASURED : count(ooms),
          lostTime(attribution),
          isForecast ? forecast.status : UNKNOWN,
        ],
        tone: (ooms ?? 0) > 0 ? 'critical' : 'plain',
      }),
    ),
  };
}

function deviceSections(report: RunReport): { first: Section[]; plots: Section[] } {
  const counted = countedOf(report.run);
  const { devices, run } = report;
  const scale = reportTimeline(report);
  const shown = devices.slice(0, DEVICES_SHOWN);
  const title = (what: string, device: DeviceReport) =>
    devices.length > 1 ? `${what}: ${nameOf(device, run.ranks)}` : what;
  const over = isOver(report.run.state);
  const first = shown.flatMap((device): Section[] => [
    {
      title: title('In short', device),
      blocks: [
        ...doubtBlocks(device, counted),
        {
          type: 'answers',
          answers: [
            nearness(device, report, over),
            cost(device),
            ...(hasOutlook(report, over) ? [outlook(device, report, over)] : []),
          ],
        },
      ],
    },
    {
      title: title('What it was', device),
      blocks: [
        ...device.findings.map(finding => findingBlock(finding, counted)),
        ...heldBlocks(device, counted),
      ],
    },
  ]);
  if (devices.length > 1) {
    const rest = devices.length - shown.length;
    const note: DocumentBlock[] =
      rest > 0
        ? [
            {
              type: 'text',
              text: `Findings and plots are of the worst ${count(shown.length)}; the JSON has those of all.`,
              tone: 'dim',
            },
          ]
        : [];
    first.push({ title: 'All devices', blocks: [devicesTable(report), ...note] });
  }
  const plots = shown.map(
    (device): Section => ({
      title: title('Memory over time', device),
      blocks: devicePlots(device, report, scale),
    }),
  );
  const learned = plotBlocks(learningPlots(report.learning, scale, countedOf(report.run)));
  if (learned.length > 0) plots.push({ title: 'Learning and speed', blocks: learned });
  const own = plotBlocks(ownPlots(report.own ?? [], scale));
  if (own.length > 0) plots.push({ title: 'Own figures', blocks: own });
  return { first, plots };
}

/** In place of the conclusions where no device was reported. */
const unmeasuredSection: Section = {
  title: 'In short',
  blocks: [
    {
      type: 'text',
      text: `How close the end was, what it cost, where it was heading: ${NOT_MEASURED}. Run "npx esper doctor" on the training machine to see what can be measured.`,
      tone: 'dim',
    },
  ],
};

/** Where no allocator was read, what the driver's samples or the text of the end show is all there is. */
function withoutDevice(report: RunReport): Section {
  const { run, failure, explanation } = report;
  const near = nearnessOfText(report);
  if (near !== null) return { ...unmeasuredSection, blocks: [{ type: 'answers', answers: [near] }] };
  return failure === null && explanation != null
    ? { ...unmeasuredSection, blocks: [findingBlock(explanation, countedOf(run))] }
    : unmeasuredSection;
}

/** The document of a run's report. */
export function runDocument(report: RunReport, context: ReportContext): Document {
  const { run, verdict } = report;
  const { first, plots } = deviceSections(report);
  const failed = failureBlocks(report, run.ranks > 1);
  const alarms = alarmBlocks(report);
  const ranks = rankBlocks(report);
  const { broken, brokenGradient, hugeGradient } = report.learning;
  const skipped = skippedOf(report);
  const epoch = broken === null ? brokenEpochText(report.own ?? []) : null;
  const became = [
    ...(broken === null ? [] : [brokenLossBlock(broken, countedOf(run))]),
    ...(brokenGradient == null ? [] : [brokenGradientBlock(brokenGradient, countedOf(run))]),
    ...(hugeGradient == null ? [] : [hugeGradientBlock(hugeGradient, countedOf(run))]),
    ...(epoch === null ? [] : [{ type: 'text', text: epoch, tone: 'warning' } as const]),
    ...(skipped === null ? [] : [skippedStepsBlock(skipped)]),
  ];
  const answers: Section[] = report.devices.length > 0 ? first.slice(0, 1) : [withoutDevice(report)];
  return {
    title: run.name || run.id || 'A run',
    facts: factsOf(report, context),
    verdict: {
      label: findingName(verdict),
      tone: toneOf(report),
      says: `${brokenFirst(report)}${verdict.says}${ranksInShort(report)}`,
    },
    sections: [
      ...(became.length === 0 ? [] : [{ title: 'What became of the training', blocks: became }]),
      ...answers,
      ...(ranks.length > 0 ? [{ title: 'Ranks beside each other', blocks: ranks }] : []),
      ...(failed.length > 0 ? [{ title: 'How it ended', blocks: failed }] : []),
      ...first.slice(report.devices.length > 0 ? 1 : 0),
      ...(alarms.length > 0 ? [{ title: 'Alarms', blocks: alarms }] : []),
      ...plots,
      { title: 'Figures', blocks: figureBlocks(report) },
      { title: 'Method', blocks: [{ type: 'list', items: method(report) }] },
    ],
    colophon: `Made by Esper ${context.version}, ${dateTime(context.nowMs, context.timeZone)}${isOver(report.run.state) ? '' : ', while the run is live'}.`,
  };
}

/** Where memory has no verdict, a loss or a gradient that is broken until the newest update is what there is to know first. */
function brokenFirst({ run, verdict, learning }: RunReport): string {
  const { broken, brokenGradient, hugeGradient } = learning;
  if (verdict.kind !== 'unmeasured') return '';
  if (broken?.isNewest) return `${brokenLossText(broken, countedOf(run))} `;
  if (brokenGradient?.isNewest) return `${brokenGradientText(brokenGradient, countedOf(run))} `;
  return hugeGradient?.isNewest ? `${hugeGradientText(hugeGradient, countedOf(run))} ` : '';
}
