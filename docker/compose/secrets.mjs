// Makes the installation's secrets once, and leaves those that are there alone: run by compose before everything else.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/run/odoo-sync';
const random = (bytes) => randomBytes(bytes).toString('hex');

/** Keeps a secret under this name, unless one is there. A file appears whole or not at all. @returns what is kept. */
function once(name, made) {
  const file = join(FOLDER, name);
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, made, { mode: 0o444 });
    renameSync(`${file}.new`, file);
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
