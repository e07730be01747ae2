export { type FindOptions, type FoundBinary, findBinary } from './findBinary.js';
export { guard } from './guard.js';
export { NoServerError } from './noServerError.js';
export { cleanOrphans } from './orphans.js';
export { mountSmallDisk, type SmallDisk } from './smallDisk.js';
export { type LocalMember, type LocalMongo, type StartMongoOptions, startMongo } from './startMongo.js';
export { type LocalRedis, startRedis } from './startRedis.js';
export { startTcpProxy, type TcpProxy, type TcpProxyOptions } from './tcpProxy.js';
export { until } from './until.js';
