/** The built-in trainer on a device whose memory is as given: one small training, and one agent to ask again and again. */
import type { DeviceMemory, TelemetryEvent } from '../../src/contract/index.ts';
import { Emitter } from '../../src/emit/index.ts';
import {
  findTask,
  hyperparametersFor,
  PPOAgent,
  type TrainingDevice,
  train,
} from '../../src/workloads/ppo/index.ts';

const TASK = 'CartPole-v1';

/** A device that does no work; its memory is `reading`. */
export class ReportedDevice implements TrainingDevice {
  readonly name: string;
  reading: DeviceMemory;

  constructor(reading: DeviceMemory) {
    this.name = reading.device;
    this.reading = reading;
  }

  read(): DeviceMemory {
    return this.reading;
  }

  loadModel(): void {}
  collectRollout(): void {}
  minibatch(): void {}
  optimizerStep(): void {}
  finishUpdate(): void {}
}

/** What a training of one small batch emits; its episodes are long enough that some end. */
export async function trainOnce(device: TrainingDevice): Promise<TelemetryEvent[]> {
  const events: TelemetryEvent[] = [];
  const sink = { append: (line: string) => void events.push(JSON.parse(line) as TelemetryEvent) };
  await train({
    emitter: new Emitter({ run: 'verify', rank: 0, sink }),
    env: TASK,
    episodes: 1,
    envs: 2,
    steps: 64,
    seed: 1,
    device: () => device,
  });
  return events;
}

export function agentOn(device: TrainingDevice): Promise<PPOAgent> {
  const { observationSize, actionSpace } = findTask(TASK);
  const hyperparameters = hyperparametersFor(TASK);
  return PPOAgent.create({ observationSize, actionSpace, environments: 2, hyperparameters, seed: 1, device });
}
