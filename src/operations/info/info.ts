import { statSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Outcome } from '../context.js';
import { AMBIGUOUS_NAME } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import { fileItem } from '../select/select.js';
import { directoryInfo, treeInfo } from './files-info.js';
import { clusterNamed } from './cluster-info.js';
import type { InfoScene } from './info-scene.js';
import { addKey, noKeys, totalSize } from './key-totals.js';
import { nameOf, remoteInfo, remoteNamed, uuidInfo } from './remote-info.js';
import { type Stat, showStats, stat } from './stat.js';

/** Shows facts about items of any kind: directories, remotes, files, repositories, trees. */
export async function itemsInfo(
  scene: InfoScene,
  words: AsyncIterable<ByteString> | Iterable<ByteString>,
): Promise<Outcome> {
  const { emit, signal } = scene.context;
  let failed = 0;
  for await (const word of words) {
    signal.throwIfAborted();
    const found = await itemNamed(scene, word);
    if (found.kind === 'known') {
      const command = `info ${found.name}` as ByteString;
      await showStats({ command, input: [word] }, found.stats, emit);
      continue;
    }
    failed++;
    if (found.complaint !== undefined) emit({ type: 'warning', text: found.complaint });
    const action = { command: 'info', file: word, input: [word] };
    emit({ type: 'start', action });
    emit({ type: 'note', action, text: found.note });
    emit({ type: 'end', action, success: false });
  }
  return { failed, stoppedByLimit: false };
}

type Found =
  | { readonly kind: 'known'; readonly name: ByteString; readonly stats: AsyncIterable<Stat> }
  | { readonly kind: 'unknown'; readonly note: string; readonly complaint?: string };

/** What a word names: the kinds are tried in git-annex's order. */
async function itemNamed(scene: InfoScene, word: ByteString): Promise<Found> {
  const { repository, cwd } = scene;
  const known = (name: ByteString, stats: AsyncIterable<Stat>): Found => ({ kind: 'known', name, stats });
  if (isDirectory(word, cwd)) return known(word, directoryInfo(scene, word));
  const remote = remoteNamed(scene, word);
  if (remote !== undefined) return known(nameOf(remote), remoteInfo(scene, remote));
  const bare = repository.location.workTree === undefined;
  const file = bare || word === '' ? undefined : await fileItem(repository, cwd, word);
  if (file !== undefined) return known(file.shown ?? word, fileInfo(scene, file));
  const uuid = scene.known.lookUp(word);
  if (uuid === 'ambiguous') return { kind: 'unknown', note: AMBIGUOUS_NAME };
  if (uuid !== undefined) return known(uuid, uuidInfo(scene, uuid));
  const cluster = clusterNamed(scene, word);
  if (cluster !== undefined) return known(word, uuidInfo(scene, cluster));
  return treeNamed(scene, word);
}

const NOT_ANYTHING = 'not a directory or an annexed file or a treeish or a remote or a uuid';

function isDirectory(word: ByteString, cwd: ByteString): boolean {
  if (word === '') return false;
  const path = (word.startsWith('/') ? word : `${cwd}/${word}`) as ByteString;
  return statSync(toPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
}

async function treeNamed(scene: InfoScene, word: ByteString): Promise<Found> {
  const { git } = scene.repository;
  const resolve = async (name: string): Promise<ByteString | undefined> => {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
    const { exitCode, stdout } = await git.run(args, { accept: 'any', cwd: scene.cwd });
    return exitCode === 0 ? (stdout.trimEnd() as ByteString) : undefined;
  };
  const object = word === '' ? undefined : await resolve(word);
  const tree = object === undefined ? undefined : await resolve(`${object}^{tree}`);
  if (tree !== undefined) return { kind: 'known', name: word, stats: treeInfo(scene, word, tree) };
  const complaint =
    object === undefined ? `fatal: Not a valid object name ${toText(word)}` : 'fatal: not a tree object';
  return { kind: 'unknown', note: NOT_ANYTHING, complaint };
}

/** What `info FILE` tells. */
async function* fileInfo({ repository, words }: InfoScene, { key, shown }: Item): AsyncGenerator<Stat> {
  const size = noKeys();
  addKey(size, key);
  yield stat('file', shown ?? key);
  yield stat('size', totalSize(size, words));
  yield stat('key', key);
  const present = repository.objects.locate(key) !== undefined;
  yield { name: 'present', json: present, text: String(present) };
}
