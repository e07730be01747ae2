import type { Route } from '../context.js';
import { dashboardRoute } from './dashboard.js';
import { docsJsonRoute } from './docs/json.js';
import { healthzRoute } from './healthz.js';
import { readyzRoute } from './readyz.js';
import { rootRoute } from './root.js';
import { statusRoute } from './status.js';
import { retryRoute } from './turns/turnId/retry.js';
import { acceptAuditRoute } from './users/id/audit/accept.js';
import { auditRoute } from './users/id/audit.js';
import { explainRoute } from './users/id/explain.js';
import { resyncRoute } from './users/id/resync.js';
import { wakeRoute } from './users/id/wake.js';
import { userRoute } from './users/id.js';

export const ROUTES: readonly Route[] = [
  rootRoute,
  healthzRoute,
  readyzRoute,
  statusRoute,
  userRoute,
  explainRoute,
  resyncRoute,
  auditRoute,
  acceptAuditRoute,
  wakeRoute,
  retryRoute,
  dashboardRoute,
  docsJsonRoute,
];
