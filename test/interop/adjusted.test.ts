import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { type Annex, createScene, must, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;

/** All commits at one moment, so that the same work gives the same commits. */
const dates = {
  GIT_AUTHOR_DATE: '1700000000 +0100',
  GIT_COMMITTER_DATE: '1710000000 -0200',
};

beforeAll(() => {
  scene = createScene({ resident: true });
  Object.assign(scene.env, dates);
  const a = scene.create('pair/a');
  for (const name of ['locked', 'd/deep', 'gone', 'hidden/only', 'x'] as const) a.write(name, `${name}\n`);
  a.must('real', 'add', '-q', '.');
  for (const name of ['unlocked', 'unlockedgone', 'run', '\xe9 n']) a.write(name, `${name}\n`);
  chmodSync(a.file('run'), 0o755);
  a.must('real', 'add', '-q', '-c', 'annex.addunlocked=true', '.');
  a.write('plain', 'plain\n');
  symlinkSync('nowhere', a.file('link'));
  a.git('-c', 'annex.largefiles=nothing', 'add', '.');
  a.git('commit', '-qm', 'first');
  scene.clone('pair/a', 'pair/b');
  const b = scene.repository('pair/b');
  b.must('real', 'get', '-q', 'locked', 'd', 'x', 'unlocked', 'run', '\xe9 n');
  b.must('real', 'sync', '-q', '--no-content');
  a.must('real', 'sync', '-q');
});
afterAll(() => scene.remove());

let copies = 0;

/** The same two repositories twice. */
function twins(): { readonly who: Annex; readonly a: Repository; readonly b: Repository }[] {
  const made = ++copies;
  return (['real', 'ours'] as const).map((who) => {
    const folder = `${made}-${who}`;
    scene.copy('pair', folder);
    return { who, a: scene.repository(`${folder}/a`), b: scene.repository(`${folder}/b`) };
  });
}

/** What both programs must agree on: branches and their commits, files, and git's opinion of them. */
function stateOf(repository: Repository) {
  const refs = repository.git(
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    'refs/heads',
    'refs/basis',
  );
  return {
    head: repository.git('rev-parse', '--abbrev-ref', 'HEAD'),
    refs: refs.split('\n').filter((line) => !/git-annex|heads\/synced/.test(line)),
    tree: repository.git('ls-tree', '-r', '-t', 'HEAD').split('\n'),
    status: repository.git('status', '--porcelain'),
  };
}

/** Does a step in both twins; the states of b are the same afterwards. */
function inBoth(pair: ReturnType<typeof twins>, step: (twin: (typeof pair)[number]) => void): void {
  const [real, ours] = pair.map((twin) => {
    step(twin);
    return stateOf(twin.b);
  });
  expect(ours).toEqual(real);
}

describe('adjust beside git-annex', () => {
  const modes = [
    ['--unlock'],
    ['--lock'],
    ['--fix'],
    ['--hide-missing'],
    ['--hide-missing', '--unlock'],
    ['--lock', '--hide-missing'],
    ['--unlock-present'],
  ];

  it('makes the same branches, and takes the same commits back', () => {
    const pair = twins();
    for (const [n, mode] of modes.entries()) {
      inBoth(pair, ({ who, b }) => {
        b.must(who, 'adjust', ...mode);
      });
      inBoth(pair, ({ who, b }) => {
        b.write(`new${n}`, `new${n}\n`);
        b.must(who, 'add', '-q', `new${n}`);
        b.write(`git${n}`, `git${n}\n`);
        b.git('-c', 'annex.largefiles=anything', 'add', `git${n}`);
        b.git('mv', `${n === 0 ? 'x' : `d/x${n - 1}`}`, `d/x${n}`);
        b.git('commit', '-qm', `moved ${n}\n\nmore \xc3\xa9`);
        b.git('rm', '-q', n === 0 ? 'plain' : `git${n - 1}`);
        b.git('commit', '-q', '--author=Other <o@example.com>', '-m', 'removed');
        b.must(who, 'sync', '-q', '--no-push', '--no-pull');
      });
      for (const { b } of pair) b.git('checkout', '-q', 'main');
    }
    const ours = pair[1]?.b as Repository;
    expectSound(ours, { missingCopies: true });
  });

  it('checks out with its own filter, and keeps hooks of the user', () => {
    const [, { b }] = twins() as [unknown, ReturnType<typeof twins>[number]];
    b.git('config', 'filter.annex.process', 'git-annex filter-process; touch filter-ran');
    b.must('ours', 'adjust', '--unlock');
    expect(existsSync(b.file('filter-ran'))).toBe(false);
    expect(readFileSync(b.file('locked'), 'latin1')).toBe('locked\n');
    const hook = `${b.gitDirectory}/hooks/post-checkout`;
    writeFileSync(hook, `${readFileSync(hook, 'latin1')}touch hook-ran\n`);
    b.must('ours', 'adjust', '--lock');
    expect(existsSync(b.file('hook-ran'))).toBe(true);
    rmSync(b.file('hook-ran'));
    expectSound(b, { missingCopies: true });
  });

  it('says what git-annex says where it refuses', () => {
    const pair = twins();
    const outputs = pair.map(({ who, b }) => {
      const steps = [['--unlock'], ['--unlock'], ['--lock'], ['--unlock'], ['--unlock', '--force']];
      return steps.map((options) => {
        const { status, stdout, stderr } = b.annex(who, 'adjust', ...options);
        return { status, stdout: stdout.replace(/\n+/g, '\n'), stderr: stderr.replace(/\n+/g, '\n') };
      });
    });
    expect(outputs[1]).toEqual(outputs[0]);
    const b = pair[1]?.b as Repository;
    b.git('checkout', '-q', 'main');
    b.git('checkout', '-q', '--detach');
    expect(b.ours('adjust', '--unlock')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not on any branch/),
    });
    expect(b.ours('adjust').status).toBe(1);
    expect(b.ours('adjust', '--unlock', '--lock').status).toBe(1);
    b.git('checkout', '-q', 'main');
    rmSync(b.file('locked'));
    b.write('locked', 'mine');
    const before = stateOf(b);
    expect(b.ours('adjust', '--unlock', '--force').status).toBe(1);
    expect(b.ours('adjust', '--hide-missing', '--unlock').status).toBe(1);
    expect(stateOf(b)).toEqual(before);
  });
});

describe('sync from an adjusted branch', () => {
  it('merges as git-annex does, conflicts included, and both programs leave it at that', () => {
    const pair = twins();
    inBoth(pair, ({ who, a, b }) => {
      b.must(who, 'adjust', '--unlock');
      b.write('x', 'from b\n');
      b.write('both', 'both\n');
      b.must(who, 'add', '-q', 'both');
      b.git('commit', '-qam', 'b');
      a.must('real', 'unlock', '-q', 'x');
      a.write('x', 'from a\n');
      a.git('mv', 'locked', 'renamed');
      a.write('theirs', 'theirs\n');
      a.must('real', 'add', '-q', 'theirs');
      a.git('commit', '-qam', 'a');
      b.must(who, 'sync', '-q', '--no-content');
      a.must(who, 'sync', '-q', '--no-content');
    });
    for (const { who, a, b } of pair) {
      const before = stateOf(b);
      expect(before.tree.filter((line) => /\tx\.variant-/.test(line))).toHaveLength(2);
      expect(b.git('rev-parse', 'main')).toBe(a.git('rev-parse', 'main'));
      b.must(who === 'ours' ? 'real' : 'ours', 'sync', '-q', '--no-content');
      expect(stateOf(b)).toEqual(before);
    }
    // Commits made directly to the original branch, and a branch that is merged by name.
    inBoth(pair, ({ who, b }) => {
      b.git('checkout', '-q', '-b', 'side', 'main~1');
      b.write('side', 'side\n');
      b.must(who, 'add', '-q', 'side');
      b.git('commit', '-qm', 'side');
      b.git('checkout', '-q', 'main');
      b.write('direct', 'direct\n');
      b.must(who, 'add', '-q', 'direct');
      b.git('commit', '-qm', 'direct');
      b.git('checkout', '-q', 'adjusted/main(unlocked)');
      b.write('more', 'more\n');
      b.must(who, 'add', '-q', 'more');
      b.git('commit', '-qm', 'more');
      b.must(who, 'merge', '-q');
      b.must(who, 'merge', '-q', 'side');
    });
    expectSound(pair[1]?.b as Repository, { missingCopies: true });
  });

  it('keeps what is not committed, and refuses what it cannot take back', () => {
    const [, { a, b }] = twins() as [unknown, ReturnType<typeof twins>[number]];
    b.must('ours', 'adjust', '--unlock');
    a.write('late', 'late\n');
    a.must('real', 'add', '-q', 'late');
    a.git('commit', '-qm', 'late');
    b.write('late', 'in the way\n');
    const before = stateOf(b);
    expect(b.ours('sync', '-q', '--no-content').status).toBe(1);
    const { refs, ...rest } = stateOf(b);
    expect({ ...rest, refs }).toEqual(before);
    rmSync(b.file('late'));
  });

  it('leaves a merge made by hand where it is, as git-annex does, and tells the way out', () => {
    const pair = twins();
    inBoth(pair, ({ who, a, b }) => {
      b.must(who, 'adjust', '--unlock');
      a.git('checkout', '-q', '-b', 'other');
      a.git('commit', '-q', '--allow-empty', '-m', 'other');
      a.git('checkout', '-q', 'main');
      a.git('rm', '-q', 'plain');
      a.git('commit', '-q', '-m', 'theirs');
      a.git('merge', '-q', '--no-edit', 'other');
      b.write('plain2', 'plain\n');
      b.git('-c', 'annex.largefiles=nothing', 'add', 'plain2');
      b.git('commit', '-qm', 'mine');
      b.git('fetch', '-q');
      b.git('merge', '-q', '--no-edit', 'origin/main');
      b.git('rm', '-q', 'link');
      b.git('commit', '-qm', 'later');
      const sync = b.annex(who, 'sync', '--no-content', '--no-push');
      expect(sync.status).toBe(1);
      expect(sync.stdout + sync.stderr).toMatch(/unable to propagate merge commit/);
    });
    const { b } = pair[1] as { b: Repository };
    const before = b.git('ls-tree', '-r', 'HEAD');
    const { stdout, stderr } = b.ours('sync', '--no-content', '--no-push');
    const hint = /git (reset --keep \w+).*git (cherry-pick \w+\.\.\w+)/.exec(stdout + stderr);
    b.git(...(hint?.[1] ?? '').split(' '));
    b.must('ours', 'merge', 'origin/main');
    b.git(...(hint?.[2] ?? '').split(' '));
    b.must('ours', 'sync', '--no-content', '--no-push');
    expect(b.git('ls-tree', '-r', 'HEAD')).toBe(before);
    expect(b.git('log', '--format=%s', 'main')).toMatch(/^later\nMerge .*\n(.*\n)*mine/);
  });
});

describe('files that come and go', () => {
  it('are shown and hidden as git-annex does, by either program', () => {
    const pair = twins();
    const other = (who: Annex): Annex => (who === 'ours' ? 'real' : 'ours');
    inBoth(pair, ({ who, b }) => {
      b.must(who, 'adjust', '--hide-missing', '--unlock');
    });
    inBoth(pair, ({ who, b }) => {
      b.git('rm', '-q', 'unlocked');
      b.git('commit', '-qm', 'unlocked is gone');
      b.must(who, 'sync', '-q', '--content');
    });
    inBoth(pair, ({ who, b }) => {
      b.must(other(who), 'drop', '-q', 'd', 'gone');
      b.must(who, 'sync', '-q');
    });
    inBoth(pair, ({ who, b }) => {
      b.must(other(who), 'get', '-q', '--branch=main');
      b.must(who, 'adjust', '--unlock', '--hide-missing');
    });
    inBoth(pair, ({ who, b }) => {
      b.git('config', 'annex.adjustedbranchrefresh', '2');
      b.must(who, 'drop', '-q', 'd', 'locked', 'gone');
    });
    inBoth(pair, ({ who, b }) => {
      b.must(other(who), 'adjust', '--unlock-present');
      b.must(who, 'get', '-q', 'd', 'gone', 'locked');
    });
    const { b } = pair[1] as { b: Repository };
    expect(lstatSync(b.file('d/deep')).isSymbolicLink()).toBe(false);
    expectSound(b, { missingCopies: true });
  });

  it('come back after a kill in the midst of showing them', () => {
    const [, { b }] = twins() as [unknown, ReturnType<typeof twins>[number]];
    b.must('ours', 'adjust', '--hide-missing');
    const hidden = b.git('rev-parse', 'HEAD');
    const main = b.git('rev-parse', 'main');
    b.must('ours', 'get', '-q', '--branch=main');
    b.must('ours', 'adjust', '--hide-missing');
    const shown = stateOf(b);
    // The state in which git is killed when it has written one file: HEAD and the index are the old ones.
    const branch = 'refs/heads/adjusted/main(hidemissing)';
    const link = b.git('cat-file', '-p', 'HEAD:gone');
    b.git('checkout', '-q', hidden);
    symlinkSync(link, b.file('gone'));
    writeFileSync(`${b.gitDirectory}/annex-ts-adjusting`, `${hidden} ${branch}\n`);
    b.must('ours', 'sync', '-q', '--no-content');
    expect(stateOf(b)).toEqual(shown);
    expect(b.git('rev-parse', 'main')).toBe(main);
    expect(existsSync(`${b.gitDirectory}/annex-ts-adjusting`)).toBe(false);
  });
});

it('enters a branch in the end, with every file, when git or all is killed while it is checked out', async () => {
  const killer = scene.path('killer/git');
  mkdirSync(scene.path('killer'));
  const path = scene.env['PATH'] ?? '';
  // As if git was killed between removing a file and making it anew.
  const lines = [
    '#!/bin/sh',
    `PATH=${path}`,
    'case " $* " in *" checkout "*) rm locked; : > .git/index.lock; eval "$KILL"; kill -9 $$;; esac',
    'exec git "$@"',
  ];
  writeFileSync(killer, `${lines.join('\n')}\n`, { mode: 0o755 });
  for (const kill of [':', 'kill -9 $PPID']) {
    const [, { b }] = twins() as [unknown, ReturnType<typeof twins>[number]];
    const env = { PATH: `${scene.path('killer')}:${path}`, KILL: kill };
    const { status, stderr } = await scene.start('ours', ['adjust', '--unlock'], b.path, { env }).ended;
    expect(status).toBe(kill === ':' ? 1 : null);
    if (kill === ':') expect(stderr).toContain('the checkout of adjusted/main(unlocked) was interrupted');
    expect(b.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(existsSync(b.file('locked'))).toBe(false);
    b.must('ours', 'sync', '-q', '--no-content');
    expect(b.git('symbolic-ref', 'HEAD')).toBe('refs/heads/adjusted/main(unlocked)');
    expect(readFileSync(b.file('locked'), 'utf8')).toBe('locked\n');
    expect(b.git('status', '--porcelain')).toBe('');
    expect(b.git('ls-tree', '-r', '--name-only', 'main')).toContain('locked\n');
  }
});

it('stays on the branch that it has entered when a hook of the user fails then', () => {
  const [, { b }] = twins() as [unknown, ReturnType<typeof twins>[number]];
  writeFileSync(`${b.gitDirectory}/hooks/post-checkout`, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  b.must('ours', 'adjust', '--unlock');
  expect(b.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('adjusted/main(unlocked)');
});

describe('where branches come from', () => {
  it('a clone of an adjusted branch, a file system without links, a push into an adjusted branch', () => {
    const pair = twins();
    const states = pair.map(({ who, a }) => {
      a.must(who, 'adjust', '--unlock');
      const clone = (name: string): Repository => {
        const folder = a.path.slice(scene.directory.length + 1);
        return scene.clone(folder, `${folder}-${name}`, { by: 'none' });
      };
      const copy = clone('copy');
      copy.must(who, 'init', 'copy');
      a.git('checkout', '-q', 'main');
      const crippled = clone('crippled');
      crippled.git('config', 'annex.crippledfilesystem', 'true');
      crippled.git('config', 'core.symlinks', 'false');
      crippled.must(who, 'init', 'crippled');
      const empty = scene.create(`${a.path.slice(scene.directory.length + 1)}-empty`, { by: 'none' });
      empty.git('config', 'annex.crippledfilesystem', 'true');
      empty.must(who, 'init', 'empty');
      a.git('checkout', '-q', 'adjusted/main(unlocked)');
      a.git('config', 'receive.denyCurrentBranch', 'updateInstead');
      crippled.write('pushed', 'pushed\n');
      crippled.must(who, 'add', '-q', 'pushed');
      must(crippled.annex(who, 'sync', '-q', '--no-content'), 'sync');
      return [copy, crippled, empty, a].map(stateOf);
    });
    expect(states[1]).toEqual(states[0]);
    expect(states[1]?.at(-1)?.tree.some((line) => line.endsWith('\tpushed'))).toBe(true);
  });
});
