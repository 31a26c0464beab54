import { expect, it } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { type Fetch, fetchBatch } from '../../../src/operations/transfer/fetch.js';
import { createRunningAction } from '../../../src/operations/transfer/running-action.js';
import type { Item } from '../../../src/operations/select/item.js';
import type { Remote } from '../../../src/remotes/remote.js';
import { watched } from '../../../src/remotes/wrappers/watched.js';
import { createScriptedRemote, key, lost, type Step } from '../../remotes/wrappers/scripted-remote.js';
import { createFakeClock } from '../../support/fake-clock.js';

/** Remotes that can be paused by name; what each is asked for is noted. */
function createScene() {
  const clock = createFakeClock();
  const paused = new Set<string>();
  const asked: string[] = [];
  function remote(name: string, script: (name: string) => readonly Step[] = () => [{ bytes: 1000 }]): Remote {
    const inner = createScriptedRemote(clock, (one) => {
      asked.push(`${name}: ${one}`);
      return script(one);
    });
    const steering = {
      paused: (uuid: Uuid) => paused.has(uuid),
      pausedKey: () => false,
      pausedBefore: () => false,
      cancelled: () => false,
    };
    return watched(
      { ...inner, name: ascii(name), uuid: name as Uuid },
      { stall: { download: 'off', upload: 'off' }, steering, waitsSince: 0, clock, tell: () => undefined },
    );
  }
  return { clock, paused, asked, remote };
}

function fetchOf(name: string, sources: readonly Remote[]): Fetch {
  const item = { key: key(name), path: ascii(name) } as unknown as Item;
  return {
    item,
    running: createRunningAction({ command: 'get' }, () => undefined),
    sources,
    explicit: false,
  };
}

const options = { signal: new AbortController().signal, ignoreReserve: false };
const sourceOf = ({ from }: { readonly from: Remote | undefined }): ByteString | undefined => from?.name;

it('gets from elsewhere what a paused remote has, and waits for it where nobody else can give it', async () => {
  const { clock, paused, asked, remote } = createScene();
  const [a, b] = [
    remote('a'),
    remote('b', (name) => (name === 'lost' ? [{ fail: lost() }] : [{ bytes: 9 }])),
  ];
  const batch = [
    fetchOf('both', [a, b]),
    fetchOf('only a', [a]),
    fetchOf('lost', [a, b]),
    fetchOf('only b', [b]),
  ];
  paused.add('a');
  const done = fetchBatch(batch, options);
  await clock.advance(60_000);
  expect(asked).toEqual(['b: only b', 'b: both', 'b: lost']);
  paused.clear();
  expect((await clock.until(done)).map(sourceOf)).toEqual(['b', 'a', 'a', 'b']);
  expect(asked.slice(3)).toEqual(['a: only a', 'a: lost']);
});

it('leaves what only paused remotes have, when it is told to', async () => {
  const { clock, paused, remote } = createScene();
  const [a, b] = [remote('a'), remote('b')];
  paused.add('a');
  const batch = [fetchOf('both', [a, b]), fetchOf('only a', [a])];
  const done = await clock.until(fetchBatch(batch, { ...options, leavePaused: true }));
  expect(done.map((one) => [sourceOf(one), one.paused])).toEqual([
    ['b', false],
    [undefined, true],
  ]);
});
