/** A fleet: run folders from many nodes, through NATS JetStream, into one folder. */
export { Collector } from './collector.ts';
export { isToken } from './names.ts';
export { type Access, type Connected, connectTo, FleetError } from './nats.ts';
export { Shipper } from './shipper.ts';
export { defaultStream, makeOrCheckStream, preparedStream } from './stream.ts';
