// `npm run bench`: builds the program and the benchmark, then runs the benchmark; `npm run bench -- wire` that of transfers
// over ssh and http. Options go to it; see --help.
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const outfile = 'node_modules/.cache/git-annex-ts/bench.mjs';
const [first, ...rest] = process.argv.slice(2);
const isWire = first === 'wire';
const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
await build({
  entryPoints: [isWire ? 'test/bench/wire.ts' : 'test/bench/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile,
});
const run = spawnSync(process.execPath, [outfile, ...(isWire ? rest : process.argv.slice(2))], {
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
