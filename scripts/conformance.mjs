// `npm run conformance`: git-annex's own test suite run against this program, by the annex-suite program found at
// $ANNEX_SUITE or ../shared/lab/annex-suite. Further arguments are passed on (`-- --mode locked --pattern sync`).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensureDependencies, run } from './run.mjs';
import { inPackage, root } from './paths.mjs';

const suite = process.env.ANNEX_SUITE ?? inPackage('../shared/lab/annex-suite');
if (!existsSync(suite)) {
  console.error('The annex-suite program was not found: set ANNEX_SUITE to its path.');
  process.exit(1);
}
if (!ensureDependencies() || !run(process.execPath, ['scripts/build.mjs'])) process.exit(1);

const given = process.argv.slice(2);
const result = spawnSync(suite, given.includes('--mode') ? given : ['--mode', 'all', ...given], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    SUBJECT: process.env.SUBJECT ?? inPackage('bin/git-annex-ts'),
    SUBJECT_SHELL: process.env.SUBJECT_SHELL ?? inPackage('bin/git-annex-ts-shell'),
  },
});
process.stdout.write(result.stdout);

const summary = JSON.parse(result.stdout.trimEnd().split('\n').at(-1));
const total = { passed: 0, failed: 0 };
for (const [mode, counts] of Object.entries(summary.modes ?? summary)) {
  if (typeof counts?.passed !== 'number') continue;
  console.log(`${mode}: ${counts.passed} passed, ${counts.failed} failed`);
  total.passed += counts.passed;
  total.failed += counts.failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
