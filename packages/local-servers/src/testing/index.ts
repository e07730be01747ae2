export { sharedMongo, sharedRedis } from './sharedServers.js';
