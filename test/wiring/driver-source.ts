/** The device sampler on a stand-in for nvidia-smi: a program that answers as the driver would. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceSample, TelemetryEvent } from '../../src/contract/index.ts';
import { DeviceSampler, Emitter } from '../../src/emit/index.ts';

const MIB = 1024 ** 2;
const INTERVAL_MS = 150;
/** The stand-in answers at once; a machine too busy for that has no answer to give. */
const PATIENCE_MS = 20_000;

/** Writes a row's columns, by the names that nvidia-smi gives them, a file each. */
function writeRow(folder: string, columns: Record<string, unknown>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, value] of Object.entries(columns)) writeFileSync(join(folder, name), String(value));
}

function writeAnswers(folder: string, sample: DeviceSample): void {
  writeRow(join(folder, 'gpu', '0'), {
    uuid: sample.uuid,
    'pci.bus_id': sample.pciBusId,
    index: sample.index,
    'memory.used': sample.usedBytes! / MIB,
    'memory.total': sample.totalBytes! / MIB,
    'utilization.gpu': sample.utilizationPercent,
    'temperature.gpu': sample.temperatureCelsius,
    'power.draw': sample.powerWatts,
    name: sample.name,
  });
  sample.processes?.forEach(({ pid, usedBytes, name }, i) => {
    writeRow(join(folder, 'compute-apps', String(i)), {
      gpu_uuid: sample.uuid,
      pid,
      used_memory: usedBytes! / MIB,
      process_name: name,
    });
  });
}

/** Prints the columns asked for, in the order asked for: devices again and again, processes once. */
const PROGRAM = `#!/bin/sh
cd "$(dirname "$0")"
what=\${1%%=*}
rows() {
  for row in "\${what#--query-}"/*; do
    line=
    for column in $(echo "\${1#*=}" | tr , ' '); do line="$line\${line:+, }$(cat "$row/$column")"; done
    echo "$line"
  done
}
rows "$1"
while [ "$what" = --query-gpu ]; do sleep ${INTERVAL_MS / 1000}; rows "$1"; done
`;

/** What the real sampler emits of a device that is as given, processes included. */
export async function sampleDriver(sample: DeviceSample): Promise<TelemetryEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'esper-driver-'));
  const command = join(folder, 'nvidia-smi');
  writeAnswers(folder, sample);
  writeFileSync(command, PROGRAM, { mode: 0o755 });
  const events: TelemetryEvent[] = [];
  const sampler = new DeviceSampler({ command, processesEveryMs: 2 * INTERVAL_MS });
  try {
    return await new Promise(resolve => {
      const given = setTimeout(() => resolve(events), PATIENCE_MS);
      const append = (line: string) => {
        const event = JSON.parse(line) as TelemetryEvent;
        events.push(event);
        if (event.type !== 'DEVICE_SAMPLED' || event.data.devices[0]?.processes == null) return;
        clearTimeout(given);
        resolve(events);
      };
      sampler.start(new Emitter({ run: 'verify', rank: 0, sink: { append } }), INTERVAL_MS);
    });
  } finally {
    sampler.stop();
    rmSync(folder, { recursive: true });
  }
}
