// `npm test`: everything that has to hold, from a fresh clone. Ends with the line `N passed, N failed`.
// Imports no package: the dependencies may not be installed yet.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, run, runBin } from './run.mjs';
import { useScratchFolder } from './scratch-folder.mjs';
import { setUpTestTools } from './setup-test-tools.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

check('dependencies', ensureDependencies);
check('test tools', () => {
  const problem = setUpTestTools();
  if (problem !== undefined) console.error(problem);
  return problem === undefined;
});
check('build', () => run(process.execPath, ['scripts/build.mjs']));
check('format', () => runBin('biome', ['format']));
check('lint', () => runBin('biome', ['lint', '--error-on-warnings']));
check('types', () => runBin('tsc', ['--noEmit']));
check('manifest, man pages and completion are fresh', () =>
  run(process.execPath, ['scripts/generate.mjs', '--check']),
);
const scratch = useScratchFolder();
suite('unit tests', 'vitest.config.ts');
suite('interop tests', 'vitest.interop.config.ts');
scratch.remove();

for (const name of failures) console.log(`failed: ${name}`);
if (counts.skipped > 0) console.log(`skipped: ${counts.skipped}`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** A check that counts as one. */
function check(name, holds) {
  console.log(`== ${name}`);
  count(name, holds());
}

/** Test files, each test counted as one; a file that could not be run counts as one failure. */
function suite(name, config) {
  console.log(`== ${name}`);
  const report = join(scratch.folder, `${config}.json`);
  const ran = runBin('vitest', [
    ...['run', '--config', config, '--passWithNoTests', '--reporter=default'],
    ...['--reporter=json', `--outputFile.json=${report}`],
  ]);
  try {
    const { numPassedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    counts.passed += numPassedTests;
    counts.skipped += numPendingTests + numTodoTests;
    const before = counts.failed;
    for (const file of testResults) {
      const failed = file.assertionResults.filter(({ status }) => status === 'failed');
      for (const { fullName } of failed) count(fullName, false);
      if (file.status === 'failed' && failed.length === 0) count(file.name, false);
    }
    if (!ran && counts.failed === before) count(name, false);
  } catch {
    count(`${name}: no report`, false);
  }
}

function count(name, passed) {
  if (passed) counts.passed++;
  else {
    counts.failed++;
    failures.push(name);
  }
}
