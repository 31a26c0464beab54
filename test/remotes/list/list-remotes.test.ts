import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import { fromText } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { listRemotes } from '../../../src/remotes/list/list-remotes.js';
import type { RemoteEntry } from '../../../src/remotes/list/remote-entry.js';
import { createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
let a: string;
let b: string;

beforeEach(() => {
  sandbox = createSandbox();
  a = sandbox.annex('a', 'a');
  b = sandbox.annex('b', 'b');
  run('git', ['remote', 'add', 'a', '../a'], b);
});
afterEach(() => sandbox.remove());

const config = (path: string, name: string) =>
  execFileSync('git', ['config', name], { cwd: path, encoding: 'utf8' }).trim();

async function listed<T>(
  look: (entries: readonly RemoteEntry[], warnings: string[]) => T | Promise<T>,
): Promise<T> {
  const here = await openRepository(fromText(b));
  const warnings: string[] = [];
  try {
    const entries = await listRemotes(here, { openRepository, warn: (text) => warnings.push(text) });
    try {
      return await look(entries, warnings);
    } finally {
      for (const { remote } of entries) await remote?.close();
    }
  } finally {
    await here.close();
  }
}

describe('listRemotes', () => {
  it('finds the uuid of a repository on a relative path and remembers it', async () => {
    const uuid = config(a, 'annex.uuid');
    expect(await listed((entries) => entries.map(({ remote }) => remote?.uuid))).toEqual([uuid]);
    expect(config(b, 'remote.a.annex-uuid')).toBe(uuid);
  });

  it('asks the commands that decide on cost, on ignoring and on syncing', async () => {
    sandbox.annex('c', 'c');
    run('git', ['remote', 'add', 'c', '../c'], b);
    const set = (name: string, value: string) => run('git', ['config', `remote.${name}`, value], b);
    set('a.annex-cost-command', 'pwd >&2; echo 33.5');
    set('a.annex-ignore-command', 'true');
    set('a.annex-sync-command', 'exit 3');
    set('c.annex-cost-command', 'echo cheap');
    set('c.annex-ignore-command', 'exit 1');
    const seen = await listed((entries) =>
      entries.map(({ settings: { name, cost, ignore, sync } }) => ({ name, cost, ignore, sync })),
    );
    expect(seen).toEqual([
      { name: 'a', cost: 33.5, ignore: false, sync: false },
      { name: 'c', cost: 100, ignore: true, sync: true },
    ]);
  });

  it('does not look at a path where annex-checkuuid is off', async () => {
    await listed(() => undefined);
    renameSync(a, `${a}-away`);
    sandbox.annex('a', 'other');
    run('git', ['config', 'remote.a.annex-checkuuid', 'false'], b);
    const uuid = config(b, 'remote.a.annex-uuid');
    expect(await listed((entries) => entries.map(({ remote }) => remote?.uuid))).toEqual([uuid]);
    expect(config(b, 'remote.a.annex-uuid')).toBe(uuid);
  });

  it('puts cheap remotes first, and follows the settings', async () => {
    const c = sandbox.annex('c', 'c');
    run('git', ['remote', 'add', 'c', `file://${c}`], b);
    run('git', ['remote', 'add', 'far', 'ssh://example.invalid/x'], b);
    run('git', ['config', 'remote.far.annex-uuid', '11111111-2222-4333-8444-555555555555'], b);
    run('git', ['config', 'remote.a.annex-cost', '150.5'], b);
    run('git', ['config', 'remote.c.annex-readonly', 'true'], b);
    const seen = await listed((entries) =>
      entries.map(({ settings, remote }) => [settings.name, remote?.cost, remote?.readonly]),
    );
    expect(seen).toEqual([
      ['c', 100, true],
      ['a', 150.5, false],
      ['far', 200, false],
    ]);
  });

  it('says clearly that it cannot reach remotes of other kinds yet', async () => {
    run('git', ['remote', 'add', 'far', 'ext::x'], b);
    run('git', ['config', 'remote.far.annex-uuid', '11111111-2222-4333-8444-555555555555'], b);
    const lock = await listed(async (entries) =>
      entries.find(({ settings }) => settings.name === 'far')?.remote?.lockContent('WORM-s1--x' as never),
    );
    expect(lock).toBeInstanceOf(AnnexError);
    expect((lock as AnnexError).code).toBe('remote-unavailable');
    expect((lock as AnnexError).hint).toMatch(/does not support other remotes yet/);
  });

  it('keeps what it knows of a remote that is away, and fails when it is used', async () => {
    await listed(() => undefined);
    renameSync(a, `${a}.away`);
    const { uuid, lock, warnings } = await listed(async ([entry], told) => ({
      uuid: entry?.remote?.uuid,
      lock: await entry?.remote?.lockContent('WORM-s1--x' as never),
      warnings: told,
    }));
    expect(uuid).toBe(config(b, 'remote.a.annex-uuid'));
    expect((lock as AnnexError).code).toBe('remote-unavailable');
    expect(warnings).toEqual([]);
  });

  it('tells of a path where no remote ever was, and of one where another repository is now', async () => {
    run('git', ['remote', 'add', 'none', '../nowhere'], b);
    mkdirSync(join(sandbox.directory, 'plain'));
    writeFileSync(join(sandbox.directory, 'plain/file'), '');
    run('git', ['remote', 'add', 'plain', '../plain'], b);
    const first = await listed((entries, warnings) => ({
      known: entries.filter(({ remote }) => remote).length,
      warnings,
    }));
    expect(first).toEqual({
      known: 1,
      warnings: ['Remote none cannot currently be accessed.', 'Remote plain cannot currently be accessed.'],
    });
    const before = config(a, 'annex.uuid');
    renameSync(a, `${a}.away`);
    const other = sandbox.annex('a', 'other');
    const warnings = await listed((_, told) => told);
    expect(warnings).toContain(
      `Remote a is now repository ${config(other, 'annex.uuid')}; it was ${before}.`,
    );
  });

  it('initialises a clone of an annex that is used as a remote', async () => {
    run('git', ['clone', '-q', 'a', 'clone'], sandbox.directory);
    run('git', ['remote', 'add', 'clone', '../clone'], b);
    const uuid = await listed(
      (entries) => entries.find(({ settings }) => settings.name === 'clone')?.remote?.uuid,
    );
    expect(uuid).toBe(config(join(sandbox.directory, 'clone'), 'annex.uuid'));
  });

  it('leaves ignored remotes alone, but lets them be named', async () => {
    await listed(() => undefined);
    run('git', ['config', 'remote.a.annex-ignore', 'true'], b);
    const [entry] = await listed((entries) => entries);
    expect(entry?.settings.ignore).toBe(true);
    expect(entry?.remote?.uuid).toBe(config(a, 'annex.uuid'));
  });
});
