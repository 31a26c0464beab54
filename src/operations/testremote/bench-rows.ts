import { presenceAll, removeAll } from './ask.js';
import type { CaseScene, TestContent } from './case.js';
import { leavePartial, place, takeAway } from './local-side.js';
import { interruptedStore } from './interruptions.js';
import { remove, retrieve, store } from './steps.js';

/** One measurement. */
export interface BenchRow {
  readonly what: string;
  readonly keys: number;
  /** Of content that was moved, or would have been. */
  readonly bytes: number;
  readonly seconds: number;
  /** Where it went on, in bytes; 0: it started over. Undefined: there was nothing to go on with. */
  readonly resumedAt?: number;
}

type Resumed = (bytes: number) => void;

/** How many keys are asked for one at a time. */
const SINGLY = 10;

/** Everything there is to be measured: many small contents, and a big one. Afterwards the remote has neither. */
export async function measureWriting(small: CaseScene, big: CaseScene): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const measure = recorder(rows);
  const few = { ...small, contents: small.contents.slice(0, SINGLY) };
  const one = (content: TestContent): CaseScene => ({ ...small, contents: [content] });
  const each = (scene: CaseScene, work: (scene: CaseScene) => Promise<unknown>) => async () => {
    for (const content of scene.contents) await work(one(content));
  };
  // The first answer includes connecting.
  await measure('connect, first presence', one(few.contents[0] as TestContent), (scene) =>
    presenceAll(scene, scene.contents),
  );
  for (const content of [...small.contents, ...big.contents]) await place(small.here, content);
  await measure('put, one at a time', few, (scene) => each(scene, (single) => store(single))());
  await measure('put', small, (scene) => store(scene));
  await measure('presence, one at a time', few, (scene) =>
    each(scene, (single) => presenceAll(single, single.contents))(),
  );
  await measure('presence', small, (scene) => presenceAll(scene, scene.contents));
  await clear(small);
  await measure('get, one at a time', few, (scene) => each(scene, retrieve)());
  await clear(small);
  await measure('get', small, (scene) => retrieve(scene));
  await measure('remove, one at a time', few, (scene) => each(scene, remove)());
  await measure('remove', small, (scene) => removeAll(scene, scene.contents));
  await measure('put', big, (scene) => store(scene));
  await measureDownloads(big, rows);
  await remove(big);
  await measureResumed(rows, 'put, cut at a third and resumed', big, interruptedStore);
  await measure('remove', big, remove);
  return rows;
}

/** What can be measured without changing the remote. */
export async function measureReading(scene: CaseScene): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const measure = recorder(rows);
  await measure('connect, first presence', scene, () => presenceAll(scene, scene.contents));
  await measure('presence', scene, () => presenceAll(scene, scene.contents));
  await measureDownloads(scene, rows);
  return rows;
}

async function measureDownloads(scene: CaseScene, rows: BenchRow[]): Promise<void> {
  await clear(scene);
  await recorder(rows)('get', scene, (whole) => retrieve(whole));
  await clear(scene);
  for (const content of scene.contents) leavePartial(scene.here, content, Math.floor(content.size / 2));
  await measureResumed(rows, 'get, resumed from 50%', scene, (half, onResume) =>
    retrieve(half, { onResume }),
  );
}

async function measureResumed(
  rows: BenchRow[],
  what: string,
  scene: CaseScene,
  work: (scene: CaseScene, onResume: Resumed) => Promise<unknown>,
): Promise<void> {
  let resumedAt = 0;
  const noted: BenchRow[] = [];
  await recorder(noted)(what, scene, (whole) =>
    work(whole, (bytes) => (resumedAt = Math.max(resumedAt, bytes))),
  );
  rows.push(...noted.map((row) => ({ ...row, resumedAt })));
}

async function clear({ here, contents }: CaseScene): Promise<void> {
  for (const content of contents) await takeAway(here, content);
}

function recorder(rows: BenchRow[]) {
  return async (
    what: string,
    scene: CaseScene,
    work: (scene: CaseScene) => Promise<unknown>,
  ): Promise<void> => {
    scene.signal.throwIfAborted();
    const started = performance.now();
    await work(scene);
    const seconds = (performance.now() - started) / 1000;
    const bytes = scene.contents.reduce((sum, { size }) => sum + size, 0);
    rows.push({ what, keys: scene.contents.length, bytes, seconds });
  };
}
