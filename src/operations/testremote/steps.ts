import { AnnexError } from '../../domain/errors.js';
import type { TransferResult } from '../../remotes/remote.js';
import { presenceAll, removeAll, type TransferOptions, transferAll } from './ask.js';
import { CaseFailure, type CaseScene, expect, type RemoteState, type TestContent } from './case.js';
import { place, takeAway } from './local-side.js';

/** Stores every content of the scene; the local store has them afterwards. */
export async function store(scene: CaseScene, options: TransferOptions = {}): Promise<void> {
  for (const content of scene.contents) await place(scene.here, content);
  succeeded(await transferAll(scene, 'store', scene.contents, options));
}

/** Retrieves every content of the scene; what the local store had was taken away by the caller. */
export async function retrieve(scene: CaseScene, options: TransferOptions = {}): Promise<void> {
  succeeded(await transferAll(scene, 'retrieve', scene.contents, options));
}

/** Retrieves without anything there to begin with. */
export async function retrieveAnew(scene: CaseScene): Promise<void> {
  for (const content of scene.contents) await takeAway(scene.here, content);
  await retrieve(scene);
}

export async function remove(scene: CaseScene): Promise<void> {
  for (const error of (await removeAll(scene, scene.contents)).values()) {
    if (error !== undefined) throw error;
  }
}

/** Fails unless the remote says of each content that it has it, or that it has not. */
export async function expectPresence(
  scene: CaseScene,
  expected: RemoteState | ((content: TestContent) => RemoteState),
): Promise<void> {
  const answers = await presenceAll(scene, scene.contents);
  for (const content of scene.contents) {
    const wanted = typeof expected === 'function' ? expected(content) : expected;
    const presence = answers.get(content.key);
    if (presence instanceof AnnexError) throw presence;
    const otherwise =
      wanted === 'present'
        ? 'it said that the content is not there, although it was stored'
        : 'it said that the content is there, although it was never stored or was removed';
    expect(presence === wanted, otherwise);
  }
}

/** Brings the remote to a state, for a case that is run without those before it. */
export async function prepare(scene: CaseScene, state: RemoteState): Promise<void> {
  if (state === 'present') await store(scene);
  else await remove(scene);
}

/** Fails unless the work fails, be it by an error for each key or altogether. */
export async function mustFail(work: () => Promise<unknown>, otherwise: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AnnexError) return;
    throw error;
  }
  throw new CaseFailure(otherwise);
}

function succeeded(results: ReadonlyMap<unknown, TransferResult>): void {
  for (const result of results.values()) if (!result.ok) throw result.error;
}
