/** How much the server does for anyone: what bounds its memory and its work. */

/** Blocks a rank's summary keeps; past them two become one. */
export const BLOCKS = 65_536;
/** Bytes of a log from which on its chart is read before its events are. */
export const EARLY_BYTES = 32 * 2 ** 20;
/** Figures it keeps: a log that names ever new ones is not followed in that. */
export const COLUMNS = 256;
/** Points for which a zoomed chart is read from the file again. */
export const RAW_POINTS = 32_768;
/** Buckets of one answer. */
export const MAX_WIDTH = 4096;
/** Figures of one answer. */
export const MAX_FIGURES = 64;
/** Rows of a part of the list, where it is not asked for more, and the most. */
export const ROWS = 100;
export const MAX_ROWS = 5000;
/** Runs that are compared at once, in groups. */
export const MAX_COMPARED = 500;
/** Events of one answer, and their characters together. */
export const MAX_EVENTS = 1000;
export const MAX_EVENTS_LENGTH = 4_000_000;
/** Runs that are followed at once; the one not asked for longest goes first. */
export const OPEN_RUNS = 16;
/** Bytes of their indexes together. */
export const INDEX_BYTES = 512 * 1024 * 1024;
/** A report of a run that goes on is rebuilt at most so often; the list makes its verdict less often. */
export const REPORT_MS = 2000;
export const LIVE_VERDICT_MS = 5000;
/** Of a run of more ranks than this that goes on, so long is spent at once on judging its devices: the first time, and later. */
export const MANY_RANKS = 16;
export const FIRST_JUDGING_MS = 400;
export const JUDGING_MS = 100;
/** Runs whose logs are being read on for their verdicts: each keeps a few MiB. */
export const OPEN_VERDICTS = 24;
/** The list works on while somebody asks for it at least this often. */
export const IDLE_MS = 10_000;
/** Snapshots kept on the way through a run; past them every other one goes. */
export const KEYFRAMES = 64;
/** Live streams in all. */
export const MAX_STREAMS = 256;
/** Bytes that a live stream may hold for a reader that does not read. */
export const STREAM_BYTES = 512 * 1024;
/** A client that reads nothing for so long is dropped. */
export const STREAM_PATIENCE_MS = 30_000;
/** A live stream sends at most this often, and a heartbeat at least this often. */
export const FLUSH_MS = 100;
export const HEARTBEAT_MS = 10_000;
/** Points sent to a resumed stream; one that missed more is asked to start again. */
export const RESUME_POINTS = 2000;
/** Requests that an address may make at once, and a second. */
export const BURST = 400;
export const REQUESTS_PER_SECOND = 100;
/** An answer waits this long for a run that is read for the first time, then holds what there is. */
export const PATIENCE_MS = 400;
