import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Annex, type Repository, type Scene } from '../support/scene.js';

const scenes: Scene[] = [];
let pair: Scene;

/** Two repositories that are each other's remotes, and a bare one; made once, copied for each test. */
beforeAll(() => {
  pair = createScene({ resident: true });
  const a = pair.create('a');
  a.write('one', 'one\n');
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'one');
  const b = pair.clone('a', 'b');
  a.git('remote', 'add', 'b', '../b');
  a.must('real', 'sync', '-q', 'b');
  b.must('real', 'sync', '-q');
  scenes.push(pair);
});
afterAll(() => {
  for (const scene of scenes) scene.remove();
});

function fresh(): { scene: Scene; a: Repository; b: Repository } {
  const scene = createScene({ resident: true });
  scenes.push(scene);
  for (const name of ['a', 'b']) scene.run('cp', ['-a', pair.path(name), scene.path(name)], scene.directory);
  return { scene, a: scene.repository('a'), b: scene.repository('b') };
}

function add(repository: Repository, name: string, content = `${name}\n`): void {
  repository.write(name, content);
  repository.must('real', 'add', '-q', name);
}

/** Text without what differs from run to run: shas, scene folders, how fast a transfer was. */
function steady(text: string): string {
  return text
    .replace(/\b[0-9a-f]{7,40}\b/g, 'SHA')
    .replace(/\/tmp\/annex-ts-[^/\s]*/g, 'SCENE')
    .replace(/\n\r[^\n]*\r(ok|failed)$/gm, '$1');
}

describe('sync beside git-annex', () => {
  type Step = (scene: ReturnType<typeof fresh>) => readonly [Repository, ...string[]];
  /** A step that begins with a new file in b, and then runs there. */
  const withFile =
    (...args: string[]): Step =>
    ({ b }) => {
      add(b, 'two');
      return [b, ...args];
    };
  const committed = (repository: Repository, name: string) => {
    add(repository, name);
    repository.git('commit', '-qm', name);
  };
  const steps: [string, Step][] = [
    ['nothing to do', ({ b }) => [b, 'sync']],
    ['a change to commit', withFile('sync', '--no-push')],
    ['a message', withFile('sync', '--no-push', '-m', 'x', '-m', 'y')],
    ['no commit', withFile('sync', '--no-commit', '--no-push')],
    ['several jobs', withFile('sync', '--no-push', '-J2')],
    [
      'an untracked file',
      ({ b }) => {
        b.write('u', 'u');
        return [b, 'sync', '--no-push'];
      },
    ],
    [
      'a fast-forward',
      ({ a, b }) => {
        committed(a, 'two');
        return [b, 'pull'];
      },
    ],
    [
      'a merge',
      ({ a, b }) => {
        committed(a, 'two');
        add(b, 'three');
        return [b, 'sync', '--no-push'];
      },
    ],
    [
      'a drop point',
      ({ a, b }) => {
        add(b, 'two');
        b.must('real', 'sync', '-q');
        return [a, 'sync', '--no-push'];
      },
    ],
    [
      'autocommit off',
      ({ b }) => {
        b.git('config', 'annex.autocommit', 'false');
        return [b, 'sync'];
      },
    ],
    ['pull', ({ b }) => [b, 'pull', '--no-content']],
    ['push without news', ({ b }) => [b, 'push', '--no-content']],
    ['cleanup', ({ b }) => [b, 'sync', '--cleanup']],
    ['only the git-annex branch', ({ b }) => [b, 'sync', '--only-annex', '--no-content']],
    [
      'a detached HEAD',
      ({ b }) => {
        b.git('checkout', '-q', '--detach');
        return [b, 'sync'];
      },
    ],
    [
      'a subfolder',
      ({ b, scene }) => {
        b.write('d/u', 'u');
        return [scene.repository('b/d'), 'sync'];
      },
    ],
    ['content to get', ({ b }) => [b, 'pull']],
    [
      'content to send',
      ({ b }) => {
        committed(b, 'two');
        return [b, 'push'];
      },
    ],
    [
      'merge',
      ({ a, b }) => {
        add(b, 'two');
        b.must('real', 'sync', '-q');
        return [a, 'merge'];
      },
    ],
    ['merge of a branch', ({ b }) => [b, 'merge', 'origin/main']],
  ];

  it.each(steps)('says what git-annex says: %s', (_, step) => {
    const said = (['real', 'ours'] as const).map((who) => {
      const [repository, ...args] = step(fresh());
      return steady(repository.must(who, ...args));
    });
    expect(said[1]).toBe(said[0]);
  });

  const refusals: [string, Step][] = [
    ['an unknown remote', ({ b }) => [b, 'sync', 'nonesuch']],
    ['a branch that does not exist', ({ b }) => [b, 'merge', 'nonesuch']],
    [
      'a group with an unknown member',
      ({ b }) => {
        b.git('config', 'remotes.g', 'origin nonesuch');
        return [b, 'sync', 'g'];
      },
    ],
    [
      'a file in the way',
      ({ a, b }) => {
        committed(a, 'two');
        b.write('two', 'mine');
        return [b, 'pull'];
      },
    ],
  ];

  it.each(refusals)('fails where git-annex fails: %s', (_, prepare) => {
    for (const who of ['real', 'ours'] as const) {
      const [repository, ...args] = prepare(fresh());
      const { status } = repository.annex(who, ...args);
      expect(status, who).toBe(1);
    }
  });

  it('brings commits and content everywhere, whoever syncs', () => {
    const { scene, a, b } = fresh();
    const order: [Repository, Annex][] = [
      [b, 'ours'],
      [a, 'real'],
      [b, 'ours'],
      [a, 'ours'],
      [b, 'real'],
      [a, 'ours'],
      [b, 'ours'],
    ];
    let count = 0;
    for (const [repository, who] of order) {
      add(repository, `new${count++}`, 'x'.repeat(count));
      repository.must(who, 'sync', '--content');
    }
    for (const repository of [a, b]) repository.must('ours', 'sync', '--content');
    expect(a.git('rev-parse', 'HEAD^{tree}')).toBe(b.git('rev-parse', 'HEAD^{tree}'));
    for (const repository of [a, b]) {
      expect(repository.must('real', 'find', '--not', '--in', 'here')).toBe('');
      expectSound(scene.repository(repository.path.split('/').at(-1) as string));
    }
  });

  it('sends to a bare repository and gets from it', () => {
    const { scene, b } = fresh();
    const hub = scene.create('hub.git', { bare: true });
    b.git('remote', 'add', 'hub', '../hub.git');
    add(b, 'two');
    b.must('ours', 'sync', '--content');
    expect(hub.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n')).toEqual([
      'refs/heads/git-annex',
      'refs/heads/main',
      'refs/heads/synced/git-annex',
    ]);
    const c = scene.clone('hub.git', 'c', { by: 'real' });
    c.must('ours', 'sync', '--content');
    expect(readFileSync(c.file('two'), 'utf8')).toBe('two\n');
    add(c, 'three');
    c.must('real', 'sync', '--content');
    b.must('ours', 'sync', '--content');
    for (const repository of [b, c, hub]) expectSound(repository);
  });
});

describe('where pushes go', () => {
  const heads = (repository: Repository) =>
    repository.git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n');

  it('to synced/ only, where the branch is checked out; the owner merges and removes it', () => {
    const { a, b } = fresh();
    const before = a.git('rev-parse', 'main');
    add(b, 'two');
    b.must('ours', 'sync');
    expect(a.git('rev-parse', 'main')).toBe(before);
    expect(a.git('rev-parse', 'synced/main')).toBe(b.git('rev-parse', 'main'));
    a.must('ours', 'sync');
    expect(a.git('rev-parse', 'main')).toBe(b.git('rev-parse', 'main'));
    expect(heads(a)).not.toContain('synced/main');
  });

  it('into the work tree, where it says updateInstead, unless that is dirty', () => {
    const { a, b } = fresh();
    a.git('config', 'receive.denyCurrentBranch', 'updateInstead');
    add(b, 'two');
    b.must('ours', 'sync', '--content');
    expect(readFileSync(a.file('two'), 'utf8')).toBe('two\n');
    a.git('rm', '-q', 'one');
    add(b, 'three');
    b.must('ours', 'sync');
    expect(existsSync(a.file('three'))).toBe(false);
    expect(a.git('rev-parse', 'synced/main')).toBe(b.git('rev-parse', 'main'));
  });

  it('again, when somebody else has pushed in between', () => {
    const { scene, b } = fresh();
    scene.create('hub.git', { bare: true });
    b.git('remote', 'set-url', 'origin', '../hub.git');
    b.git('config', '--unset', 'remote.origin.annex-uuid');
    b.must('ours', 'sync');
    const c = scene.clone('hub.git', 'c');
    add(c, 'theirs');
    c.git('commit', '-qm', 'theirs');
    const hook = `#!/bin/sh\n[ -e .git/raced ] && exit 0\ntouch .git/raced\nunset GIT_DIR\ncd ../c && git push -q origin main\n`;
    writeFileSync(scene.path('b/.git/hooks/pre-push'), hook, { mode: 0o755 });
    add(b, 'mine');
    b.must('ours', 'sync');
    expect(existsSync(scene.path('b/.git/raced'))).toBe(true);
    expect(existsSync(b.file('theirs')) || b.git('ls-files', 'theirs') === 'theirs').toBe(true);
    expect(scene.repository('hub.git').git('rev-parse', 'main')).toBe(b.git('rev-parse', 'main'));
  });

  it('nowhere, when a hook forbids it, and says so', () => {
    const { scene, b } = fresh();
    writeFileSync(scene.path('b/.git/hooks/pre-push'), '#!/bin/sh\necho no >&2\nexit 1\n', { mode: 0o755 });
    add(b, 'two');
    const { status, stdout, stderr } = b.ours('sync');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^push origin [\s\S]*failed$/m);
    expect(stderr).toContain('sync: 1 failed');
  });

  it('nowhere for readonly remotes and those with annex-push=false', () => {
    const { a, b } = fresh();
    for (const setting of ['annex-readonly', 'annex-push']) {
      b.git('config', `remote.origin.${setting}`, setting === 'annex-push' ? 'false' : 'true');
      add(b, setting);
      const before = heads(a);
      expect(b.must('ours', 'sync', '--content')).not.toMatch(/^push/m);
      expect(heads(a)).toEqual(before);
      b.git('config', '--unset', `remote.origin.${setting}`);
    }
  });
});

describe('remotes that cannot be used', () => {
  it('fail, and leave the others to be synced', () => {
    const { scene, b } = fresh();
    scene.create('hub.git', { bare: true });
    b.git('remote', 'add', 'gone', '../nonesuch');
    b.git('remote', 'add', 'hub', '../hub.git');
    b.write('plain', 'no repository');
    b.git('remote', 'add', 'file', './plain');
    add(b, 'two');
    const { status, stdout, stderr } = b.ours('sync', '--content');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^pull gone \n[\s\S]*?failed$/m);
    expect(stderr).toContain('cannot access gone');
    expect(stderr).toContain('cannot access file');
    expect(stderr).toContain('sync: 2 failed');
    expect(scene.repository('hub.git').git('rev-parse', 'main')).toBe(b.git('rev-parse', 'main'));
    expect(b.must('real', 'find', 'two', '--in', 'hub')).toBe('two\n');
  });

  it('that do not answer hold up nobody', () => {
    const { scene, a, b } = fresh();
    b.git('remote', 'add', 'asleep', 'ssh://nowhere.invalid/repository');
    b.git('config', 'remote.asleep.annex-cost', '50');
    b.git('config', 'annex-ts.remote-timeout', '6');
    const marker = scene.path('when');
    add(b, 'two');
    const ssh = scene.path('ssh');
    writeFileSync(ssh, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    writeFileSync(scene.path('b/.git/hooks/pre-push'), `#!/bin/sh\ndate +%s > ${marker}\n`, { mode: 0o755 });
    const { status, stderr } = scene.annex('ours', ['sync'], b.path, {
      env: { GIT_SSH: ssh, GIT_SSH_VARIANT: 'simple' },
    });
    const ended = Math.floor(Date.now() / 1000);
    expect(status).toBe(1);
    expect(stderr).toContain('asleep did not answer within 6 s');
    expect(a.git('rev-parse', 'synced/main')).toBe(b.git('rev-parse', 'main'));
    expect(Number(readFileSync(marker, 'utf8'))).toBeLessThan(ended - 1);
  });

  it('are told in JSON with a reason, and in the summary', () => {
    const { b } = fresh();
    b.git('remote', 'add', 'gone', '../nonesuch');
    const { status, stdout } = b.ours('sync', '--content', '--json', '--json-error-messages');
    expect(status).toBe(1);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.find((record) => record.command === 'pull' && record.remote === 'gone')).toMatchObject({
      success: false,
      reason: 'remote-unavailable',
    });
    expect(records.find((record) => record.command === 'get')).toMatchObject({
      file: 'one',
      remote: 'origin',
      success: true,
    });
    expect(records.at(-1)).toEqual({
      command: 'sync',
      summary: { failed: 1, got: 1, sent: 0, dropped: 0, remotes: expect.any(Array), unavailable: ['gone'] },
    });
  });
});

describe('unusual states', () => {
  it('syncs repositories without a commit', () => {
    const { scene } = fresh();
    const hub = scene.create('hub.git', { bare: true });
    const c = scene.create('c');
    c.git('remote', 'add', 'hub', '../hub.git');
    c.must('ours', 'sync', '--content');
    add(c, 'two');
    c.must('ours', 'sync', '--content');
    const d = scene.create('d');
    d.git('remote', 'add', 'hub', '../hub.git');
    d.must('ours', 'sync', '--content');
    expect(readFileSync(d.file('two'), 'utf8')).toBe('two\n');
    for (const repository of [hub, c, d]) expectSound(repository);
  });

  it('merges unrelated histories only when told to', () => {
    const { scene, b } = fresh();
    const other = scene.create('other');
    add(other, 'theirs');
    other.git('commit', '-qm', 'theirs');
    b.git('remote', 'add', 'other', '../other');
    const { status, stderr } = b.ours('sync', 'other');
    expect(status).toBe(1);
    expect(stderr).toContain('refusing to merge unrelated histories');
    b.must('ours', 'sync', 'other', '--allow-unrelated-histories');
    expect(b.git('ls-files', 'theirs')).toBe('theirs');
    other.must('ours', 'sync', '--allow-unrelated-histories');
    expect(other.git('ls-files', 'one')).toBe('one');
  });

  it('works in submodules and linked work trees', () => {
    const { scene, a, b } = fresh();
    const outer = scene.create('outer', { by: 'none' });
    outer.git('submodule', 'add', '-q', '../a', 'sub');
    const sub = scene.repository('outer/sub');
    sub.must('real', 'init', 'sub');
    add(sub, 'two');
    sub.must('ours', 'sync', '--content');
    a.must('ours', 'sync', '--content');
    expect(readFileSync(a.file('two'), 'utf8')).toBe('two\n');
    b.git('worktree', 'add', '-q', '../linked', '-b', 'side');
    const linked = scene.repository('linked');
    add(linked, 'three');
    linked.must('ours', 'sync', '--content');
    expect(a.git('rev-parse', 'side')).toBe(b.git('rev-parse', 'side'));
    expectSound(sub);
    expectSound(b);
  });

  it('exchanges the git-annex branch when HEAD is detached', () => {
    const { a, b } = fresh();
    b.git('checkout', '-q', '--detach');
    b.must('real', 'numcopies', '3');
    b.must('ours', 'sync');
    expect(a.must('real', 'numcopies')).toBe('3\n');
  });

  it('takes groups, annex-sync and annex-pull into account', () => {
    const { scene, b } = fresh();
    for (const name of ['x', 'y', 'z']) {
      scene.create(`${name}.git`, { bare: true });
      b.git('remote', 'add', name, `../${name}.git`);
    }
    b.git('config', 'remotes.g', 'y x');
    b.git('config', 'remote.z.annex-sync', 'false');
    b.git('config', 'remote.x.annex-pull', 'false');
    const pulled = (...args: string[]) =>
      [...b.must('ours', 'sync', ...args).matchAll(/^pull (\S+)/gm)].map(([, name]) => name);
    expect(pulled()).toEqual(['y', 'origin']);
    expect(pulled('g')).toEqual(['y']);
    expect(pulled('z', 'origin')).toEqual(['z', 'origin']);
    b.git('config', 'remote.y.annex-cost', '10');
    expect(pulled('--fast')).toEqual(['y']);
  });

  it('gets only what is named with --content-of, and all versions with --all', () => {
    const { a, b } = fresh();
    add(a, 'd/in');
    add(a, 'out');
    a.git('commit', '-qm', 'x');
    a.git('rm', '-q', 'out');
    a.git('commit', '-qm', 'y');
    b.must('ours', 'pull', '--content-of=d');
    expect(b.must('real', 'find', '--in', 'here')).toBe('d/in\n');
    b.must('ours', 'sync', '--content', '--all');
    expect(b.must('real', 'findkeys').trim().split('\n')).toHaveLength(3);
  });
});

describe('conflicts', () => {
  it('are resolved alike by both programs and in every clone', () => {
    const { scene, a, b } = fresh();
    const c = scene.clone('a', 'c');
    add(a, 'x', 'in a\n');
    add(b, 'x', 'in b\n');
    add(c, 'x', 'in c\n');
    for (const repository of [a, b, c]) repository.git('commit', '-qm', 'x');
    b.must('ours', 'sync', '--content');
    c.must('real', 'sync', '--content');
    a.must('ours', 'sync', '--content');
    for (let round = 0; round < 2; round++) {
      b.must('real', 'sync', '--content');
      c.must('ours', 'sync', '--content');
      a.must('ours', 'sync', '--content');
    }
    expect(b.git('ls-files', 'x*').split('\n')).toHaveLength(3);
    for (const repository of [b, c]) expect(repository.git('ls-files', '-s')).toBe(a.git('ls-files', '-s'));
    for (const repository of [a, b, c]) expectSound(repository);
  });

  it('that are left to the user are not committed by the next sync', () => {
    const { a, b } = fresh();
    b.git('config', 'annex-ts.resolve-plain', 'false');
    for (const repository of [a, b]) {
      repository.write('text', `in ${repository.path}\n`);
      repository.git('-c', 'annex.largefiles=nothing', 'add', 'text');
      repository.git('commit', '-qm', 'text');
    }
    expect(b.ours('sync').status).toBe(1);
    const before = b.git('rev-parse', 'HEAD');
    const { status, stderr } = b.ours('sync');
    expect(status).toBe(1);
    expect(stderr).toContain('there are merge conflicts in text');
    expect(b.git('rev-parse', 'HEAD')).toBe(before);
    expect(b.git('diff', '--name-only', '--diff-filter=U')).toBe('text');
  });

  it('stay when they are not to be resolved', () => {
    const { a, b } = fresh();
    add(a, 'x', 'in a\n');
    add(b, 'x', 'in b\n');
    for (const repository of [a, b]) repository.git('commit', '-qm', 'x');
    expect(b.ours('pull', '--no-resolvemerge').status).toBe(1);
    expect(b.git('diff', '--name-only', '--diff-filter=U')).toBe('x');
    b.git('merge', '--abort');
    b.git('config', 'annex.resolvemerge', 'false');
    expect(b.ours('sync').status).toBe(1);
    expect(b.git('diff', '--name-only', '--diff-filter=U')).toBe('x');
  });

  it('of unlocked files end with both contents in the work tree', () => {
    const { a, b } = fresh();
    for (const repository of [a, b]) {
      add(repository, 'x', `in ${repository.path.slice(-1)}\n`);
      repository.must('real', 'unlock', '-q', 'x');
      repository.git('commit', '-qm', 'x');
    }
    b.must('ours', 'sync', '--content');
    b.must('ours', 'sync', '--content');
    const variants = b.git('ls-files', 'x*').split('\n');
    expect(variants.map((name) => readFileSync(b.file(name), 'utf8')).sort()).toEqual(['in a\n', 'in b\n']);
    expectSound(b);
  });
});

describe('content that was in step', () => {
  it('is looked at again when its location changed, here or there', () => {
    const { a, b } = fresh();
    add(b, 'two');
    b.must('ours', 'sync', '--content');
    expect(b.must('ours', 'sync', '--content')).not.toMatch(/^(get|copy)/m);
    b.must('real', 'drop', 'one');
    expect(b.must('ours', 'sync', '--content')).toMatch(/^get one/m);
    a.must('real', 'sync', '-q');
    a.must('real', 'drop', '--force', 'two');
    expect(b.must('ours', 'sync', '--content')).toMatch(/^copy two/m);
    expect(b.must('ours', 'sync', '--content')).not.toMatch(/^(get|copy)/m);
  });

  it('is looked at again for a new file, a new remote, and when asked to', () => {
    const { scene, a, b } = fresh();
    b.must('ours', 'sync', '--content');
    a.git('mv', 'one', 'renamed');
    add(a, 'two');
    a.git('commit', '-qm', 'two');
    expect(b.must('ours', 'sync', '--content')).toMatch(/^get two/m);
    scene.create('hub.git', { bare: true });
    b.git('remote', 'add', 'hub', '../hub.git');
    expect(b.must('ours', 'sync', '--content')).toMatch(/^copy renamed \(to hub/m);
    const key = b.must('real', 'lookupkey', 'two').trim();
    const object = b.must('real', 'contentlocation', key).trim();
    b.git('config', 'core.fileMode', 'true');
    scene.run('sh', ['-c', `chmod -R u+w .git/annex/objects && rm "${object}"`], b.path);
    expect(b.must('ours', 'sync', '--content')).not.toMatch(/^get/m);
    expect(b.must('ours', 'sync', '--content', '--full')).toMatch(/^get two/m);
  });
});
