/**
 * One device of one rank: its points → its report. What a process did is judged by itself, as another process has
 * another memory; timeline, lost time and counts are those of the whole run.
 */
import type { DeviceReport } from '../contract/index.ts';
import { Attributor } from './attribution.ts';
import { type Circumstances, Process } from './facts.ts';
import { nothing } from './forecast.ts';
import type { Point } from './point.ts';
import { joinedSpikes, noSpikes } from './spikes.ts';
import { Timeline } from './timeline.ts';
import { type Judgement, joinedJudgements, judge, nothingTold, ofEarlier } from './verdict.ts';

export class DeviceAnalyser {
  readonly rank: number;
  readonly device: string;
  #name: string | null = null;
  #process = new Process();
  #isStart = false;
  /** Of processes that ended: what was found, and their spikes. */
  #earlier: Judgement | null = null;
  #earlierSpikes = noSpikes;
  #last: Point | null = null;
  #isCounted = false;
  #retries = 0;
  #ooms = 0;
  #updatesAtTheWall = 0;
  #highest: DeviceReport['highestPressure'] = null;
  readonly #timeline = new Timeline();
  readonly #attributor = new Attributor((index, lostMs) => this.#timeline.addLost(index, lostMs));

  constructor(rank: number, device: string) {
    this.rank = rank;
    this.device = device;
  }

  take(point: Point, name: string | null): void {
    this.#name = name ?? this.#name;
    this.#last = point;
    this.#process.take(point);
    this.#attributor.take(point);
    this.#timeline.take(point, this.#isStart);
    this.#isStart = false;
    const { retries, ooms, batch, peakBytes, budgetBytes } = point;
    this.#isCounted ||= point.isCounted;
    this.#retries += retries;
    this.#ooms += ooms;
    if (retries + ooms > 0) this.#updatesAtTheWall++;
    if (peakBytes === null || !budgetBytes) return;
    const pressureFraction = peakBytes / budgetBytes;
    if (pressureFraction > (this.#highest?.pressureFraction ?? 0))
      this.#highest = { pressureFraction, batch, peakBytes, budgetBytes };
  }

  /** The trainer began anew: what follows is of another process. */
  restart(around: Circumstances): void {
    const facts = this.#process.facts(this.device, around, null);
    if (facts === null) return;
    this.#earlier = joinedJudgements(ofEarlier(judge(facts)), this.#earlier);
    this.#earlierSpikes = joinedSpikes(this.#earlierSpikes, facts.spikes);
    this.#process = new Process();
    this.#isStart = true;
    this.#attributor.restart();
  }

  /** So far. More may be taken afterwards, as if nothing had been asked. */
  report(around: Circumstances): { report: DeviceReport; judgement: Judgement } {
    const timeline = this.#timeline.copy();
    const attribution = this.#attributor.copy((index, lostMs) => timeline.addLost(index, lostMs)).finish();
    const facts = this.#process.facts(this.device, around, attribution);
    const now = facts === null ? null : judge(facts);
    const judgement = now === null ? (this.#earlier ?? nothingTold) : joinedJudgements(now, this.#earlier);
    const last = this.#last;
    const headroomAtBestBytes =
      last?.budgetBytes == null || last.peakBytes === null ? null : last.budgetBytes - last.peakBytes;
    const counted = (count: number) => (this.#isCounted ? count : null);
    return {
      judgement,
      report: {
        rank: this.rank,
        device: this.device,
        name: this.#name,
        totalBytes: last?.totalBytes ?? null,
        findings: judgement.findings,
        highestPressure: this.#highest,
        headroomBytes:
          headroomAtBestBytes === null || last?.strandedBytes == null
            ? null
            : headroomAtBestBytes - last.strandedBytes,
        headroomAtBestBytes,
        isUpperBound: last?.isPeakOfRun ?? false,
        retries: counted(this.#retries),
        ooms: counted(this.#ooms),
        updatesAtTheWall: counted(this.#updatesAtTheWall),
        forecast: facts?.forecast ?? nothing,
        attribution,
        spikes: joinedSpikes(this.#earlierSpikes, facts?.spikes ?? noSpikes),
        timeline: timeline.stretches,
      },
    };
  }
}
