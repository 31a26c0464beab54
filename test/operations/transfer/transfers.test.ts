import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnnexEvent } from '../../../src/domain/events.js';
import { copy } from '../../../src/operations/copy/copy.js';
import { drop } from '../../../src/operations/drop/drop.js';
import { get } from '../../../src/operations/get/get.js';
import { move } from '../../../src/operations/move/move.js';
import { attempt, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { cloned, operate, whereis, word, write } from './run-operation.js';

let sandbox: Sandbox;
let a: string;
let b: string;

beforeEach(() => {
  sandbox = createSandbox();
  a = sandbox.annex('a', 'a');
  write(a, { f1: 'one', f2: 'two', 'sub/f3': 'three', 'with space': 'four' });
  run('git', ['annex', 'add', '-q', '.'], a);
  run('git', ['commit', '-q', '-m', 'files'], a);
  b = cloned(a, join(sandbox.directory, 'b'));
});
afterEach(() => sandbox.remove());

const getAll = { command: 'get', auto: false };
const noEnds = { from: undefined, to: undefined, fromAnywhere: false };
const errorsOf = (events: readonly AnnexEvent[]) =>
  events.flatMap((event) => (event.type === 'end' ? (event.errors ?? []) : []));
const longNotes = (events: readonly AnnexEvent[]) =>
  events.flatMap((event) => (event.type === 'long-note' ? [event.text] : []));
const objectOf = (path: string, file: string) =>
  join(path, run('git', ['annex', 'contentlocation', run('git', ['annex', 'lookupkey', file], path)], path));

/** git-annex finds nothing to mend. */
function agree(...paths: string[]): void {
  for (const path of paths) {
    const { status, stdout, stderr } = attempt('git', ['annex', 'fsck'], path);
    expect(`${stdout}${stderr}`).not.toMatch(/fixing|failed|\*\*/);
    expect(status).toBe(0);
  }
}

describe('get', () => {
  it('makes contents present, as git-annex agrees', async () => {
    const { outcome, actions } = await operate(b, (s, i) => get(s, i, getAll));
    expect(outcome).toEqual({ failed: 0, stoppedByLimit: false });
    expect(actions).toEqual([
      'get f1 (from origin...) ok',
      'get f2 (from origin...) ok',
      'get sub/f3 (from origin...) ok',
      'get with space (from origin...) ok',
    ]);
    expect(readFileSync(join(b, 'sub/f3'), 'latin1')).toBe('three');
    expect(whereis(b, 'f1')).toEqual(['a', 'b']);
    expect(statSync(objectOf(b, 'f1')).mode & 0o777).toBe(0o444);
    agree(a, b);
    expect((await operate(b, (s, i) => get(s, i, getAll))).actions).toEqual([]);
  });

  it('keeps the order of operands, and says which git does not know', async () => {
    const operands = ['sub', 'nosuch', 'f1', 'sub/f3'].map(word);
    const { outcome, actions, warnings } = await operate(b, (s, i) => get(s, i, getAll), { operands });
    expect(actions).toEqual(['get sub/f3 (from origin...) ok', 'get f1 (from origin...) ok']);
    expect(outcome.failed).toBe(1);
    expect(warnings).toEqual([
      "error: pathspec 'nosuch' did not match any file(s) known to git\nDid you forget to 'git add'?",
    ]);
  });

  it("does not take a corrupt content, and takes another remote's", async () => {
    const c = cloned(a, join(sandbox.directory, 'c'));
    run('git', ['annex', 'get', '-q', 'f1'], c);
    run('git', ['remote', 'add', 'c', c], b);
    run('git', ['fetch', '-q', 'c'], b);
    run('git', ['config', 'remote.c.annex-cost', '300'], b);
    const object = objectOf(a, 'f1');
    chmodSync(object, 0o644);
    writeFileSync(object, 'ONE');
    const { actions, events } = await operate(b, (s, i) => get(s, i, getAll), { operands: [word('f1')] });
    expect(actions).toEqual(['get f1 (from origin...) (from c...) ok']);
    expect(errorsOf(events)).toEqual(['verification of content failed']);
    expect(readFileSync(join(b, 'f1'), 'latin1')).toBe('one');
  });

  it('goes on with what an interrupted download left, also where that is wrong', async () => {
    const content = Buffer.alloc(3_000_000, 'resumed');
    writeFileSync(join(a, 'big'), content);
    run('git', ['annex', 'add', '-q', 'big'], a);
    run('git', ['commit', '-q', '-m', 'big'], a);
    run('git', ['annex', 'sync', '-q', '--no-content'], b);
    const key = run('git', ['annex', 'lookupkey', 'big'], b);
    for (const left of [content.subarray(0, 1_234_567), Buffer.alloc(2_000_000)]) {
      mkdirSync(join(b, '.git/annex/tmp'), { recursive: true });
      writeFileSync(join(b, '.git/annex/tmp', key), left);
      const { outcome } = await operate(b, (s, i) => get(s, i, getAll), { operands: [word('big')] });
      expect(outcome.failed).toBe(0);
      expect(readFileSync(join(b, 'big')).equals(content)).toBe(true);
      run('git', ['annex', 'drop', '-q', 'big'], b);
    }
  });

  it('tells when a remote is away, and where a content could be', async () => {
    await operate(b, (s, i) => get(s, i, getAll), { operands: [word('f2')] });
    renameSync(a, `${a}.away`);
    const { outcome, actions, events } = await operate(b, (s, i) => get(s, i, getAll), {
      operands: [word('f1')],
    });
    expect(outcome.failed).toBe(1);
    expect(actions).toEqual(['get f1 failed']);
    expect(longNotes(events)).toEqual([
      'Unable to access these remotes: origin',
      'No other repository is known to contain the file.',
    ]);
    const named = await operate(b, (s, i) => get(s, i, { ...getAll, from: word('origin') }), {
      operands: [word('f1')],
    });
    expect(named.actions).toEqual(['get f1 (from origin...) failed']);
    expect(errorsOf(named.events)[0]).toContain('cannot access remote');
  });

  it('leaves a content to whoever transfers it already', async () => {
    const key = run('git', ['annex', 'lookupkey', 'f1'], b);
    const { openRepository } = await import('../../../src/operations/open-repository.js');
    const other = await openRepository(word(b));
    const lock = other.transfers.begin(
      { direction: 'download', uuid: other.uuid, key: key as never },
      undefined,
    );
    const { actions, events } = await operate(b, (s, i) => get(s, i, getAll), { operands: [word('f1')] });
    expect(actions).toEqual(['get f1 (from origin...) failed']);
    expect(errorsOf(events)).toEqual(['transfer already in progress, or unable to take transfer lock']);
    lock?.release();
    await other.close();
  });

  it('stops before the disk is too full, unless told to go on', async () => {
    run('git', ['config', 'annex.diskreserve', '100 PB'], b);
    const refused = await operate(b, (s, i) => get(s, i, getAll), { operands: [word('f1')] });
    expect(refused.outcome.failed).toBe(1);
    expect(errorsOf(refused.events)[0]).toMatch(/not enough free space/);
    const forced = await operate(b, (s, i) => get(s, i, getAll), { operands: [word('f1')] }, { force: true });
    expect(forced.outcome.failed).toBe(0);
  });

  it('gets what is wanted with --auto', async () => {
    run('git', ['annex', 'wanted', 'here', 'include=sub/*'], b);
    const { actions } = await operate(b, (s, i) => get(s, i, { ...getAll, auto: true }));
    expect(actions).toEqual(['get sub/f3 (from origin...) ok']);
  });

  it('stops at a size limit', async () => {
    const { outcome, actions } = await operate(b, (s, i) => get(s, i, getAll), {}, { sizeLimit: '7b' });
    expect(outcome).toEqual({ failed: 0, stoppedByLimit: true });
    expect(actions).toEqual(['get f1 (from origin...) ok', 'get f2 (from origin...) ok']);
  });
});

describe('drop', () => {
  beforeEach(() => run('git', ['annex', 'get', '-q', '.'], b));

  it('drops what is proven to be elsewhere', async () => {
    const { actions } = await operate(b, (s, i) => drop(s, i, { auto: false }));
    expect(actions).toEqual(['drop f1 ok', 'drop f2 ok', 'drop sub/f3 ok', 'drop with space ok']);
    expect(existsSync(join(b, 'f1'))).toBe(false);
    expect(whereis(b, 'f1')).toEqual(['a']);
    agree(a, b);
  });

  it('refuses where copies lack, where they are away, and where the content is only recorded', async () => {
    const drops = (options = {}) =>
      operate(b, (s, i) => drop(s, i, { auto: false }), { operands: [word('f1')] }, options);
    const two = await drops({ numcopies: 2 });
    expect(two.actions).toEqual(['drop f1 (unsafe) failed']);
    expect(longNotes(two.events)[0]).toBe('Could only verify the existence of 1 out of 2 necessary copies.');
    const locked = await drops({ mincopies: 2 });
    expect(longNotes(locked.events)[0]).toMatch(/^Unable to lock down 2 copies of file/);
    renameSync(a, `${a}.away`);
    const away = await drops();
    expect(longNotes(away.events).slice(0, 2)).toEqual([
      'Could not verify the existence of the 1 necessary copy.',
      'Unable to access these remotes: origin',
    ]);
    renameSync(`${a}.away`, a);
    run('git', ['annex', 'drop', '-q', '--force', 'f1'], a);
    expect((await drops()).outcome.failed).toBe(1);
    expect(readFileSync(join(b, 'f1'), 'latin1')).toBe('one');
    expect((await drops({ force: true })).actions).toEqual(['drop f1 ok']);
  });

  it('refuses a content whose other copy is being dropped at this moment', async () => {
    const { openRepository } = await import('../../../src/operations/open-repository.js');
    const other = await openRepository(word(a));
    const lock = other.objects.lockExclusive(run('git', ['annex', 'lookupkey', 'f1'], a) as never);
    const { actions } = await operate(b, (s, i) => drop(s, i, { auto: false }), { operands: [word('f1')] });
    expect(actions).toEqual(['drop f1 (unsafe) failed']);
    lock?.release();
    await other.close();
  });

  it('follows .gitattributes, required content and trust', async () => {
    write(b, { '.gitattributes': 'sub/* annex.numcopies=2\n' });
    run('git', ['annex', 'required', 'here', 'include=f2'], b);
    const { actions } = await operate(b, (s, i) => drop(s, i, { auto: false }));
    expect(actions).toEqual([
      'drop f2 failed',
      'drop sub/f3 (unsafe) failed',
      'drop f1 ok',
      'drop with space ok',
    ]);
    run('git', ['annex', 'untrust', '-q', 'origin'], b);
    const untrusted = await operate(b, (s, i) => drop(s, i, { auto: false }), { operands: [word('sub/f3')] });
    expect(longNotes(untrusted.events).join('\n')).toContain(
      'Also these untrusted repositories may contain the file:',
    );
    run('git', ['annex', 'trust', '-q', '--force', 'origin'], b);
    run('git', ['annex', 'required', 'here', ''], b);
    expect(
      (await operate(b, (s, i) => drop(s, i, { auto: false }), { operands: [word('f2')] })).outcome.failed,
    ).toBe(0);
  });

  it('drops from a remote while holding the copy here', async () => {
    const from = word('origin');
    const { actions } = await operate(b, (s, i) => drop(s, i, { from, auto: false }), {
      operands: [word('f1')],
    });
    expect(actions).toEqual(['drop f1 (from origin...) ok']);
    const again = await operate(b, (s, i) => drop(s, i, { from, auto: false }), { operands: [word('f1')] });
    expect(again.outcome.failed).toBe(0);
    expect(whereis(a, 'f1')).toEqual([]);
    run('git', ['fetch', '-q'], b);
    expect(whereis(b, 'f1')).toEqual(['b']);
    agree(b);
  });

  it('answers each line of a batch in its turn', async () => {
    const lines = ['f1', 'nosuch', 'f1', 'f2'].map(word);
    const records = (async function* () {
      yield* lines;
    })();
    const { events } = await operate(b, (s, i) => drop(s, i, { auto: false }), {
      batch: { kind: 'files', records },
    });
    const answers = events.filter(({ type }) => type === 'end' || type === 'blank').map(({ type }) => type);
    expect(answers).toEqual(['end', 'blank', 'blank', 'end']);
  });
});

describe('copy and move', () => {
  it('sends contents, which the remote records too', async () => {
    const c = cloned(a, join(sandbox.directory, 'c'));
    run('git', ['annex', 'get', '-q', '.'], b);
    run('git', ['remote', 'add', 'c', c], b);
    const to = { ...noEnds, to: word('c'), auto: false, fast: false };
    const first = await operate(b, (s, i) => copy(s, i, to));
    expect(first.actions[0]).toBe('copy f1 (to c...) ok');
    expect(whereis(c, 'f1')).toEqual(['a', 'c']);
    expect(whereis(b, 'f1')).toEqual(['a', 'b', 'c']);
    const second = await operate(b, (s, i) => copy(s, i, to));
    expect(second.actions[0]).toBe('copy f1 ok');
    expect((await operate(b, (s, i) => copy(s, i, { ...to, fast: true }))).actions).toEqual([]);
    agree(b, c);
  });

  it('brings contents from one remote to another without keeping them', async () => {
    const c = cloned(a, join(sandbox.directory, 'c'));
    run('git', ['remote', 'add', 'c', c], b);
    const ends = { ...noEnds, from: word('origin'), to: word('c') };
    const copied = await operate(b, (s, i) => copy(s, i, { ...ends, auto: false, fast: false }), {
      operands: [word('f1')],
    });
    expect(copied.actions).toEqual(['copy f1 (from origin...) (to c...) ok']);
    expect(existsSync(join(b, 'f1'))).toBe(false);
    expect(whereis(b, 'f1')).toEqual(['a', 'c']);
    const moved = await operate(b, (s, i) => move(s, i, ends), { operands: [word('f2')] });
    expect(moved.actions).toEqual(['move f2 (from origin...) (to c...) ok']);
    expect(whereis(b, 'f2')).toEqual(['c']);
    agree(b, c);
  });

  it('moves although numcopies is not met, as long as no copy is lost by it', async () => {
    run('git', ['annex', 'numcopies', '-q', '2'], b);
    const from = { ...noEnds, from: word('origin') };
    const moved = await operate(b, (s, i) => move(s, i, from), { operands: [word('f1')] });
    expect(moved.actions).toEqual(['move f1 (from origin...) ok']);
    expect(whereis(b, 'f1')).toEqual(['b']);
    run('git', ['annex', 'copy', '-q', '--to', 'origin', 'f1'], b);
    const to = { ...noEnds, to: word('origin') };
    const refused = await operate(b, (s, i) => move(s, i, to), { operands: [word('f1')] });
    expect(refused.actions).toEqual(['move f1 (unsafe) failed']);
    expect(longNotes(refused.events).at(-1)).toBe('Content not dropped from here.');
    expect(readFileSync(join(b, 'f1'), 'latin1')).toBe('one');
  });

  it('finishes a move that was interrupted after the content arrived', async () => {
    run('git', ['annex', 'numcopies', '-q', '2'], b);
    run('git', ['annex', 'get', '-q', 'f1'], b);
    const [from, here] = ['remote.origin.annex-uuid', 'annex.uuid'].map((name) =>
      run('git', ['config', name], b),
    );
    const key = run('git', ['annex', 'lookupkey', 'f1'], b);
    writeFileSync(join(b, '.git/annex/move.log'), `${from} ${here} ${key}\n`);
    const ends = { ...noEnds, from: word('origin') };
    const { actions } = await operate(b, (s, i) => move(s, i, ends), { operands: [word('f1')] });
    expect(actions).toEqual(['move f1 (from origin...) ok']);
    expect(readFileSync(join(b, '.git/annex/move.log'), 'latin1')).toBe('');
  });

  it('sends no content that was changed under its name', async () => {
    run('git', ['annex', 'get', '-q', 'f1'], b);
    run('git', ['annex', 'drop', '-q', '--force', 'f1'], a);
    const object = objectOf(b, 'f1');
    chmodSync(object, 0o644);
    truncateSync(object, 1);
    const to = { ...noEnds, to: word('origin'), auto: false, fast: false };
    const { actions } = await operate(b, (s, i) => copy(s, i, to), { operands: [word('f1')] });
    expect(actions).toEqual(['copy f1 (to origin...) failed']);
    expect(whereis(a, 'f1')).toEqual([]);
  });

  it('asks for an end, and for known ones', async () => {
    const nowhere = operate(b, (s, i) => move(s, i, noEnds));
    await expect(nowhere).rejects.toThrow('Specify --from or --to');
    const unknown = operate(b, (s, i) => move(s, i, { ...noEnds, to: word('nosuch') }));
    await expect(unknown).rejects.toThrow('there is no available git remote named "nosuch"');
  });
});
