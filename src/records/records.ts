/** Every record, by number. */
import type { TelemetryRecord } from './record.ts';
import { TELE_010 } from './TELE-010.ts';
import { TELE_011 } from './TELE-011.ts';
import { TELE_012 } from './TELE-012.ts';
import { TELE_013 } from './TELE-013.ts';
import { TELE_020 } from './TELE-020.ts';
import { TELE_021 } from './TELE-021.ts';
import { TELE_022 } from './TELE-022.ts';
import { TELE_023 } from './TELE-023.ts';
import { TELE_024 } from './TELE-024.ts';
import { TELE_030 } from './TELE-030.ts';
import { TELE_031 } from './TELE-031.ts';
import { TELE_040 } from './TELE-040.ts';
import { TELE_041 } from './TELE-041.ts';
import { TELE_050 } from './TELE-050.ts';
import { TELE_110 } from './TELE-110.ts';
import { TELE_120 } from './TELE-120.ts';
import { TELE_131 } from './TELE-131.ts';
import { TELE_135 } from './TELE-135.ts';
import { TELE_136 } from './TELE-136.ts';
import { TELE_140 } from './TELE-140.ts';
import { TELE_145 } from './TELE-145.ts';
import { TELE_146 } from './TELE-146.ts';
import { TELE_200 } from './TELE-200.ts';
import { TELE_230 } from './TELE-230.ts';
import { TELE_300 } from './TELE-300.ts';
import { TELE_310 } from './TELE-310.ts';
import { TELE_701 } from './TELE-701.ts';
import { TELE_703 } from './TELE-703.ts';
import { TELE_704 } from './TELE-704.ts';
import { TELE_705 } from './TELE-705.ts';
import { TELE_710 } from './TELE-710.ts';
import { TELE_720 } from './TELE-720.ts';
import { TELE_721 } from './TELE-721.ts';
import { TELE_722 } from './TELE-722.ts';
import { TELE_723 } from './TELE-723.ts';
import { TELE_724 } from './TELE-724.ts';
import { TELE_730 } from './TELE-730.ts';
import { TELE_731 } from './TELE-731.ts';
import { TELE_732 } from './TELE-732.ts';
import { TELE_733 } from './TELE-733.ts';
import { TELE_734 } from './TELE-734.ts';
import { TELE_740 } from './TELE-740.ts';
import { TELE_741 } from './TELE-741.ts';
import { TELE_750 } from './TELE-750.ts';
import { TELE_751 } from './TELE-751.ts';
import { TELE_752 } from './TELE-752.ts';
import { TELE_753 } from './TELE-753.ts';
import { TELE_754 } from './TELE-754.ts';
import { TELE_760 } from './TELE-760.ts';
import { TELE_761 } from './TELE-761.ts';
import { TELE_762 } from './TELE-762.ts';
import { TELE_763 } from './TELE-763.ts';
import { TELE_770 } from './TELE-770.ts';
import { TELE_771 } from './TELE-771.ts';
import { TELE_772 } from './TELE-772.ts';
import { TELE_773 } from './TELE-773.ts';
import { TELE_774 } from './TELE-774.ts';
import { TELE_775 } from './TELE-775.ts';
import { TELE_776 } from './TELE-776.ts';
import { TELE_780 } from './TELE-780.ts';
import { TELE_781 } from './TELE-781.ts';
import { TELE_782 } from './TELE-782.ts';
import { TELE_783 } from './TELE-783.ts';
import { TELE_784 } from './TELE-784.ts';
import { TELE_785 } from './TELE-785.ts';
import { TELE_786 } from './TELE-786.ts';
import { TELE_790 } from './TELE-790.ts';
import { TELE_791 } from './TELE-791.ts';
import { TELE_792 } from './TELE-792.ts';
import { TELE_793 } from './TELE-793.ts';
import { TELE_794 } from './TELE-794.ts';
import { TELE_795 } from './TELE-795.ts';
import { TELE_796 } from './TELE-796.ts';
import { TELE_797 } from './TELE-797.ts';
import { TELE_798 } from './TELE-798.ts';
import { TELE_799 } from './TELE-799.ts';

export const records: readonly TelemetryRecord[] = [
  TELE_010,
  TELE_011,
  TELE_012,
  TELE_013,
  TELE_020,
  TELE_021,
  TELE_022,
  TELE_023,
  TELE_024,
  TELE_030,
  TELE_031,
  TELE_040,
  TELE_041,
  TELE_050,
  TELE_110,
  TELE_120,
  TELE_131,
  TELE_135,
  TELE_136,
  TELE_140,
  TELE_145,
  TELE_146,
  TELE_200,
  TELE_230,
  TELE_300,
  TELE_310,
  TELE_701,
  TELE_703,
  TELE_704,
  TELE_705,
  TELE_710,
  TELE_720,
  TELE_721,
  TELE_722,
  TELE_723,
  TELE_724,
  TELE_730,
  TELE_731,
  TELE_732,
  TELE_733,
  TELE_734,
  TELE_740,
  TELE_741,
  TELE_750,
  TELE_751,
  TELE_752,
  TELE_753,
  TELE_754,
  TELE_760,
  TELE_761,
  TELE_762,
  TELE_763,
  TELE_770,
  TELE_771,
  TELE_772,
  TELE_773,
  TELE_774,
  TELE_775,
  TELE_776,
  TELE_780,
  TELE_781,
  TELE_782,
  TELE_783,
  TELE_784,
  TELE_785,
  TELE_786,
  TELE_790,
  TELE_791,
  TELE_792,
  TELE_793,
  TELE_794,
  TELE_795,
  TELE_796,
  TELE_797,
  TELE_798,
  TELE_799,
];

/** The record of the figure at a path of the snapshot, or of a figure's or a record's name; undefined where there is none. */
export const recordFor = (key: string): TelemetryRecord | undefined =>
  records.find(record => record.path === key || record.figure === key || record.id === key);
