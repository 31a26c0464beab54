// `npm run bench`: builds the program and the benchmark, then runs the benchmark; `npm run bench -- wire` that of transfers
// over ssh and http, `npm run bench -- cluster` that of clusters behind a gateway. Options go to it; see --help.
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const outfile = 'node_modules/.cache/git-annex-ts/bench.mjs';
const [first, ...rest] = process.argv.slice(2);
const part = ['wire', 'cluster'].find((name) => name === first);
const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
await build({
  entryPoints: [`test/bench/${part ?? 'main'}.ts`],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile,
});
const run = spawnSync(process.execPath, [outfile, ...(part ? rest : process.argv.slice(2))], {
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
