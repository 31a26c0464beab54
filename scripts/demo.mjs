// `npm run demo`: two work repositories and a bare one between them, in a temporary folder, kept in step by the program.
// Imports no package: the dependencies may not be installed yet.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inPackage } from './paths.mjs';
import { ensureDependencies, run } from './run.mjs';

if (!ensureDependencies() || !run(process.execPath, ['scripts/build.mjs'])) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'git-annex-ts-demo-'));
const programs = join(folder, 'bin');
const bare = join(folder, 'bare.git');
const laptop = join(folder, 'laptop');
const desktop = join(folder, 'desktop');

mkdirSync(programs);
for (const name of ['git-annex-ts', 'git-annex-ts-shell']) {
  if (existsSync(inPackage('bin', name))) symlinkSync(inPackage('bin', name), join(programs, name));
}
const env = {
  ...process.env,
  PATH: `${programs}${delimiter}${process.env.PATH}`,
  GIT_AUTHOR_NAME: 'Demo',
  GIT_AUTHOR_EMAIL: 'demo@localhost',
  GIT_COMMITTER_NAME: 'Demo',
  GIT_COMMITTER_EMAIL: 'demo@localhost',
};

say('A bare repository, and a laptop that uses it');
show(folder, 'git', 'init', '--quiet', '--bare', '--initial-branch=main', bare);
show(bare, 'git', 'annex-ts', 'init', 'bare');
show(folder, 'git', 'clone', '--quiet', bare, laptop);
show(laptop, 'git', 'annex-ts', 'init', 'laptop');

say('The laptop adds a large file and a note');
writeFileSync(join(laptop, 'film.raw'), Buffer.alloc(5_000_000, 'film'));
writeFileSync(join(laptop, 'note.txt'), 'Watch the film.\n');
show(laptop, 'git', 'annex-ts', 'add', '.');
show(laptop, 'git', 'annex-ts', 'sync', '--content');

say('A desktop joins, and gets both');
show(folder, 'git', 'clone', '--quiet', bare, desktop);
show(desktop, 'git', 'annex-ts', 'init', 'desktop');
show(desktop, 'git', 'annex-ts', 'sync', '--content');
show(desktop, 'git', 'annex-ts', 'whereis', 'film.raw');

say('The desktop renames the film; the laptop hears of it');
show(desktop, 'git', 'mv', 'film.raw', 'holiday.raw');
show(desktop, 'git', 'annex-ts', 'sync', '--content');
show(laptop, 'git', 'annex-ts', 'sync', '--content');

const same = readFileSync(join(laptop, 'holiday.raw')).equals(readFileSync(join(desktop, 'holiday.raw')));
if (!same || lstatSync(join(laptop, 'holiday.raw')).size === 0) {
  console.error('holiday.raw differs between the laptop and the desktop.');
  process.exit(1);
}
say('Laptop and desktop hold the same holiday.raw. What to look at');
console.log(`  cd ${desktop}`);
console.log('  git log --oneline --graph --all');
console.log('  git show git-annex --stat          # where git-annex keeps its records');
console.log('  ls -l holiday.raw                  # a link to the content in .git/annex/objects');
console.log(`  export PATH="${programs}:$PATH"    # then try: git annex-ts whereis`);
console.log(`  chmod -R u+w ${folder} && rm -rf ${folder}`);

function say(text) {
  console.log(`\n# ${text}`);
}

/** Runs a command and shows it with its output; ends the demo when it fails. */
function show(cwd, program, ...args) {
  console.log(
    `\n${cwd.slice(folder.length + 1) || '.'}$ ${[program, ...args].join(' ').replaceAll(`${folder}/`, '')}`,
  );
  const { status, error } = spawnSync(program, args, { cwd, env, stdio: 'inherit' });
  if (status === 0) return;
  console.error(
    error?.message ?? `That ended with status ${status}; the demo stops here. Its files are in ${folder}`,
  );
  process.exit(1);
}
