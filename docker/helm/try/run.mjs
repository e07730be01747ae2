// Trials of the chart in a cluster that kubectl and helm reach: `node docker/helm/try/run.mjs [TRIAL ...]`; all of them without a name.
// The cluster needs KEDA, and the images odoo-sync (or ODOO_SYNC_IMAGE), redis:8 and mongo:8. Two namespaces are made and stay.
import { prepare, report, trial } from './cluster.mjs';
import { TRIALS } from './trials.mjs';

const names = process.argv.slice(2);
for (const name of names)
  if (!TRIALS[name]) {
    console.error(`there is no trial ${name}: expected some of ${Object.keys(TRIALS).join(', ')}`);
    process.exit(64);
  }
await prepare();
for (const name of names.length > 0 ? names : Object.keys(TRIALS)) await trial(name, TRIALS[name]);
report();
