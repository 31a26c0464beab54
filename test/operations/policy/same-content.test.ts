import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locationLogPath } from '../../../src/domain/hash-directories.js';
import { fromText } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { loadPolicy } from '../../../src/operations/policy/load-policy.js';
import type { Policy } from '../../../src/operations/policy/policy.js';
import { select } from '../../../src/operations/select/select.js';
import type { LoggedItem } from '../../../src/operations/transfer/with-logs.js';
import { attempt, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { cloned, write } from '../transfer/run-operation.js';

let sandbox: Sandbox;
let path: string;
beforeAll(() => {
  sandbox = createSandbox();
  const origin = sandbox.annex('a', 'a');
  write(origin, { 'x/a.bin': 'same', 'b.bin': 'same', 'c.bin': 'other' });
  write(origin, { '.gitattributes': '*.txt annex.numcopies=9\n', 'x/.gitattributes': 'plain text\n' });
  run('git', ['annex', 'add', '-q', '.'], origin);
  run('git', ['add', '.gitattributes', 'x/.gitattributes'], origin);
  run('git', ['commit', '-q', '-m', 'files'], origin);
  path = cloned(origin, join(sandbox.directory, 'b'));
  run('git', ['annex', 'get', '-q', '.'], path);
});
afterAll(() => sandbox.remove());

async function withPolicy<T>(
  names: readonly string[],
  use: (policy: Policy, items: LoggedItem[]) => Promise<T>,
) {
  const here = await openRepository(fromText(path));
  try {
    const items: LoggedItem[] = [];
    const operands = names.map(fromText);
    const selection = select(here, { operands, cwd: fromText(path) }, () => undefined);
    for await (const item of selection.items) {
      items.push({ ...item, log: await here.branch.read(locationLogPath(item.key)) });
    }
    return await use(await loadPolicy(here, [], {}), items);
  } finally {
    await here.close();
  }
}

const copiesToDrop = (...names: string[]) => withPolicy(names, ({ copiesToDrop: ask }, items) => ask(items));
const unwanted = (...names: string[]) =>
  withPolicy(names, async (policy, items) => policy.unwantedBy(policy.known.here, items));
const dropped = (...args: string[]) => attempt('git', ['annex', 'drop', ...args], path).stdout.includes('ok');

test('a drop needs the most copies that any file with the content asks for, as for git-annex', async () => {
  const usual = { numcopies: 1, mincopies: 1 };
  expect(await copiesToDrop('b.bin', 'c.bin')).toEqual([usual, usual]);
  writeFileSync(join(path, 'x/.gitattributes'), '* annex.numcopies=2 annex.mincopies=2\n');
  expect(await copiesToDrop('b.bin', 'c.bin')).toEqual([{ numcopies: 2, mincopies: 2 }, usual]);
  expect(await copiesToDrop('x/a.bin')).toEqual([{ numcopies: 2, mincopies: 2 }]);
  expect(dropped('b.bin')).toBe(false);
  expect(await unwanted('b.bin')).toEqual([false]);
  writeFileSync(join(path, 'x/.gitattributes'), 'plain text\n');
  expect(await unwanted('b.bin', 'c.bin')).toEqual([true, true]);
});

test('what is wanted under another name is not dropped by --auto, as for git-annex', async () => {
  run('git', ['annex', 'wanted', 'here', 'include=x/*'], path);
  expect(await unwanted('b.bin', 'c.bin', 'x/a.bin')).toEqual([false, true, false]);
  expect(dropped('--auto', 'b.bin')).toBe(false);
  expect(dropped('--auto', 'c.bin')).toBe(true);
});
