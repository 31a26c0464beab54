import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import type { CaseScene } from './case.js';
import { place, takeAway } from './local-side.js';
import { transferAll } from './ask.js';
import { retrieve, store } from './steps.js';

/** How often, and in what steps of milliseconds, a transfer is begun anew while the remote still holds on to the first. */
const ATTEMPTS = 20;
const PAUSE_MS = 250;

/** Stops an upload at a third, and then stores. */
export async function interruptedStore(scene: CaseScene, onResume?: (bytes: number) => void): Promise<void> {
  for (const content of scene.contents) await place(scene.here, content);
  await cutShort(scene, 'store');
  await persistently(scene, () => store(scene, { mayRestart: true, ...(onResume && { onResume }) }));
}

/** Stops a download at a third, and then retrieves. */
export async function interruptedRetrieve(scene: CaseScene): Promise<void> {
  for (const content of scene.contents) await takeAway(scene.here, content);
  await cutShort(scene, 'retrieve');
  await persistently(scene, () => retrieve(scene, { mayRestart: true }));
}

/** Small contents may be through before they can be stopped; that is no failure. */
async function cutShort(scene: CaseScene, way: 'store' | 'retrieve'): Promise<void> {
  const cut = new AbortController();
  const signal = AbortSignal.any([scene.signal, cut.signal]);
  const third = Math.min(...scene.contents.map(({ size }) => size)) / 3;
  const onBytes = (bytes: number) => {
    if (bytes >= third) cut.abort(new Error('stopped by the test'));
  };
  await transferAll(scene, way, scene.contents, { signal, onBytes }).catch((error) => {
    scene.signal.throwIfAborted();
    if (!cut.signal.aborted) throw error;
  });
}

async function persistently(scene: CaseScene, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await sleep(PAUSE_MS, undefined, { signal: scene.signal });
    }
  }
}

/** A remote that cannot be reached, or answers wrongly, is not waited for. */
function isPassing(error: unknown): boolean {
  return error instanceof AnnexError && error.code !== 'remote-unavailable';
}
