/**
 * One rank's events → its life, its learning, and the points of each of its devices. Only a rank's own order matters:
 * nothing here depends on other ranks.
 */
import {
  type DeviceMemory,
  type DeviceProcess,
  type DeviceSample,
  type EventOf,
  hasExpandableSegments,
  isUnknown,
  isWarning,
  parseAllocatorConf,
  passSeq,
  type RunState,
  type SeqPlace,
  type TelemetryEvent,
  type TrainingStarted,
  type UnknownEvent,
} from '../contract/index.ts';
import { countedIn, GrowingCounters, numberedOf } from '../figures/index.ts';
import type { Counted } from '../present/index.ts';
import { type DeviceIdentity, isSameDevice } from '../reduce/index.ts';
import { hasSleepMode, isSleepPhase } from '../texts/index.ts';
import { DeviceAnalyser } from './device.ts';
import { DriverTrace } from './driver-trace.ts';
import { type Done, sampleOf, stepDone, updateDone } from './figures-of.ts';
import { HostTrace } from './host-trace.ts';
import { Learning } from './learning.ts';
import type { Failure, ProcessOutcome } from './oom-cause.ts';
import { OwnAnalyser } from './own-figures.ts';
import { RankTrace } from './rank-trace.ts';

interface Device {
  analyser: DeviceAnalyser;
  counters: GrowingCounters;
  /** Newest reading that came between updates, not yet part of a point. */
  between: DeviceMemory | null;
  identity: DeviceIdentity;
}

/** A name of a figure that an evaluation gives. */
const OF_EVALUATION = /^(?:eval|evaluation|val|valid|validation|test|dev)(?:$|[^a-z])/i;

export class RankAnalyser {
  readonly rank: number;
  /** Null of a rank whose learning no report shows. */
  readonly learning: Learning | null;
  readonly own: OwnAnalyser | null;
  readonly devices = new Map<string, Device>();
  /** What is held against other ranks. */
  readonly trace = new RankTrace();
  /** What the driver reported last, of every device of this rank's host. */
  driver: readonly DeviceSample[] = [];
  /** What it reported over time. */
  readonly sampled = new DriverTrace();
  /** What is known of the host's memory. */
  readonly host = new HostTrace();
  /** The newest start's fields; where it lacks one, an earlier start's. */
  started: TrainingStarted = {};
  runId: string;
  state: RunState = 'waiting';
  startedMs: number | null = null;
  lastEventMs: number | null = null;
  updates = 0;
  starts = 0;
  events = 0;
  lostEvents = 0;
  firstBatch: number | null = null;
  lastBatch: number | null = null;
  failure: Failure | null = null;
  #place: SeqPlace = { nextSeq: 0, seqGap: null };
  /** Updates of this process. */
  #at = 0;
  #engineSleeps = false;
  /** Since the newest update: what the next one takes is not its own time. */
  #hasEvaluated = false;
  #isPpo = false;

  /** @param isLowest of the ranks so far: the report of a run has the learning of its lowest rank */
  constructor(rank: number, runId: string, isLowest: boolean) {
    this.rank = rank;
    this.runId = runId;
    this.learning = isLowest ? new Learning() : null;
    this.own = isLowest ? new OwnAnalyser() : null;
  }

  take(event: TelemetryEvent | UnknownEvent): void {
    const lost = passSeq(this.#place, event.seq);
    if (lost === null) return;
    this.lostEvents += lost;
    this.events++;
    this.startedMs ??= event.timeMs;
    this.lastEventMs = Math.max(this.lastEventMs ?? event.timeMs, event.timeMs);
    if (isUnknown(event)) return;
    switch (event.type) {
      case 'PPO_UPDATE_COMPLETED':
        this.#isPpo = true;
        this.#update(event.timeMs, updateDone(event.data), event.data.memory ?? []);
        this.own?.take(event, event.data.batch);
        break;
      case 'STEP_COMPLETED':
        this.#update(event.timeMs, stepDone(event.data), event.data.memory ?? []);
        this.own?.take(event, event.data.step);
        break;
      case 'FIGURES_LOGGED':
        this.#hasEvaluated ||= Object.keys(event.data.figures).some(name => OF_EVALUATION.test(name));
        this.own?.take(event, event.data.batch ?? this.lastBatch);
        break;
      case 'MEMORY_SAMPLED':
        this.#engineSleeps ||= isSleepPhase(event.data.phase);
        this.#read(event.data.memory);
        break;
      case 'MEMORY_ATTRIBUTED':
        // A refusal may come before the first reading of its device.
        if (event.data.moment === 'refused' || this.devices.has(event.data.device))
          this.#device(event.data.device).analyser.attribute(event.data);
        break;
      case 'DEVICE_SAMPLED':
        this.driver = event.data.devices;
        this.sampled.take(event.data.devices, event.timeMs);
        for (const sample of event.data.devices)
          for (const { identity, analyser } of this.devices.values())
            if (sample.processes && isSameDevice(identity, sample))
              analyser.see(this.#neighboursAmong(sample.processes));
        break;
      case 'HOST_SAMPLED':
        this.host.take(event.data);
        break;
      case 'TRAINING_STARTED':
        this.#start(event.data);
        break;
      case 'TRAINING_COMPLETED':
        this.state = event.data.reason === 'finished' ? 'completed' : event.data.reason;
        this.#reach(event.data.reached);
        this.#countRest();
        break;
      case 'TRAINING_FAILED':
        this.#fail(event);
    }
  }

  /** What its numbers count. */
  get counted(): Counted {
    const made = this.lastBatch;
    return countedIn({
      batch: this.#isPpo ? made : null,
      step: this.#isPpo ? null : made,
      numbered: numberedOf(this.started.config) ?? undefined,
    });
  }

  /** What the rank knows that concerns its devices. */
  get circumstances(): ProcessOutcome {
    const { allocatorConf = null, expandableSegments } = this.started;
    return {
      failure: this.failure,
      counted: this.counted,
      allocatorConf,
      expandable: {
        isInUse:
          expandableSegments === true || hasExpandableSegments(parseAllocatorConf(allocatorConf ?? '')),
        engineSleeps: this.#engineSleeps || hasSleepMode(this.failure?.message ?? ''),
      },
      devices: this.devices.size,
    };
  }

  #start(data: TrainingStarted): void {
    if (this.events > 1) {
      this.#at = 0;
      this.trace.restart();
      for (const { analyser, counters } of this.devices.values()) {
        counters.restart();
        analyser.restart(this.circumstances);
      }
    }
    this.starts++;
    this.#engineSleeps ||= hasSleepMode(JSON.stringify(data.config ?? {}));
    this.state = 'running';
    this.failure = null;
    const named = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
    this.started = { ...this.started, ...Object.fromEntries(named) };
  }

  #fail({ timeMs, data }: EventOf<'TRAINING_FAILED'>): void {
    this.state = isWarning(data) ? 'unknown' : 'failed';
    this.#reach(data.reached);
    this.failure = {
      timeMs,
      errorType: data.errorType ?? 'error',
      message: data.message ?? '',
      batch: this.lastBatch,
      outOfMemory: data.outOfMemory ?? null,
      ending: data.ending ?? null,
      ...(data.shown != null && { shown: data.shown }),
    };
  }

  /** Where the reports of updates stop before the training did. */
  #reach(reached: number | null | undefined): void {
    if (reached != null && reached > (this.lastBatch ?? -1)) this.lastBatch = reached;
  }

  #update(timeMs: number, done: Done, memory: readonly DeviceMemory[]): void {
    this.firstBatch ??= done.batch;
    this.lastBatch = done.batch;
    this.learning?.take(timeMs, done, this.#at === 0);
    this.#read(memory);
    const place = { index: this.updates, at: this.#at, timeMs };
    const alone = this.#hasEvaluated ? { ...done, tookMs: null } : done;
    this.#hasEvaluated = false;
    let restBytes: number | null = null;
    let peakBytes: number | null = null;
    let pressure: number | null = null;
    let isPeakOfRun = false;
    for (const device of this.devices.values()) {
      const { analyser, counters, between } = device;
      if (between === null) continue;
      const sample = sampleOf(place, alone, between, counters.take());
      analyser.take(sample, between.name ?? null);
      device.between = null;
      if (sample.restingBytes !== null) restBytes = (restBytes ?? 0) + sample.restingBytes;
      if (sample.peakBytes === null) continue;
      isPeakOfRun ||= sample.isPeakOfRun;
      peakBytes = (peakBytes ?? 0) + sample.peakBytes;
      if (sample.budgetBytes) pressure = Math.max(pressure ?? 0, sample.peakBytes / sample.budgetBytes);
    }
    const { batch, tookMs, rolloutMs } = done;
    this.trace.take({ batch, timeMs, tookMs, rolloutMs, restBytes, peakBytes, pressure, isPeakOfRun });
    this.updates++;
    this.#at++;
  }

  /** Refusals behind the last update, of a training that none of them ended. */
  #countRest(): void {
    if (this.#at === 0) return;
    for (const { analyser, counters } of this.devices.values()) analyser.refuse(counters.take().grown);
  }

  #read(memory: readonly DeviceMemory[]): void {
    for (const reading of memory) {
      const device = this.#device(reading.device);
      device.counters.read(reading);
      device.between = completed(device.between, reading);
      device.analyser.read(reading);
      const { uuid, pciBusId } = reading;
      const { identity } = device;
      if ((uuid != null || pciBusId != null) && (uuid !== identity.uuid || pciBusId !== identity.pciBusId))
        device.identity = { uuid, pciBusId };
    }
  }

  /** Nobody, where this process's id is unknown: in a container the driver counts in another namespace. */
  #neighboursAmong(processes: readonly DeviceProcess[]): DeviceProcess[] {
    const { pid } = this.started;
    return processes.some(process => pid != null && process.pid === pid)
      ? processes.filter(process => process.pid !== pid)
      : [];
  }

  #device(name: string): Device {
    let device = this.devices.get(name);
    if (device === undefined) {
      device = {
        analyser: new DeviceAnalyser(this.rank, name),
        counters: new GrowingCounters(),
        between: null,
        identity: {},
      };
      this.devices.set(name, device);
    }
    return device;
  }
}

/** Amounts of a reading. */
const AMOUNTS = [
  'allocatedBytes',
  'activeBytes',
  'reservedBytes',
  'peakAllocatedBytes',
  'peakActiveBytes',
  'peakReservedBytes',
  'deviceFreeBytes',
] as const;

/** A reading with what the one before it has, where they have none of their amounts in common: a line for each of them, or refused requests alone. */
const completed = (before: DeviceMemory | null, reading: DeviceMemory): DeviceMemory =>
  before === null || AMOUNTS.some(amount => before[amount] != null && reading[amount] != null)
    ? reading
    : { ...before, ...reading };
