import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { locationLogPath } from '../../../src/domain/hash-directories.js';
import { createLocationTracking } from '../../../src/repository/branch/location-tracking.js';
import { createLogClock } from '../../../src/repository/branch/log-clock.js';
import { tryFileLock } from '../../../src/repository/locks/file-lock.js';
import { annex, cleanEnvironment, git, newFolder, removeFolder } from '../git/temporary-repository.js';
import { all, b, branchFiles, newAnnex, openBranch } from './branch-fixture.js';
import { keyNumber, uuidOf } from './writer-facts.js';

// Beside the packages, so that the native one is found.
const program = fileURLToPath(
  new URL(`../../../node_modules/.annex-ts-test/writer-${process.pid}.mjs`, import.meta.url),
);
let folder: string;

beforeAll(async () => {
  mkdirSync(fileURLToPath(new URL('../../../node_modules/.annex-ts-test', import.meta.url)), {
    recursive: true,
  });
  await build({
    entryPoints: [fileURLToPath(new URL('writer-process.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(() => {
  folder = newFolder();
  newAnnex(folder, 'here');
});
afterEach(() => removeFolder(folder));

interface Writer {
  readonly child: ChildProcess;
  /** Rounds it has promised so far. */
  promised(): number[];
}

function startWriter(name: string, rounds: number, batch: number, more: Record<string, string> = {}): Writer {
  const args = [program, folder, name, String(rounds), String(batch)];
  const child = spawn(process.execPath, args, {
    env: cleanEnvironment(more),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    child,
    promised: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map(Number),
  };
}

/** What the real program says of a key. */
function locationsOf(i: number): string {
  return annex(folder, 'whereis', '--json', `--key=${keyNumber(i)}`);
}

describe('writers at the same time', () => {
  it('lose no update: four of ours and two of git-annex', async () => {
    const run = promisify(execFile);
    const [rounds, theirs, keys] = [12, 8, 3];
    const ours = ['1', '2', '3', '4'].map((name) => startWriter(name, rounds, keys));
    const gitAnnex = ['5', '6'].map(async (name) => {
      for (let round = 0; round < theirs; round++) {
        const key = keyNumber(round % keys);
        const options = { cwd: folder, env: cleanEnvironment() };
        await run('git', ['annex', 'setpresentkey', key, uuidOf(name, round), '1'], options);
        // This one commits the journal, ours included.
        if (round % 2 === 1) await run('git', ['annex', 'numcopies', String(round)], options);
      }
    });
    await Promise.all([...gitAnnex, ...ours.map(({ child }) => once(child, 'close'))]);
    annex(folder, 'merge', '-q');
    annex(folder, 'numcopies', '9');
    for (let i = 0; i < keys; i++) {
      const found = locationsOf(i);
      for (const name of ['1', '2', '3', '4']) {
        for (let round = 0; round < rounds; round++) expect(found).toContain(uuidOf(name, round));
      }
      for (const name of ['5', '6']) {
        for (let round = 0; round < theirs; round++) {
          if (round % keys === i) expect(found).toContain(uuidOf(name, round));
        }
      }
    }
    git(folder, 'fsck', '--strict');
    const { branch, git: opened } = openBranch(folder);
    await branch.commit();
    expect(new Set((await all(branch.readAll(() => true))).map(({ path }) => path))).toEqual(
      new Set(branchFiles(folder).keys()),
    );
    await opened.close();
  }, 120_000);

  it('wait for the journal lock of the other program', async () => {
    const lock = tryFileLock(b(`${folder}/.git/annex/journal.lck`), 'exclusive');
    const child = spawn('git', ['annex', 'numcopies', '7'], {
      cwd: folder,
      env: cleanEnvironment(),
      stdio: 'ignore',
    });
    const writer = startWriter('1', 1, 1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(child.exitCode).toBeNull();
    expect(writer.promised()).toEqual([]);
    lock?.release();
    await Promise.all([once(child, 'close'), once(writer.child, 'close')]);
    expect(branchFiles(folder).get('numcopies.log')).toMatch(/ 7\n$/);
    expect(locationsOf(0)).toContain(uuidOf('1', 0));
  }, 30_000);
});

describe('a writer killed at any moment', () => {
  it('loses nothing it promised, breaks nothing, and leaves no lock', async () => {
    for (let round = 0; round < 12; round++) {
      const name = String(100 + round);
      // Large batches are committed directly, small ones are journalled first.
      const batch = round % 4 === 3 ? 1000 : 20;
      const writer = startWriter(name, 1000, batch);
      while (writer.promised().length < 1 + (round % 3))
        await new Promise((resolve) => setTimeout(resolve, 5));
      // Spread over the few milliseconds that the steps take.
      await new Promise((resolve) => setTimeout(resolve, (round * 7919) % 53));
      writer.child.kill('SIGKILL');
      await once(writer.child, 'close');
      const promised = writer.promised();

      const { branch, git: opened } = openBranch(folder);
      const tracking = createLocationTracking(branch, createLogClock());
      const check = async (): Promise<void> => {
        const keys = Array.from({ length: batch }, (_, i) => keyNumber(i));
        for await (const { key, uuids } of tracking.locations(keys)) {
          const known = new Set(uuids);
          for (const done of promised)
            expect(known.has(uuidOf(name, done)), `${key} round ${done}`).toBe(true);
        }
      };
      await check();
      await branch.commit();
      await check();
      await opened.close();
      git(folder, 'fsck', '--strict');
      if (round % 4 !== 0) continue;
      annex(folder, 'numcopies', String(round + 1));
      for (const done of promised) expect(locationsOf(0)).toContain(uuidOf(name, done));
    }
  }, 120_000);

  it('neither when killed just before or after each step of a commit', async () => {
    const steps = ['commit-tree', 'update-ref', 'update-index', 'read-tree', 'index-pack', 'cat-file'];
    const bin = `${folder}/bin`;
    mkdirSync(bin);
    // In git's place: kills the program that calls it for one kind of command.
    const script = `#!/bin/sh
for word; do
  [ "$word" = "$STOP_AT" ] || continue
  [ "$STOP_WHEN" = before ] && kill -9 $PPID && exit 1
  "$REAL_GIT" "$@"; kill -9 $PPID; exit 1
done
exec "$REAL_GIT" "$@"
`;
    writeFileSync(`${bin}/git`, script, { mode: 0o755 });
    const realGit = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
    let number = 200;
    for (const batch of [3, 1200]) {
      for (const step of batch === 3 ? steps : steps.filter((each) => each !== 'cat-file')) {
        for (const when of ['before', 'after']) {
          const name = String(number++);
          const path = `${bin}:${process.env['PATH'] ?? ''}`;
          const writer = startWriter(name, 3, batch, {
            PATH: path,
            REAL_GIT: realGit,
            STOP_AT: step,
            STOP_WHEN: when,
          });
          await once(writer.child, 'close');
          const promised = writer.promised();
          const { branch, git: opened } = openBranch(folder);
          await branch.commit();
          await opened.close();
          const log = branchFiles(folder).get(locationLogPath(keyNumber(0))) ?? '';
          for (const done of promised) expect(log, `${step} ${when}`).toContain(uuidOf(name, done));
          expect(readdirSync(`${folder}/.git/annex/journal`)).toEqual([]);
        }
      }
      git(folder, 'fsck', '--strict');
      annex(folder, 'numcopies', String(number));
      expect(branchFiles(folder).get('numcopies.log')).toContain(` ${number}\n`);
      const files = [...branchFiles(folder).keys()];
      expect(files.length).toBe(batch + 2);
    }
  }, 120_000);
});
