// Healthy: a replica set of one node that takes writes, with the engine's own user. What is missing of that is made, once: the set
// and the first users need no password while there are none, and only from the server's own container.
const secret = (name) => fs.readFileSync(`/run/odoo-sync/${name}`, 'utf8').trim();
const admin = db.getSiblingDB('admin');

if (!db.hello().setName) rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongodb:27017' }] });
if (!db.hello().isWritablePrimary) quit(1);

const loginOf = (user, name) => {
  try {
    return admin.auth(user, secret(name)).ok === 1;
  } catch {
    return false;
  }
};
if (!loginOf('odoo_sync', 'mongodb_password')) {
  if (!loginOf('admin', 'mongodb_admin_password')) {
    admin.createUser({ user: 'admin', pwd: secret('mongodb_admin_password'), roles: ['root'] });
    admin.auth('admin', secret('mongodb_admin_password'));
  }
  admin.createUser({
    user: 'odoo_sync',
    pwd: secret('mongodb_password'),
    roles: [{ role: 'readWrite', db: 'odoo_sync' }],
  });
}
