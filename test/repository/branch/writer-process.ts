/**
 * A process that writes to the branch until it is done or killed, for the tests of concurrency and of sudden death:
 * FOLDER NAME ROUNDS BATCH. Prints one line for each round whose changes are promised to last.
 */
import { writeSync } from 'node:fs';
import { createLocationTracking } from '../../../src/repository/branch/location-tracking.js';
import { createLogClock } from '../../../src/repository/branch/log-clock.js';
import { openBranch } from './branch-fixture.js';
import { keyNumber, uuidOf } from './writer-facts.js';

const [, , folder = '', name = '', rounds = '0', batch = '1'] = process.argv;
const { branch, git } = openBranch(folder);
const tracking = createLocationTracking(branch, createLogClock());
for (let round = 0; round < Number(rounds); round++) {
  const uuid = uuidOf(name, round);
  await tracking.record(
    Array.from({ length: Number(batch) }, (_, i) => ({ key: keyNumber(i), uuid, state: '1' })),
  );
  writeSync(1, `${round}\n`);
  if (round % 3 === 2) await branch.commit();
}
await branch.commit();
await git.close();
