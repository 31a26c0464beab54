/** `npm run bench`: the same work for git-annex and for git-annex-ts in turn; prints ratios of medians. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Case, Sizes } from './cases.js';
import { cases } from './cases.js';
import type { Measured } from './measure.js';
import { measure, median } from './measure.js';
import type { Subject } from './scene.js';
import { Scene } from './scene.js';

const help = `npm run bench -- [options]
  --files N     small files (default 20000)
  --big MIB     size of the big file (default 4096)
  --only TEXT   only cases whose name holds TEXT (may be repeated)
  --rounds N    rounds of each case instead of its own number
  --ours-only   measure git-annex-ts alone
  --dir DIR     where to make the scratch folder
  --json        one JSON record per case`;

interface Row {
  readonly name: string;
  readonly target: number;
  readonly mostMore: number | undefined;
  readonly ours: Measured;
  readonly theirs: Measured | undefined;
}

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '20000' },
    big: { type: 'string', default: '4096' },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    'ours-only': { type: 'boolean', default: false },
    dir: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const program = resolve('bin/git-annex-ts');
const ours: Subject = { name: 'git-annex-ts', command: [process.execPath, program] };
const theirs: Subject = { name: 'git-annex', command: ['git-annex'] };

async function runOnce(scene: Scene, one: Case, subject: Subject, sizes: Sizes): Promise<Measured> {
  const prepared = one.prepare(scene, subject, ours, sizes);
  const measured = await measure(
    [...(prepared.command ?? subject.command), ...prepared.args],
    prepared.cwd,
    scene.env,
  );
  prepared.check();
  for (const folder of prepared.folders) scene.remove(folder);
  return measured;
}

function middle(runs: readonly Measured[]): Measured {
  return {
    seconds: median(runs.map((run) => run.seconds)),
    peakMiB: Math.max(...runs.map((run) => run.peakMiB)),
  };
}

async function runCase(scene: Scene, one: Case, sizes: Sizes): Promise<Row> {
  const runs = { ours: [] as Measured[], theirs: [] as Measured[] };
  const rounds = Number(values.rounds ?? one.rounds);
  for (let round = 0; round < rounds; round++) {
    if (!values['ours-only']) runs.theirs.push(await runOnce(scene, one, theirs, sizes));
    runs.ours.push(await runOnce(scene, one, ours, sizes));
  }
  return {
    name: one.name,
    target: one.target,
    mostMore: one.mostMore,
    ours: middle(runs.ours),
    theirs: runs.theirs.length > 0 ? middle(runs.theirs) : undefined,
  };
}

function print(row: Row): void {
  if (values.json) {
    console.log(JSON.stringify(row));
    return;
  }
  const more = row.theirs ? (row.ours.seconds - row.theirs.seconds) * 1000 : undefined;
  const ratio = row.theirs ? row.ours.seconds / row.theirs.seconds : undefined;
  const cells = [
    row.name.padEnd(56),
    `${row.ours.seconds.toFixed(3)} s`.padStart(10),
    (row.theirs ? `${row.theirs.seconds.toFixed(3)} s` : '-').padStart(10),
    (ratio === undefined || more === undefined
      ? '-'
      : row.mostMore === undefined
        ? ratio.toFixed(3)
        : `${more >= 0 ? '+' : ''}${more.toFixed(1)} ms`
    ).padStart(8),
    (row.mostMore === undefined ? `<= ${row.target}` : `<= +${row.mostMore}`).padStart(8),
    `${row.ours.peakMiB.toFixed(0)} MiB`.padStart(9),
    (row.theirs ? `${row.theirs.peakMiB.toFixed(0)} MiB` : '-').padStart(9),
  ];
  console.log(cells.join(' '));
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(help);
    return;
  }
  const sizes: Sizes = { files: Number(values.files), bigBytes: Number(values.big) * 1048576 };
  const scene = new Scene(values.dir);
  try {
    if (!values.json) {
      console.log(
        `${sizes.files} small files, big file of ${values.big} MiB; medians, ratio ours/git-annex, target, peak memory`,
      );
      console.log(
        [
          'case'.padEnd(56),
          'ours'.padStart(10),
          'git-annex'.padStart(10),
          'ratio'.padStart(8),
          'target'.padStart(8),
          'ours'.padStart(9),
          'theirs'.padStart(9),
        ].join(' '),
      );
    }
    for (const one of cases.filter(
      (c) => values.only.length === 0 || values.only.some((text) => c.name.includes(text)),
    )) {
      print(await runCase(scene, one, sizes));
    }
  } finally {
    scene.close();
  }
}

await main();
