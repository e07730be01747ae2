export { createSchedule } from './schedule.js';
