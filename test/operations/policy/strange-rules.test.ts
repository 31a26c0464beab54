import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locationLogPath } from '../../../src/domain/hash-directories.js';
import { fromText } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { loadPolicy } from '../../../src/operations/policy/load-policy.js';
import { select } from '../../../src/operations/select/select.js';
import type { LoggedItem } from '../../../src/operations/transfer/with-logs.js';
import { createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { byUuid } from '../../support/expression-scene.js';
import { write } from '../transfer/run-operation.js';

let sandbox: Sandbox;
let path: string;
let uuid: string;
beforeAll(() => {
  sandbox = createSandbox();
  path = sandbox.annex('a', 'me');
  write(path, { here: 'here', gone: 'gone' });
  run('git', ['annex', 'add', '-q', '.'], path);
  run('git', ['annex', 'drop', '-q', '--force', 'gone'], path);
  uuid = run('git', ['config', 'annex.uuid'], path);
});
afterAll(() => sandbox.remove());

/** Records an expression as a newer or hostile program might, and asks for both files what is wanted and required. */
async function decide(expression: string, groups = '') {
  const journal = join(path, '.git/annex/journal');
  mkdirSync(journal, { recursive: true });
  for (const log of ['preferred-content', 'required-content']) {
    writeFileSync(join(journal, `${log}.log`), byUuid([[uuid, expression]]), 'latin1');
  }
  writeFileSync(join(journal, 'group.log'), byUuid([[uuid, groups]]), 'latin1');
  const warnings: string[] = [];
  const here = await openRepository(fromText(path));
  try {
    const { rules, known } = await loadPolicy(here, [], { warn: (text) => warnings.push(text) });
    const items: LoggedItem[] = [];
    const operands = ['gone', 'here'].map(fromText);
    for await (const item of select(here, { operands, cwd: fromText(path) }, () => undefined).items) {
      items.push({ ...item, log: await here.branch.read(locationLogPath(item.key)) });
    }
    return {
      get: await rules.preferred(known.here, items, 'get'),
      keep: await rules.preferred(known.here, items, 'drop'),
      required: await rules.required(known.here, items),
      warnings,
    };
  } finally {
    await here.close();
  }
}

const kept = { get: [false, true], keep: [false, true], required: [false, true] };
const everything = { get: [true, true], keep: [true, true], required: [true, true], warnings: [] };

test('a term from the future: what is there stays, nothing comes, and it is said once', async () => {
  expect(await decide('anything or futureterm=1')).toEqual({
    ...kept,
    warnings: [
      'the preferred content of me [here] cannot be understood (Parse failure: near "futureterm=1"): what is there stays, and nothing is sent there',
      'the required content of me [here] cannot be understood (Parse failure: near "futureterm=1"): what is there stays, and nothing is sent there',
    ],
  });
});

test('an unstable expression wants nothing, and it is said', async () => {
  const { get, keep, required, warnings } = await decide('not (include=x or present)');
  expect([get, keep, required]).toEqual([
    [false, false],
    [false, false],
    [false, false],
  ]);
  expect(warnings[0]).toBe(
    'the preferred content of me [here] is not stable, due to negated use of present: it wants nothing',
  );
});

test('an expression of 100 kB, good or bad', async () => {
  const long = Array.from({ length: 5_000 }, (_, i) => `include=no${i}*`).join(' or ');
  expect(long.length).toBeGreaterThan(90_000);
  expect(await decide(`${long} or include=*e*`)).toEqual(everything);
  const { warnings, ...decisions } = await decide('x'.repeat(100_000));
  expect(decisions).toEqual(kept);
  expect(warnings.map((text) => text.length < 1_000)).toEqual([true, true]);
});

test('an expression nested 10,000 deep', async () => {
  expect(await decide(`${'('.repeat(10_000)}anything${')'.repeat(10_000)}`)).toEqual(everything);
  expect(await decide(`${'not ('.repeat(10_000)}anything`)).toEqual(everything);
});

test('groups that nobody knows', async () => {
  const groups = 'unheard-of client \xff\xfe __proto__ constructor';
  expect(await decide('standard', groups)).toEqual(everything);
  expect(await decide('groupwanted', groups)).toMatchObject(kept);
  expect(await decide('not copies=__proto__:1 and not copies=constructor:3', groups)).toMatchObject({
    get: [true, false],
  });
});
