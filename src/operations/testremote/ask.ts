import { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { Key } from '../../domain/key.js';
import { proveDrop } from '../../planning/prove-drop.js';
import type { Presence, TransferRequest, TransferResult } from '../../remotes/remote.js';
import { CaseFailure, type CaseScene, expect, type TestContent } from './case.js';

/** A proof for test content: it may go at any time. With `expires` (monotonic milliseconds) only until then. */
export function proofFor({ here, remote }: CaseScene, key: Key, expires?: number): SafeDropProof {
  const copy = expires === undefined ? [] : [{ uuid: here.uuid, expires }];
  const facts = { key, target: remote.uuid, locked: copy, trusted: [], numcopies: 1, mincopies: 1 };
  const { proof } = proveDrop({ ...facts, force: expires === undefined });
  if (proof === undefined) throw new AnnexError('internal', 'no drop proof for a test key');
  return proof;
}

export interface TransferOptions {
  /** Default: the scene's. */
  readonly signal?: AbortSignal;
  /** Bytes done so far, of any of the contents. */
  readonly onBytes?: (bytes: number) => void;
  /** Bytes that need not be moved, since they are there from an earlier attempt. */
  readonly onResume?: (bytes: number) => void;
  /** Something may be there that is of no use, so that it starts over. */
  readonly mayRestart?: boolean;
}

/** Stores or retrieves contents in one stream; every one must be answered once, with sound progress. */
export async function transferAll(
  scene: CaseScene,
  way: 'store' | 'retrieve',
  contents: readonly TestContent[],
  options: TransferOptions = {},
): Promise<Map<Key, TransferResult>> {
  const answers = new Map<Key, TransferResult>();
  const asked = new Set(contents.map(({ key }) => key));
  const progress = watchProgress(contents, options);
  const requests = contents.map(({ key }) => ({ key, file: undefined }));
  const context = {
    signal: options.signal ?? scene.signal,
    onProgress: (request: TransferRequest, bytes: number) => void progress.note(request, bytes),
    onResume: (_: TransferRequest, bytes: number) => options.onResume?.(bytes),
  };
  for await (const result of scene.remote[way](stream(requests), context)) {
    noteAnswer(answers, asked, result.request.key, result);
  }
  allAnswered(answers, asked);
  const wrong = progress.complaint([...answers.values()].filter(({ ok }) => ok));
  if (wrong !== undefined) throw new CaseFailure(wrong);
  return answers;
}

export async function presenceAll(
  scene: CaseScene,
  contents: readonly TestContent[],
): Promise<Map<Key, Presence>> {
  const answers = new Map<Key, Presence>();
  const asked = new Set(contents.map(({ key }) => key));
  for await (const { key, presence } of scene.remote.presence(stream([...asked]), scene)) {
    noteAnswer(answers, asked, key, presence);
  }
  allAnswered(answers, asked);
  return answers;
}

/** Removes contents in one stream; gives what went wrong with each, if anything. */
export async function removeAll(
  scene: CaseScene,
  contents: readonly TestContent[],
  signal: AbortSignal = scene.signal,
  proof: (key: Key) => SafeDropProof = (key) => proofFor(scene, key),
): Promise<Map<Key, AnnexError | undefined>> {
  const answers = new Map<Key, AnnexError | undefined>();
  const asked = new Set(contents.map(({ key }) => key));
  const requests = [...asked].map((key) => ({ key, proof: proof(key) }));
  for await (const { key, error } of scene.remote.remove(stream(requests), { signal })) {
    noteAnswer(answers, asked, key, error);
  }
  allAnswered(answers, asked);
  return answers;
}

function watchProgress(contents: readonly TestContent[], { onBytes, mayRestart }: TransferOptions) {
  const sizes = new Map(contents.map(({ key, size }) => [key, size]));
  const reported = new Map<Key, number>();
  let wrong: string | undefined;
  return {
    note({ key }: TransferRequest, bytes: number) {
      const [size, before] = [sizes.get(key), reported.get(key) ?? 0];
      if (size === undefined) wrong ??= 'it reported progress of a content that was not asked for';
      else if (bytes > size) wrong ??= `it reported progress of ${bytes} bytes, of ${size}`;
      else if (bytes < before && !mayRestart)
        wrong ??= `it reported progress of ${before} bytes, and then of ${bytes}`;
      reported.set(key, bytes);
      onBytes?.(bytes);
    },
    /** What was wrong, now that these were done. */
    complaint(done: readonly TransferResult[]): string | undefined {
      const last = done.find(
        ({ request: { key } }) => (reported.get(key) ?? sizes.get(key)) !== sizes.get(key),
      );
      if (last === undefined) return wrong;
      const { key } = last.request;
      return wrong ?? `the last progress it reported was ${reported.get(key)} of ${sizes.get(key)} bytes`;
    },
  };
}

function noteAnswer<T>(answers: Map<Key, T>, asked: ReadonlySet<Key>, key: Key, answer: T): void {
  expect(asked.has(key), 'it answered for a key that it was not asked about');
  expect(!answers.has(key), 'it answered twice for one key');
  answers.set(key, answer);
}

function allAnswered(answers: ReadonlyMap<Key, unknown>, asked: ReadonlySet<Key>): void {
  expect(answers.size === asked.size, `it answered for ${answers.size} of ${asked.size} keys`);
}

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
