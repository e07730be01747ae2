export * from './openFleet.js';
