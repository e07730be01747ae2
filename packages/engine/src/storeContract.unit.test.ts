import { describeStoreContract } from './testing/contract/describeStoreContract.js';
import { openMemoryContracted } from './testing/memoryContracted.js';

describeStoreContract('in memory', (settings) => openMemoryContracted(settings, false));
describeStoreContract('in memory, with commits in parts', (settings) => openMemoryContracted(settings, true));
