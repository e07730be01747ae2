import type { UserId } from '@odoo-sync/core';
import { ObjectId } from 'mongodb';

const HEX = /^[0-9a-f]{24}$/i;

/** The id of a user whose application names its users by ObjectIds; null for a text that isn't 24 hexadecimal digits. */
export const objectIdOf = (text: string): UserId | null => (HEX.test(text) ? new ObjectId(text) : null);
