/** Rows of what other tools than `nvidia-smi` show of devices and their memory: nvtop, nvitop, amd-smi, xpu-smi, and the lines of programs that list them. */

export type ToolRow =
  | {
      kind: 'device';
      tool: string;
      index: number;
      name: string;
      usedMib: number;
      totalMib: number;
      /** As the tool prints it, where that is coarser than a MiB. */
      printed?: string;
    }
  /** Of some only the share is known, in hundredths. */
  | { kind: 'share'; tool: string; index: number; name: string; percent: number; usedMib: number | null }
  | { kind: 'process'; tool: string; says: string };

/** `Device 0 [NVIDIA GeForce RTX 3090] PCIe GEN 4@16x …`, then `GPU[|||98%] MEM[|||23.1Gi/24.0Gi]` */
const NVTOP_DEVICE = /^\s{0,4}Device (\d{1,3}) \[([^\]]{2,80})\]/;
const NVTOP_MEMORY = /\bMEM\[[|\s]{0,200}([\d.]{1,8})([MG])i\/([\d.]{1,8})([MG])i\]/;
/** `  41233  mia   0 Compute  97%  22310MiB  93%  101%  4812MiB python train.py` */
const NVTOP_PROCESS =
  /^\s{0,8}(\d{1,10})\s{1,8}\S{1,32}\s{1,8}(\d{1,3})\s{1,8}(?:Compute|Graphic|Both[\w ]{0,10})\s{1,8}\S{1,6}\s{1,8}(\d{1,8})MiB\s{1,8}\d{1,3}%\s{1,8}\S{1,8}\s{1,8}\S{1,12} (\S{1,100})/;
/** `│   0  ..orce RTX 3090   Off │ …`, then `│ 61%   67C …│  23880MiB / 24.00GiB │ …`, of nvitop. */
const NVITOP_DEVICE = /^│ {1,5}(\d{1,3}) {1,4}([^│]{3,40}?) {1,20}(?:On|Off|N\/A) {0,3}│/;
const NVITOP_MEMORY = /│ {1,6}([\d.]{1,8})([MG])iB \/ {1,4}([\d.]{1,8})([MG])iB │/;
const NVITOP_PROCESS =
  /^│ {1,5}(\d{1,3}) {1,8}(\d{1,10}) [CGMX+]{1,4} {1,12}\S{1,20} {1,4}([\d.]{1,8}[MG]iB) .{5,60} {2}(\S[^│]{0,60}?)\s{0,20}│/;
/** `amd-smi monitor -v`, and `amd-smi metric -m`. */
const AMD_HEAD = /^\s{0,4}GPU\s.{0,160}VRAM_USED\s{1,4}VRAM_TOTAL/;
const AMD_ROW = /^\s{1,4}(\d{1,3})\s.{5,160}?(\d{1,8}) MB\s{1,8}(\d{1,8}) MB\s*$/;
const AMD_DEVICE = /^GPU: (\d{1,3})\s*$/;
const AMD_TOTAL = /^\s{2,12}TOTAL_VRAM: (\d{1,8}) MB/;
const AMD_USED = /^\s{2,12}USED_VRAM: (\d{1,8}) MB/;
/** `| GPU Memory Used (MiB)  | 47102 |`, of `xpu-smi stats`; and its rows of CSV. */
const XPU_DEVICE = /^\| Device ID\s{1,40}\| (\d{1,3})\s/;
const XPU_USED = /^\| GPU Memory Used \(MiB\)\s{1,40}\| (\d{1,8})/;
const XPU_SHARE = /^\| GPU Memory Util \(%\)\s{1,40}\| (\d{1,3})/;
const XPU_HEAD = /^Timestamp, DeviceId,.{0,200}GPU Memory Utilization \(%\), GPU Memory Used \(MiB\)\s*$/;
const XPU_ROW = /^[\d:.]{8,16},\s{1,8}(\d{1,3}),.{0,200}?\s([\d.]{1,8}), ([\d.]{1,12})\s*$/;
/** `Memory info of GPU 0: total 24564MiB used 23110MiB free 1454MiB` */
const INFO =
  /Memory info of (?:GPU|device) (\d{1,3}):? total[ :]{1,3}(\d{1,8}) ?MiB,? used[ :]{1,3}(\d{1,8}) ?MiB/i;
/** `cudaSetDevice(0): Tesla V100-SXM2-32GB	free:412M, used:32098M, total:32510M, free/total:0.01`, of Kaldi. */
const KALDI =
  /(?:cudaSetDevice\(|The active GPU is \[)(\d{1,3})[)\]]: (.{2,60}?)\s{1,4}free:\d{1,8}M, used:(\d{1,8})M, total:(\d{1,8})M/;

const mib = (amount: string, unit: string): number => Math.round(Number(amount) * (unit === 'G' ? 1024 : 1));

/** Reads rows in their order: some tools put a device’s name, number and memory into rows of their own. */
export class ToolRows {
  #index = 0;
  #name = '';
  #isAmd = false;
  #isXpuCsv = false;
  #total: number | null = null;
  #used: number | null = null;

  read(line: string): ToolRow | null {
    return (
      this.#program(line) ?? this.#nvtop(line) ?? this.#nvitop(line) ?? this.#amd(line) ?? this.#xpu(line)
    );
  }

  #named(tool: string, memory: RegExpExecArray): ToolRow {
    const [, used, usedUnit, total, totalUnit] = memory;
    return {
      kind: 'device',
      tool,
      index: this.#index,
      name: this.#name,
      usedMib: mib(used!, usedUnit!),
      totalMib: mib(total!, totalUnit!),
      ...(totalUnit === 'G' && {
        printed: `${used}${usedUnit === 'G' ? '' : ' MiB'} of ${total} GiB`,
      }),
    };
  }

  #head(row: RegExpExecArray | null): null {
    if (row !== null) [this.#index, this.#name] = [Number(row[1]), (row[2] ?? '').trim()];
    return null;
  }

  #program(line: string): ToolRow | null {
    const info = INFO.exec(line);
    if (info !== null)
      return {
        kind: 'device',
        tool: 'program',
        index: Number(info[1]),
        name: 'GPU',
        usedMib: Number(info[3]),
        totalMib: Number(info[2]),
      };
    const [, index, name, used, total] = KALDI.exec(line) ?? [];
    return index === undefined
      ? null
      : {
          kind: 'device',
          tool: 'kaldi',
          index: Number(index),
          name: name!,
          usedMib: Number(used),
          totalMib: Number(total),
        };
  }

  #nvtop(line: string): ToolRow | null {
    this.#head(NVTOP_DEVICE.exec(line));
    const memory = NVTOP_MEMORY.exec(line);
    if (memory !== null) return this.#named('nvtop', memory);
    const [, pid, device, held, name] = NVTOP_PROCESS.exec(line) ?? [];
    return pid === undefined
      ? null
      : { kind: 'process', tool: 'nvtop', says: `device ${device}: process ${pid} (${name}) ${held} MiB` };
  }

  #nvitop(line: string): ToolRow | null {
    if (!line.startsWith('│')) return null;
    const [, device, pid, held, command] = NVITOP_PROCESS.exec(line) ?? [];
    if (device !== undefined)
      return {
        kind: 'process',
        tool: 'nvitop',
        says: `device ${device}: process ${pid} (${command}) ${held}`,
      };
    const memory = NVITOP_MEMORY.exec(line);
    return memory === null ? this.#head(NVITOP_DEVICE.exec(line)) : this.#named('nvitop', memory);
  }

  #amd(line: string): ToolRow | null {
    this.#isAmd ||= AMD_HEAD.test(line);
    const row = this.#isAmd ? AMD_ROW.exec(line) : null;
    const device = { kind: 'device' as const, tool: 'amd-smi', name: 'AMD' };
    if (row !== null)
      return { ...device, index: Number(row[1]), usedMib: Number(row[2]), totalMib: Number(row[3]) };
    this.#head(AMD_DEVICE.exec(line));
    this.#total = Number(AMD_TOTAL.exec(line)?.[1] ?? this.#total ?? Number.NaN);
    const used = AMD_USED.exec(line)?.[1];
    return used === undefined || Number.isNaN(this.#total)
      ? null
      : { ...device, index: this.#index, usedMib: Number(used), totalMib: this.#total };
  }

  #xpu(line: string): ToolRow | null {
    const share = { kind: 'share' as const, tool: 'xpu-smi', name: 'Intel' };
    this.#isXpuCsv ||= XPU_HEAD.test(line);
    const row = this.#isXpuCsv ? XPU_ROW.exec(line) : null;
    if (row !== null)
      return { ...share, index: Number(row[1]), percent: Number(row[2]), usedMib: Number(row[3]) };
    this.#head(XPU_DEVICE.exec(line));
    this.#used = Number(XPU_USED.exec(line)?.[1] ?? this.#used ?? Number.NaN);
    const percent = XPU_SHARE.exec(line)?.[1];
    return percent === undefined
      ? null
      : {
          ...share,
          index: this.#index,
          percent: Number(percent),
          usedMib: Number.isNaN(this.#used) ? null : this.#used,
        };
  }
}
