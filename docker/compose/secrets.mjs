// Makes the installation's secrets once, and leaves those that are there alone; then gives each service a copy of its own and of no
// other's. Run by compose before everything else.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [ROOT = '/run'] = process.argv.slice(2);
const FOLDER = join(ROOT, 'odoo-sync');
const FOR = {
  redis: ['redis_password'],
  mongodb: ['mongodb_keyfile', 'mongodb_admin_password', 'mongodb_password'],
  scheduler: ['redis_url', 'mongodb_url'],
  worker: ['redis_url', 'mongodb_url', 'credentials_keys'],
  api: ['redis_url', 'mongodb_url', 'api_token'],
};
const random = (bytes) => randomBytes(bytes).toString('hex');

/** A file appears whole or not at all. */
function write(file, text) {
  writeFileSync(`${file}.new`, text, { mode: 0o444 });
  renameSync(`${file}.new`, file);
}

/** Keeps a secret under this name, unless one is there. @returns what is kept. */
function once(name, made) {
  const file = join(FOLDER, name);
  if (!existsSync(file)) {
    write(file, made);
    console.log(`made ${name}`);
  }
  return readFileSync(file, 'utf8');
}

const redis = once('redis_password', random(24));
once('redis_url', `redis://:${redis}@redis:6379/0`);
once('mongodb_keyfile', randomBytes(756).toString('base64'));
once('mongodb_admin_password', random(24));
const mongodb = once('mongodb_password', random(24));
once('mongodb_url', `mongodb://odoo_sync:${mongodb}@mongodb:27017/odoo_sync?replicaSet=rs0&authSource=admin`);
once('credentials_keys', `k1:${randomBytes(32).toString('base64')}`);
once('api_token', random(32));

for (const [service, names] of Object.entries(FOR)) {
  const folder = join(ROOT, 'for', service);
  mkdirSync(folder, { recursive: true });
  for (const name of names) write(join(folder, name), readFileSync(join(FOLDER, name), 'utf8'));
}
