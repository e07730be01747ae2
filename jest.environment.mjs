// Node's environment, with what the test files of one worker share. Each file has globals and modules of its own, so that
// only something out here lives as long as the worker: it holds the addresses of servers, which end with the worker too.
import { TestEnvironment } from 'jest-environment-node';

const keptByWorker = new Map();

export default class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.keptByWorker = keptByWorker;
  }
}
