import { describe, it } from 'vitest';
import type { CaseScene, LocalSide, RemoteCase, TestContent } from '../../src/operations/testremote/case.js';
import {
  interruptionCases,
  keyCases,
  lockCases,
  manyCases,
  unavailableCases,
} from '../../src/operations/testremote/cases.js';
import { type KeyKind, makeContent } from '../../src/operations/testremote/contents.js';
import type { ByteString } from '../../src/lib/bytes.js';
import type { Remote } from '../../src/remotes/remote.js';

/** What a kind of remote gives to be put through the cases of `testremote`. Its own test opens and closes it. */
export interface RemoteUnderTest {
  readonly remote: () => Remote;
  /** One of the same kind that can't be reached. */
  readonly unavailable?: () => Remote;
  /** The repository the remotes were made for. */
  readonly here: () => LocalSide;
  /** A folder for the original contents, on the file system of `here`. */
  readonly folder: () => string;
}

/** Every check of `testremote`, each as a test of its own; call it inside a `describe`. */
export function conformsAsRemote(under: RemoteUnderTest): void {
  const make = (size: number, kind: KeyKind = 'usual') =>
    makeContent(under.folder() as ByteString, { size, kind });
  const groups: readonly [string, readonly RemoteCase[], () => TestContent[]][] = [
    ['one content', keyCases, () => [make(100_000)]],
    ['one content of several pieces', keyCases, () => [make((1 << 21) + 1)]],
    ['interruptions', interruptionCases, () => [make(3 << 20)]],
    ['locks', lockCases, () => [make(1000)]],
    ['many contents', manyCases, () => Array.from({ length: 40 }, (_, i) => make(1 + i * 100))],
    ['unusual keys', manyCases, () => [make(100, 'without size'), make(100, 'with odd characters')]],
  ];
  for (const [name, cases, contents] of groups) runInOrder(name, cases, under, under.remote, contents);
  if (under.unavailable !== undefined) {
    runInOrder('unavailable', unavailableCases, under, under.unavailable, () => [make(100)]);
  }
}

function runInOrder(
  name: string,
  cases: readonly RemoteCase[],
  under: RemoteUnderTest,
  remote: () => Remote,
  makeContents: () => TestContent[],
): void {
  describe(name, () => {
    let contents: TestContent[] | undefined;
    for (const one of cases) {
      it(one.name, async ({ signal }) => {
        contents ??= makeContents();
        const scene: CaseScene = { remote: remote(), here: under.here(), contents, signal };
        await one.run(scene);
      });
    }
  });
}
