/**
 * One device of one rank: its points → its report. What a process did is judged by itself, as another process has
 * another memory; timeline, lost time and counts are those of the whole run.
 */
import type {
  DeviceMemory,
  DeviceProcess,
  DeviceReport,
  MemoryAttributed,
  PoolPeaks,
  Stretch,
} from '../contract/index.ts';
import {
  fragmentationOf,
  headroomAtBestBytesOf,
  headroomBytesOf,
  higherPeaks,
  idleShareOf,
  poolPeaksOf,
} from '../figures/index.ts';
import { Attributor } from './attribution.ts';
import type { DeviceAnalysis } from './device-analysis.ts';
import { noForecast } from './forecast.ts';
import { KnownLines } from './lines.ts';
import type { ProcessOutcome } from './oom-cause.ts';
import { joinedFailures, Process } from './process.ts';
import { nothingReported, readOnce } from './rules/unmeasured.ts';
import { joinedSpikes, noSpikes } from './spikes.ts';
import { Timeline } from './timeline.ts';
import type { UpdateSample } from './update-sample.ts';
import { type Judgement, joinedJudgements, judgeDevice, nothingMeasured, ofEarlier } from './verdict.ts';

/** What processes that ended leave behind. */
const nobody = {
  judgement: nothingMeasured,
  spikes: noSpikes,
  refusals: { retries: 0, ooms: 0, updates: 0 },
  isCounted: false,
  highest: null as DeviceReport['highestPressure'],
};

export class DeviceAnalyser {
  readonly rank: number;
  readonly device: string;
  #name: string | null = null;
  #last: UpdateSample | null = null;
  #poolPeaks: PoolPeaks | null = null;
  #isStart = false;
  #contradiction: DeviceReport['contradiction'] = null;
  #process = new Process();
  #earlier = nobody;
  readonly #lines = new KnownLines();
  #judged: {
    points: number;
    ended: boolean;
    between: DeviceMemory | null;
    report: DeviceReport;
    weight: number;
  } | null = null;
  #points = 0;
  /** The highest peaks of all readings: of what tensors held, and of what was active, which counts what they have freed and a stream still needs. */
  #heldPeak: number | null = null;
  #activePeak: number | null = null;
  readonly #timeline = new Timeline();
  readonly #attributor = new Attributor((index, lostMs) => this.#timeline.addLost(index, lostMs));

  constructor(rank: number, device: string) {
    this.rank = rank;
    this.device = device;
  }

  /** A reading, at the end of an update or between them. */
  read(reading: DeviceMemory): void {
    this.#poolPeaks = higherPeaks(this.#poolPeaks, poolPeaksOf(reading));
    const { peakAllocatedBytes: held, peakActiveBytes: active } = reading;
    if (held != null) this.#heldPeak = Math.max(this.#heldPeak ?? 0, held);
    if (active != null) this.#activePeak = Math.max(this.#activePeak ?? 0, active);
  }

  /** The update that the newest reading ends. */
  take(point: UpdateSample, name: string | null): void {
    this.#points++;
    this.#name = name ?? this.#name;
    this.#last = point;
    const { contradiction, batch } = point;
    if (contradiction !== null)
      this.#contradiction = {
        says: contradiction,
        updates: (this.#contradiction?.updates ?? 0) + 1,
        fromBatch: this.#contradiction?.fromBatch ?? batch,
        toBatch: batch,
      };
    this.#process.take(point);
    this.#attributor.take(point);
    this.#timeline.take(point, this.#isStart);
    this.#isStart = false;
  }

  /** Requests that were refused behind the newest update, and survived. */
  refuse(grown: Pick<UpdateSample, 'allocRetries' | 'ooms'>): void {
    if (this.#process.refuse(grown)) this.#judged = null;
  }

  /** Which lines hold its memory. */
  attribute(data: MemoryAttributed): void {
    this.#judged = null;
    this.#lines.take(data);
  }

  /** The driver named the other processes of the device. */
  see(neighbours: readonly DeviceProcess[]): void {
    if (neighbours.length > 0) this.#judged = null;
    this.#process.see(neighbours);
  }

  /** The trainer restarted: what follows is of another process. */
  restart(around: ProcessOutcome): void {
    this.#judged = null;
    const facts = this.#process.facts(this.device, around, null);
    if (facts === null) return;
    this.#earlier = this.#upTo(
      facts.spikes,
      joinedJudgements(ofEarlier(this.#judge(facts)), this.#earlier.judgement),
    );
    this.#process = new Process();
    this.#lines.restart();
    this.#isStart = true;
    this.#attributor.restart();
  }

  /** Points that came since it was judged last; all of them where it never was, or must be judged again. */
  get unjudged(): number {
    return this.#points - (this.#judged?.points ?? 0);
  }

  /** The report as it was made last; null where it never was. */
  get judged(): { report: DeviceReport; weight: number } | null {
    return this.#judged;
  }

  /** What other ranks are held against: its memory, and what it was found to be last. */
  get brief(): Pick<DeviceReport, 'rank' | 'findings' | 'totalBytes'> {
    const findings = this.#judged?.report.findings ?? [];
    return { rank: this.rank, findings, totalBytes: this.#last?.totalBytes ?? null };
  }

  /** Whether the report that was made last is of now: nothing came since, and its process did not fail meanwhile. */
  isJudged({ failure }: ProcessOutcome, between: DeviceMemory | null): boolean {
    const judged = this.#judged;
    if (judged === null || this.unjudged > 0 || judged.ended !== (failure !== null)) return false;
    // Between updates a reading matters only before the first.
    return this.#points > 0 || judged.between === between;
  }

  /**
   * So far, and the same object while nothing comes. More may be taken afterwards, as if nothing had been asked. `weight` is that of
   * the first finding.
   * @param between a reading since the newest update; null for none.
   */
  report(
    around: ProcessOutcome,
    between: DeviceMemory | null = null,
  ): { report: DeviceReport; weight: number } {
    if (!this.isJudged(around, between)) {
      const made = this.#report(around, between);
      this.#judged = { points: this.#points, ended: around.failure !== null, between, ...made };
    }
    return this.#judged!;
  }

  #report(around: ProcessOutcome, between: DeviceMemory | null): { report: DeviceReport; weight: number } {
    const timeline = this.#timeline.copy();
    const attribution = this.#attributor.copy((index, lostMs) => timeline.addLost(index, lostMs)).finish();
    const facts = this.#process.facts(this.device, around, attribution);
    const earlier = this.#earlier;
    const { judgement, spikes, refusals, isCounted, highest } =
      facts === null
        ? earlier
        : this.#upTo(facts.spikes, joinedJudgements(this.#judge(facts), earlier.judgement));
    const last = this.#last;
    const { held } = this.#lines;
    const once =
      judgement.findings[0] === nothingReported && between !== null
        ? readOnce(between, this.#heldPeak ?? this.#activePeak)
        : null;
    // Of a device that was read outside of updates alone, its counters are all that is known of refusals.
    const outside = last === null ? between : null;
    const counted = (count: number) => (isCounted ? count : null);
    return {
      weight: judgement.weight,
      report: {
        rank: this.rank,
        device: this.device,
        name: this.#name,
        totalBytes: last?.totalBytes ?? between?.deviceTotalBytes ?? null,
        findings: once === null ? judgement.findings : [once],
        highestPressure: highest,
        largestPeakBytes: largestPeak(timeline.stretches),
        headroomBytes: last && headroomBytesOf(last),
        headroomAtBestBytes: last && headroomAtBestBytesOf(last),
        isUpperBound: last?.isPeakOfRun ?? false,
        poolPeaks: this.#poolPeaks,
        fragmentation: fragmentationOf(this.#poolPeaks),
        cudaMemoryFragmentation: last && idleShareOf(last),
        retries: outside?.allocRetries ?? counted(refusals.retries),
        ooms: outside?.ooms ?? counted(refusals.ooms),
        updatesAtTheWall: counted(refusals.updates),
        contradiction: this.#contradiction,
        forecast: facts?.forecast ?? noForecast,
        attribution,
        spikes,
        timeline: timeline.stretches,
        ...(held === undefined ? {} : { held }),
      },
    };
  }

  #judge(facts: DeviceAnalysis): Judgement {
    const judgement = judgeDevice(facts);
    return { ...judgement, findings: this.#lines.explain(judgement.findings, facts) };
  }

  /** What earlier processes and this one come to. */
  #upTo(spikes: typeof nobody.spikes, judgement: typeof nobody.judgement): typeof nobody {
    const earlier = this.#earlier;
    const { refusals, isCounted, highest } = this.#process;
    return {
      judgement,
      spikes: joinedSpikes(earlier.spikes, spikes),
      refusals: joinedFailures(earlier.refusals, refusals),
      isCounted: earlier.isCounted || isCounted,
      highest:
        (highest?.pressureFraction ?? 0) > (earlier.highest?.pressureFraction ?? 0)
          ? highest
          : earlier.highest,
    };
  }
}

function largestPeak(stretches: readonly Stretch[]): number | null {
  const peaks = stretches.flatMap(({ peakBytes }) => peakBytes ?? []);
  return peaks.length === 0 ? null : Math.max(...peaks);
}
