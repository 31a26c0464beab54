import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AnnexEvent } from '../../../src/domain/events.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { type InitRepositoryRequest, initRepository } from '../../../src/operations/init/init.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { attempt, bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

function gitRepository(name: string, ...options: string[]): string {
  const path = join(sandbox.directory, name);
  run('git', ['init', '-q', '-b', 'main', ...options, path], sandbox.directory);
  run('git', ['config', 'user.name', 'Tester'], path);
  run('git', ['config', 'user.email', 'tester@example.com'], path);
  return path;
}

async function init(folder: string, request: Partial<InitRepositoryRequest> = {}) {
  const events: AnnexEvent[] = [];
  const context = {
    emit: (event: AnnexEvent) => void events.push(event),
    signal: new AbortController().signal,
    jobs: 1,
  };
  const whole = {
    folder: bytes(folder),
    description: undefined,
    version: undefined,
    autoenable: 'also',
    ...request,
  } as const;
  const outcome = await initRepository(whole, context);
  const errors = events.flatMap((event) => (event.type === 'end' ? (event.errors ?? []) : []));
  const notes = events.flatMap((event) => (event.type === 'long-note' ? [event.text] : []));
  return { failed: outcome.failed, errors, notes };
}

const config = (path: string, name: string) =>
  attempt('git', ['config', '--get', name], path).stdout.trimEnd();
const branchFile = (path: string, file: string) => attempt('git', ['show', `git-annex:${file}`], path).stdout;

test('a new annex is one to git-annex too, and stays as it is', async () => {
  const path = gitRepository('ours');
  expect(await init(path)).toEqual({ failed: 0, errors: [], notes: [] });
  expect(config(path, 'annex.version')).toBe('10');
  expect(config(path, 'annex.uuid')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const described = new RegExp(`^${config(path, 'annex.uuid')} \\S+@\\S+:${path} timestamp=\\d+s\n$`);
  expect(branchFile(path, 'uuid.log')).toMatch(described);
  const tip = run('git', ['rev-parse', 'git-annex'], path);
  const before = readFileSync(join(path, '.git/config'), 'latin1');
  run('git', ['annex', 'info', '--fast'], path);
  run('git', ['annex', 'whereis'], path);
  expect(run('git', ['rev-parse', 'git-annex'], path)).toBe(tip);
  expect(readFileSync(join(path, '.git/config'), 'latin1')).toBe(before);
  writeFileSync(join(path, 'file'), 'x');
  run('git', ['annex', 'add', '-q', 'file'], path);
  run('git', ['commit', '-qm', 'add'], path);
  run('git', ['annex', 'fsck'], path);
  expect(run('git', ['log', '--format=%s', 'git-annex'], path).split('\n').at(-1)).toBe('branch created');
});

test('hooks and attributes are the ones that git-annex writes', async () => {
  const theirs = sandbox.annex('theirs');
  const path = gitRepository('ours');
  await init(path);
  const files = [
    'hooks/pre-commit',
    'hooks/post-receive',
    'hooks/post-checkout',
    'hooks/post-merge',
    'info/attributes',
  ];
  for (const file of [...files, 'annex/sentinal']) {
    const [ours, model] = [join(path, '.git', file), join(theirs, '.git', file)];
    expect(readFileSync(ours, 'latin1')).toBe(readFileSync(model, 'latin1'));
    expect(statSync(ours).mode).toBe(statSync(model).mode);
  }
  const { ino, mtimeNs } = statSync(join(path, '.git/annex/sentinal'), { bigint: true });
  const fraction = `${mtimeNs % 1000000000n}`.padStart(9, '0').replace(/0+$/, '');
  const cache = `${ino} 0 ${mtimeNs / 1000000000n} ${fraction}`;
  expect(readFileSync(join(path, '.git/annex/sentinal.cache'), 'latin1')).toBe(cache);
  const again = attempt('git', ['annex', 'init'], path);
  expect([again.status, again.stderr]).toEqual([0, '']);
});

test('filters run whichever program there is, git-annex here', async () => {
  const path = gitRepository('ours');
  await init(path);
  run('git', ['config', 'annex.largefiles', 'anything'], path);
  writeFileSync(join(path, 'file'), 'content');
  run('git', ['add', 'file'], path);
  expect(run('git', ['show', ':file'], path)).toMatch(/^\/annex\/objects\/SHA256E-s7--/);
}, 30_000);

test('git-annex finds its filter settings kept where it is installed, and those of a missing program are replaced', async () => {
  const path = sandbox.annex('theirs');
  await init(path);
  expect(config(path, 'filter.annex.process')).toBe('git-annex filter-process');
  const { PATH } = process.env;
  process.env.PATH = join(sandbox.directory, 'bin');
  mkdirSync(process.env.PATH);
  run('/bin/ln', ['-s', '/usr/bin/git', join(process.env.PATH, 'git')], path);
  await init(path).finally(() => {
    process.env.PATH = PATH;
  });
  expect(config(path, 'filter.annex.process')).toBe(
    '"$(command -v git-annex-ts || echo git-annex)" filter-process',
  );
});

test('foreign hooks and attributes stay', async () => {
  const path = gitRepository('ours');
  writeFileSync(join(path, '.git/hooks/pre-commit'), '#!/bin/sh\ntrue\n');
  mkdirSync(join(path, '.git/info'), { recursive: true });
  writeFileSync(join(path, '.git/info/attributes'), '*.x text\n');
  const { notes } = await init(path);
  expect(notes).toEqual(['pre-commit hook (.git/hooks/pre-commit) already exists, not configuring']);
  expect(readFileSync(join(path, '.git/hooks/pre-commit'), 'latin1')).toBe('#!/bin/sh\ntrue\n');
  await init(path);
  expect(readFileSync(join(path, '.git/info/attributes'), 'latin1')).toBe('*.x text\n\n* filter=annex\n');
});

test('descriptions are set, kept and changed', async () => {
  const path = gitRepository('ours');
  await init(path, { description: 'my Ä\nplace' as ByteString });
  const uuid = config(path, 'annex.uuid');
  expect(branchFile(path, 'uuid.log')).toMatch(new RegExp(`^${uuid} my Ä place timestamp=`));
  const tip = run('git', ['rev-parse', 'git-annex'], path);
  await init(path);
  expect(run('git', ['rev-parse', 'git-annex'], path)).toBe(tip);
  await init(path, { description: bytes('other') });
  expect(branchFile(path, 'uuid.log')).toMatch(new RegExp(`^${uuid} other timestamp=\\d+s\n$`));
  expect(config(path, 'annex.uuid')).toBe(uuid);
});

test('a bare repository gets an identity and nothing for a work tree', async () => {
  const path = gitRepository('bare', '--bare');
  await init(path);
  expect(existsSync(join(path, 'hooks/pre-commit'))).toBe(false);
  expect(config(path, 'filter.annex.process')).toBe('');
  expect(branchFile(path, 'uuid.log')).toContain(`:${path} timestamp=`);
  run('git', ['annex', 'info', '--fast'], path);
});

test('versions: 8 and 9 when asked for, no change later', async () => {
  const path = gitRepository('ours');
  await init(path, { version: 8 });
  expect(config(path, 'annex.version')).toBe('8');
  const again = await init(path, { version: 10 });
  expect(again.failed).toBe(1);
  expect(again.errors[0]).toContain('already a initialized with version 8');
  expect(config(path, 'annex.version')).toBe('8');
  const old = gitRepository('old');
  await init(old, { version: 5 });
  expect(config(old, 'annex.version')).toBe('10');
});

test('what is not supported is refused in a sentence and not touched', async () => {
  for (const [name, value, words] of [
    ['annex.version', '11', 'unsupported version 11'],
    ['annex.version', '5', 'unsupported version 5'],
    ['annex.tune.objecthash1', 'true', 'was tuned'],
    ['annex.pidlock', 'true', 'pid lock'],
  ] as const) {
    const path = sandbox.annex(`${name}${value}`);
    run('git', ['config', name, value], path);
    const before = run('find', ['.git', '-type', 'f', '-exec', 'sha1sum', '{}', '+'], path);
    const { failed, errors } = await init(path);
    expect([failed, errors.length]).toEqual([1, 1]);
    expect(errors[0]).toContain(words);
    await expect(openRepository(bytes(path))).rejects.toMatchObject({ code: 'unsupported-repository' });
    expect(run('find', ['.git', '-type', 'f', '-exec', 'sha1sum', '{}', '+'], path)).toBe(before);
  }
});

test('a tuned repository is recognised in its clones by difference.log', async () => {
  const source = gitRepository('source');
  run('git', ['annex', 'init', '-q', '-c', 'annex.tune.objecthash1=true'], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  expect((await init(clone)).errors[0]).toContain('was tuned');
  expect(config(clone, 'annex.uuid')).toBe('');
  await expect(openRepository(bytes(clone))).rejects.toMatchObject({ code: 'unsupported-repository' });
});

test('.noannex and the pre-init hook prevent it', async () => {
  const path = gitRepository('ours');
  writeFileSync(join(path, '.noannex'), 'by policy\n');
  expect((await init(path)).errors).toEqual([
    'Initialization prevented by .noannex file (remove the file to override)\nby policy',
  ]);
  const other = gitRepository('other');
  run('git', ['config', 'annex.pre-init-command', 'touch ran; false'], other);
  expect((await init(other)).failed).toBe(1);
  expect(existsSync(join(other, 'ran'))).toBe(true);
  expect(config(other, 'annex.uuid')).toBe('');
});

test('a private repository is not mentioned on the branch', async () => {
  const path = gitRepository('ours');
  run('git', ['config', 'annex.private', 'true'], path);
  await init(path);
  expect(branchFile(path, 'uuid.log')).toBe('');
  expect(run('git', ['annex', 'info', '--fast'], path)).toContain(config(path, 'annex.uuid'));
});

test('a shared clone hard links and distrusts itself', async () => {
  const source = sandbox.annex('source');
  writeFileSync(join(source, 'x'), '');
  run('git', ['add', 'x'], source);
  run('git', ['commit', '-qm', 'x'], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', '--shared', source, clone], sandbox.directory);
  const { notes } = await init(clone);
  expect(notes[0]).toContain('cloned with --shared');
  expect(config(clone, 'annex.hardlink')).toBe('true');
  expect(branchFile(clone, 'trust.log')).toMatch(new RegExp(`^${config(clone, 'annex.uuid')} 0 timestamp=`));
});

test('special remotes that want to be enabled are named', async () => {
  const source = sandbox.annex('source');
  const directory = join(sandbox.directory, 'directory');
  mkdirSync(directory);
  const remote = [
    'initremote',
    'usb',
    'type=directory',
    `directory=${directory}`,
    'encryption=none',
    'autoenable=true',
  ];
  run('git', ['annex', ...remote], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  expect((await init(clone)).notes).toEqual(['Not enabled (use git-annex enableremote): usb']);
  expect((await init(clone, { autoenable: 'never' })).notes).toEqual([]);
});

test('in a linked work tree and a submodule locked files lead to their content', async () => {
  const source = gitRepository('source');
  await init(source);
  writeFileSync(join(source, 'file'), 'content');
  run('git', ['annex', 'add', '-q', 'file'], source);
  run('git', ['commit', '-qm', 'x'], source);
  chmodSync(join(source, '.git/hooks/post-checkout'), 0o644);
  const tree = join(sandbox.directory, 'tree');
  run('git', ['worktree', 'add', '-q', tree], source);
  expect(lstatSync(join(tree, '.git')).isFile()).toBe(true);
  const opened = await openRepository(bytes(tree));
  expect(opened.annexDir).toBe(join(source, '.git/annex'));
  expect(opened.location.workTree).toBe(tree);
  await opened.close();
  expect(readFileSync(join(tree, 'file'), 'latin1')).toBe('content');
  expect(run('git', ['status', '--short'], tree)).toBe('');
  const again = await openRepository(bytes(tree));
  expect([again.location.gitDir, again.location.commonDir]).toEqual([
    join(source, '.git/worktrees/tree'),
    join(source, '.git'),
  ]);
  await again.close();

  const upper = gitRepository('upper');
  run('git', ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', source, 'sub'], upper);
  const sub = join(upper, 'sub');
  const inner = await openRepository(bytes(sub));
  expect(inner.location).toMatchObject({ workTree: sub, gitDir: join(upper, '.git/modules/sub') });
  await inner.close();
  expect(readlinkSync(join(sub, '.git'))).toBe('../.git/modules/sub');
  expect(config(sub, 'core.worktree')).toBe('');
  run('git', ['annex', 'get', '-q', 'file'], sub);
  expect(readFileSync(join(sub, 'file'), 'latin1')).toBe('content');
  expect(run('git', ['status', '--short'], upper)).toBe('A  .gitmodules\nA  sub');
});
