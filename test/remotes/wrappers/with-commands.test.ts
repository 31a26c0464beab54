import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';
import type { Remote } from '../../../src/remotes/remote.js';
import { withCommands } from '../../../src/remotes/wrappers/with-commands.js';
import { tryFileLock } from '../../../src/repository/locks/file-lock.js';
import { createSettings } from '../../../src/repository/settings/open-settings.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createScriptedRemote, transferAll } from './scripted-remote.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-'));
  writeFileSync(join(folder, 'log'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const log = () => readFileSync(join(folder, 'log'), 'latin1');
const lockFile = () => join(folder, 'annex/remotes/slow-uuid.lck') as ByteString;

function remote(commands: Record<string, string>): Remote {
  const values = Object.entries(commands).map(([name, value]): [string, ByteString[]] => [
    `remote.slow.annex-${name}-command`,
    [fromText(value)],
  ]);
  const location = { workTree: folder, gitDir: folder };
  const inner = createScriptedRemote(createFakeClock(), () => [{ bytes: 1000 }]);
  return withCommands({ ...inner, close: async () => undefined }, {
    settings: createSettings(new Map(values), new Map(), async () => undefined),
    annexDir: join(folder, 'annex') as ByteString,
    location,
  } as unknown as Parameters<typeof withCommands>[1]);
}
const commands = { start: 'echo start >>log; exit 3', stop: 'echo stop >>log' };

it('runs the commands once for each process, the last one after the last use by any', async () => {
  const [one, two] = [remote(commands), remote(commands)];
  await transferAll(one, ['a']);
  await transferAll(one, ['b']);
  expect(log()).toBe('start\n');
  expect(tryFileLock(lockFile(), 'exclusive'), 'others see that it is in use').toBeUndefined();
  await transferAll(two, ['a']);
  await one.close();
  expect(log()).toBe('start\nstart\n');
  await two.close();
  expect(log()).toBe('start\nstart\nstop\n');
  await two.close();
  expect(log()).toBe('start\nstart\nstop\n');
});

it('does nothing for a remote that is not used', async () => {
  const unused = remote(commands);
  await unused.close();
  expect(log()).toBe('');
  expect(existsSync(lockFile())).toBe(false);
});

it('waits for a command of others to stop using it', async () => {
  const stopping = tryFileLock(lockFile(), 'exclusive');
  const user = remote(commands);
  const done = transferAll(user, ['a']);
  setTimeout(() => {
    writeFileSync(join(folder, 'log'), 'stopped\n');
    stopping?.release();
  }, 50);
  await done;
  await user.close();
  expect(log()).toBe('stopped\nstart\nstop\n');
});
