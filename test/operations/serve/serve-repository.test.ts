import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import { type Key, parseKey } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { serveRepository } from '../../../src/operations/serve/serve-repository.js';
import type { ServedContent } from '../../../src/protocol/served-content.js';
import type { Repository } from '../../../src/repository/repository.js';
import { bytesWithout } from '../../domain/arbitraries.js';
import { bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { talk } from '../../support/talk.js';

const CLIENT = '99999999-2222-4333-8444-555555555555' as Uuid;
const NEW = 'SHA256E-s6--5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const PUT_NEW = `PUT f ${NEW}\nDATA 6\nhello\nVALID\n`;

let sandbox: Sandbox;
let server: string;
let repository: Repository;
let f: Key;
let thin: Key;

/** `f` is locked; the work tree file `thin` is the content of its key itself. */
beforeAll(() => {
  sandbox = createSandbox();
  const start = sandbox.annex('start', 'server');
  for (const name of ['f', 'thin']) writeFileSync(join(start, name), `content of ${name}\n`);
  run('git', ['annex', 'add', '-q', '.'], start);
  run('git', ['commit', '-qm', 'files'], start);
  run('git', ['config', 'annex.thin', 'true'], start);
});
afterAll(() => sandbox.remove());
let count = 0;
beforeEach(async () => {
  server = join(sandbox.directory, `server-${count++}`);
  run('cp', ['-a', 'start', server], sandbox.directory);
  run('git', ['annex', 'unlock', '-q', 'thin'], server);
  repository = await openRepository(bytes(server));
  [f, thin] = ['f', 'thin'].map((name) => parseKey(run('git', ['annex', 'lookupkey', name], server))) as [
    Key,
    Key,
  ];
});
afterEach(async () => {
  vi.useRealTimers();
  await repository.close();
});

function served(more: { clock?: () => number } = {}): ServedContent {
  return serveRepository({ repository, client: CLIENT, onChange: () => {}, ...more });
}

async function say(input: string, content = served()): Promise<string> {
  return (await talk(`VERSION 4\n${input}`, content)).output.replace(/^AUTH-SUCCESS .*\nVERSION 4\n/, '');
}

describe('REMOVE-BEFORE', () => {
  const removeBefore = (content: ServedContent) =>
    say(`GETTIMESTAMP\nREMOVE-BEFORE 1000 ${f}\nCHECKPRESENT ${f}\n`, content);

  it('looks at a clock that nobody sets, however the time of day jumps', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    let seconds = 999.5;
    const clock = () => {
      vi.setSystemTime(seconds > 999.6 ? 4e12 : 0);
      seconds += 0.1;
      return seconds;
    };
    expect(await removeBefore(served({ clock }))).toBe('TIMESTAMP 999\nSUCCESS\nFAILURE\n');
  });

  it('comes too late at the second itself', async () => {
    expect(await removeBefore(served({ clock: () => 1000 }))).toBe('TIMESTAMP 1000\nFAILURE\nSUCCESS\n');
  });

  it('comes too late when the time passes while it is at work', async () => {
    expect(await removeBefore(served({ clock: () => 1000 - 1e-9 }))).toBe(
      'TIMESTAMP 999\nFAILURE\nSUCCESS\n',
    );
    expect(run('git', ['annex', 'whereis', '--json', `--key=${f}`], server)).toContain('"here":true');
  });

  it('has the clock of git-annex', async () => {
    const theirs = run('git-annex-shell', ['p2pstdio', server, CLIENT], server, 'VERSION 4\nGETTIMESTAMP\n');
    const [, first] = /TIMESTAMP (\d+)/.exec(theirs) ?? [];
    const [, second] = /TIMESTAMP (\d+)/.exec(await say('GETTIMESTAMP\n')) ?? [];
    expect(Number(second)).toBeGreaterThanOrEqual(Number(first));
    expect(Number(second) - Number(first)).toBeLessThan(60);
  });
});

it('content that a vanished client locked stays for ten minutes, and no longer', async () => {
  const start = Date.now();
  expect(await say(`LOCKCONTENT ${f}\n`)).toBe('SUCCESS\n');
  const object = repository.objects.locate(f) ?? '';
  const until = Number.parseFloat(readFileSync(`${object}.rtm`, 'latin1'));
  expect(until - start / 1000).toBeGreaterThanOrEqual(600);
  expect(until - Date.now() / 1000).toBeLessThanOrEqual(600);
  vi.useFakeTimers({ toFake: ['Date'], now: until * 1000 - 500 });
  expect(await say(`REMOVE ${f}\nREMOVE-BEFORE 999999999 ${f}\n`)).toBe('FAILURE\nFAILURE\n');
  vi.setSystemTime(until * 1000 + 500);
  expect(await say(`REMOVE ${f}\nCHECKPRESENT ${f}\n`)).toBe('SUCCESS\nFAILURE\n');
});

it('content that one client has locked is not removed for another', async () => {
  const lock = await served().lock(f);
  expect(await say(`REMOVE ${f}\nCHECKPRESENT ${f}\n`)).toBe('FAILURE\nSUCCESS\n');
  await lock?.release();
  expect(await say(`REMOVE ${f}\nCHECKPRESENT ${f}\n`)).toBe('SUCCESS\nFAILURE\n');
});

it('content that its work tree file changed is not sent as the key', async () => {
  const content = served();
  const changing: ServedContent = {
    ...content,
    async open(...args) {
      const open = await content.open(...args);
      return (
        open && {
          ...open,
          async unchanged() {
            appendFileSync(join(server, 'thin'), 'more\n');
            return open.unchanged();
          },
        }
      );
    },
  };
  expect(await say(`GET 0 f ${thin}\nSUCCESS\n`, changing)).toBe('DATA 16\ncontent of thin\nINVALID\n');
  expect(await say(`GET 0 f ${thin}\nFAILURE\nGET 3 f ${thin}\nFAILURE\n`)).toBe(
    'DATA 0\nINVALID\nDATA 0\nINVALID\n',
  );
});

it('a key that the system has no file name for is refused, and the connection goes on', async () => {
  const long = `SHA256E-s6--${'a'.repeat(300)}`;
  const answers = await say(
    `CHECKPRESENT ${long}\nPUT f ${long}\nPUT f ${long}\nREMOVE ${long}\nCHECKPRESENT ${f}\n`,
  );
  expect(answers).toMatch(/^FAILURE\nERROR .*\nERROR .*\nSUCCESS\nSUCCESS\n$/);
});

describe('hostile clients', () => {
  /** All that is outside the annex, with sizes and times. */
  const outside = () =>
    run(
      'find',
      ['.', '-path', '*/.git/annex', '-prune', '-o', '-type', 'f', '-printf', '%p %s %T@\\n'],
      sandbox.directory,
    )
      .split('\n')
      .sort();

  it('cannot lead a key out of the annex', async () => {
    const before = outside();
    for (const name of [
      '../../../../../escaped',
      '/escaped',
      '..',
      '.',
      'a/../../escaped',
      '%2e%2e/x',
      '&s&a/..',
    ]) {
      const key = `WORM-s6-m1--${name}`;
      const answers = await say(
        `PUT ../../${name} ${key}\nDATA 6\nhello\nVALID\nGET 0 ../${name} ${key}\nSUCCESS\nLOCKCONTENT ${key}\nUNLOCKCONTENT\nREMOVE ${key}\n`,
      );
      expect(answers, name).toBe('PUT-FROM 0\nSUCCESS\nDATA 6\nhello\nVALID\nSUCCESS\nSUCCESS\n');
    }
    expect(outside()).toEqual(before);
    expect(existsSync(join(sandbox.directory, 'escaped'))).toBe(false);
  });

  it('are told that NUL, newlines and nothing are no keys', async () => {
    expect(await say('CHECKPRESENT WORM-s1--a\0b\nPUT f WORM-s1--\0\nREMOVE --x\n')).toBe(
      'ERROR unknown command\n'.repeat(3),
    );
  });

  it('get an answer or an error of ours to anything, and change nothing outside the annex', async () => {
    const before = outside();
    const key = fc.oneof(
      fc.constantFrom(
        NEW,
        'WORM-s3-m1--w',
        'WORM--../..',
        'SHA256E-s0--e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      ),
      bytesWithout('\\n', { maxLength: 12 }).map((name) => `WORM-s3--${name}`),
    );
    const data = fc.constantFrom(
      'DATA 6\nhello\n',
      'DATA 3\nabc',
      'DATA 0\n',
      'DATA 9\nabc',
      'DATA-PRESENT\n',
    );
    const piece = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('CHECKPRESENT', 'LOCKCONTENT', 'REMOVE', 'GET 0 f', 'GET 2 ../f', 'PUT f'),
          key,
        )
        .map((words) => `${words.join(' ')}\n`)
        // A lock that a client leaves behind keeps the content for ten minutes.
        .filter((line) => line !== `LOCKCONTENT ${NEW}\n`),
      fc
        .tuple(key, data, fc.constantFrom('VALID', 'INVALID', 'x'))
        .map(([k, d, v]) => `PUT f ${k}\n${d}${v}\n`),
      fc.constantFrom('VERSION 0\n', 'VERSION 4\n', 'SUCCESS\n', 'UNLOCKCONTENT\n', 'ERROR\n', '\0\n'),
    );
    const content = served();
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const { error } = await talk(pieces.join(''), content);
        expect(error === undefined || error instanceof AnnexError, String(error)).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect(outside()).toEqual(before);
    // What a client that is gone left open may still be ending.
    await vi.waitFor(
      async () =>
        expect(await say(`REMOVE ${NEW}\n${PUT_NEW}CHECKPRESENT ${f}\n`)).toMatch(
          /^SUCCESS\nPUT-FROM \d\n[\s\S]*SUCCESS\n$/,
        ),
      { timeout: 60_000, interval: 500 },
    );
  });

  it('that go silent in the middle hold nothing but their own session', async () => {
    let hang = () => {};
    async function* half() {
      yield Buffer.from(`PUT f ${NEW}\nDATA 6\nhel`);
      await new Promise<void>((resolve) => (hang = resolve));
    }
    const silent = talk(half(), served());
    await vi.waitFor(() => expect(existsSync(join(server, '.git/annex/transfer/download/lck'))).toBe(true));
    expect(await say(`PUT f ${NEW}\nCHECKPRESENT ${f}\n`)).toBe('FAILURE\nSUCCESS\n');
    hang();
    expect((await silent).error).toMatchObject({ code: 'connection-lost' });
    expect(await say(`PUT f ${NEW}\nDATA 3\nlo\nVALID\n`)).toBe('PUT-FROM 3\nSUCCESS\n');
  });
});
