/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/**
 * The report of a device's memory: what it was, how near the end is, what it cost and what lies ahead, in the
 * words of `esper report`; the evidence leads to where it is seen.
 */
import { Fragment } from 'preact';
import {
  type DeviceReport,
  type Evidence,
  type Finding,
  isWarning,
  type RunReport,
} from '../contract/index.ts';
import { type Counted, countedOf, countedRange, findingName } from '../present/index.ts';
import {
  type Conclusion,
  cost,
  doubt,
  findingTones,
  hasOutlook,
  nearness,
  outlook,
  type ReportTone,
  torchAdvice,
} from '../report/index.ts';
import { addressOf } from './base-path.ts';
import { withCodeParts } from './DocumentView.tsx';
import { HeldLines } from './HeldLines.tsx';

/** The report's tones in the style sheet's words. */
const toneClass = (tone: ReportTone): string => `tone-${tone === 'good' ? 'ok' : tone}`;

/** What the memory was, in a word; `…` while the log has not been read for it. */
export const VerdictName = ({
  verdict,
}: {
  verdict: Pick<RunReport['verdict'], 'kind' | 'isRead'> | null;
}) =>
  verdict === null ? (
    <span class="dim" title="Its log has not been read yet">
      …
    </span>
  ) : (
    <b class={toneClass(findingTones[verdict.kind])} data-styled="verdict">
      {findingName(verdict)}
    </b>
  );

interface VerdictProps {
  /** What the server knows the run by: its folder, which may have been renamed or copied since it was written. */
  id: string;
  report: RunReport;
  /** The device that is looked at; the worst one where it is not in the report. */
  rank: number;
  device: string | null;
  isOver: boolean;
  onRange: (fromBatch: number, toBatch: number) => void;
  onDevice: (rank: number, device: string) => void;
  onMeaning: (record: string) => void;
  /** On a phone the evidence is unfolded on demand. */
  isNarrow: boolean;
  /** What a record's figure is called on the screen. */
  labelOf: (record: string) => string;
}

export function Verdict(props: VerdictProps) {
  const { id, report, rank, device: name, isOver, onDevice } = props;
  const { verdict, devices, run } = report;
  const device = devices.find(d => d.rank === rank && d.device === name) ?? devices[0];
  const elsewhere =
    verdict.device !== null && (device?.device !== verdict.device || device.rank !== verdict.rank);
  return (
    <section class="panel verdict" aria-label="Verdict" data-region="verdict">
      <header>
        <h2>Verdict</h2>
        <VerdictName verdict={verdict} />{' '}
        <span class="dim">
          {isOver ? 'of the whole run' : `so far, as of ${countedOf(run)} ${run.lastBatch ?? '–'}`}
        </span>{' '}
        <a
          class="push"
          href={addressOf(`/api/runs/${encodeURIComponent(id)}/report.html`)}
          target="_blank"
          rel="noopener"
        >
          Report
        </a>
      </header>
      <p class="says">
        {withCodeParts(verdict.says)}{' '}
        {elsewhere && (
          <button type="button" onClick={() => onDevice(verdict.rank ?? 0, verdict.device!)}>
            Show {verdict.device}
            {run.ranks > 1 && ` of rank ${verdict.rank}`}
          </button>
        )}
      </p>
      <Failure report={report} />
      {/* What follows is of the device that the page shows. */}
      {device && elsewhere && (
        <h3>
          {run.ranks > 1 && `Rank ${device.rank} `}
          {device.device}, which is shown
        </h3>
      )}
      {device && <Device {...props} device={device} />}
    </section>
  );
}

/** How a run that failed ended: its error, and what torch advises, with a remark where that is wrong for the cause. */
function Failure({ report }: { report: RunReport }) {
  const { failure } = report;
  if (failure === null) return null;
  const advice = torchAdvice(report);
  return (
    <div class="failure" data-region="failure">
      <p>
        <b class={isWarning(failure) ? 'tone-warning' : 'tone-critical'}>{failure.errorType}</b>{' '}
        {failure.message.split('\n')[0]}
      </p>
      {advice && (
        <p>
          Torch advises: <q>{advice.quote}</q> <b class="tone-warning">{advice.remark}</b>
        </p>
      )}
    </div>
  );
}

function Device({
  report,
  device,
  isOver,
  ...links
}: Omit<VerdictProps, 'device'> & { device: DeviceReport }) {
  const answers = [
    nearness(device, report, isOver),
    cost(device),
    ...(hasOutlook(report, isOver) ? [outlook(device, report, isOver)] : []),
  ];
  const found = device.findings.filter(({ kind }) => kind !== 'unmeasured');
  const doubted = doubt(device, countedOf(report.run));
  return (
    <>
      {doubted !== null && <p class="tone-warning">{doubted}</p>}
      <ul class="answers">
        {answers.map(answer => (
          <AnswerItem key={answer.question} answer={answer} />
        ))}
      </ul>
      {found.map((finding, i) => (
        <FindingItem
          key={finding.kind}
          finding={finding}
          isFirst={i === 0}
          counted={countedOf(report.run)}
          {...links}
        />
      ))}
      <HeldLines device={device} counted={countedOf(report.run)} />
    </>
  );
}

const AnswerItem = ({ answer: { question, answer, tone, says } }: { answer: Conclusion }) => (
  <li>
    <span class="dim">{question}</span> <b class={toneClass(tone)}>{answer}</b> <small>{says}</small>
  </li>
);

type Links = Pick<VerdictProps, 'onRange' | 'onMeaning' | 'labelOf' | 'isNarrow'> & { counted: Counted };

/** The first finding is the verdict: its sentence stands above. */
function FindingItem({ finding, isFirst, ...links }: Links & { finding: Finding; isFirst: boolean }) {
  const { isNarrow } = links;
  const { kind, confidence, says, evidence, next } = finding;
  const isSteady = kind === 'steady';
  return (
    <details open={isFirst && !isSteady && !isNarrow}>
      <summary>
        <b class={toneClass(findingTones[kind])}>{kind}</b>
        {!isSteady && <span class="dim"> ({confidence})</span>}
        {isFirst ? <span class="dim"> evidence{next.length > 0 && ', and what to try'}</span> : ` ${says}`}
      </summary>
      <div class="evidence">
        {evidence.length > 0 && (
          <div>
            <h3>Evidence</h3>
            <ul>
              {evidence.map(seen => (
                <EvidenceItem key={seen.says} seen={seen} {...links} />
              ))}
            </ul>
          </div>
        )}
        {next.length > 0 && (
          <div>
            <h3>What to try</h3>
            <ol>
              {next.map(step => (
                <li key={step}>{withCodeParts(step)}</li>
              ))}
            </ol>
          </div>
        )}
      </div>
    </details>
  );
}

function EvidenceItem({ seen, counted, onRange, onMeaning, labelOf }: Links & { seen: Evidence }) {
  const { says, fromBatch, toBatch, figures } = seen;
  const from = fromBatch ?? toBatch;
  const to = toBatch ?? fromBatch;
  return (
    <li>
      {says}{' '}
      {from !== null && to !== null && (
        <button type="button" class="small" title="Zoom there" onClick={() => onRange(from, to)}>
          {countedRange(counted, from, to)}
        </button>
      )}{' '}
      {figures.map(id => (
        <Fragment key={id}>
          <button type="button" class="meaning small" onClick={() => onMeaning(id)}>
            {labelOf(id)}
          </button>{' '}
        </Fragment>
      ))}
    </li>
  );
}
