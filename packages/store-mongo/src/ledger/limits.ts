import type { AttemptLimits } from '@odoo-sync/core';
import type { StoreContext } from '../context.js';

export const limitsOf = ({ settings }: Pick<StoreContext, 'settings'>): AttemptLimits => ({
  maxAttempts: settings.maxAttempts,
  maxExpiries: settings.maxExpiries,
});
