import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** A ref and the commit it was seen at. */
export interface SeenRef {
  readonly name: ByteString;
  readonly sha: ByteString;
}

/**
 * `mergedrefs`: the refs whose commits are in the local branch already, a line `SHA TAB REF` each. It saves asking git for
 * ancestry every time; a missing or damaged file only costs that.
 */
export function readMergedRefs(annexDir: ByteString): SeenRef[] {
  const refs: SeenRef[] = [];
  for (const line of readLines(`${annexDir}/mergedrefs` as ByteString)) {
    const tab = line.indexOf('\t');
    if (tab > 0)
      refs.push({ sha: line.slice(0, tab) as ByteString, name: line.slice(tab + 1) as ByteString });
  }
  return refs;
}

export function writeMergedRefs(annexDir: ByteString, refs: readonly SeenRef[]): void {
  replaceFile(
    `${annexDir}/mergedrefs` as ByteString,
    refs.map(({ sha, name }) => `${sha}\t${name}\n`).join('') as ByteString,
  );
}

/** `ignoredrefs`: commits from before a transition, which are not to be merged (again): one sha a line. */
export function readIgnoredRefs(annexDir: ByteString): Set<ByteString> {
  return new Set(readLines(`${annexDir}/ignoredrefs` as ByteString));
}

export function addIgnoredRefs(annexDir: ByteString, shas: readonly ByteString[]): void {
  const known = readIgnoredRefs(annexDir);
  const before = known.size;
  for (const sha of shas) known.add(sha);
  if (known.size === before) return;
  replaceFile(
    `${annexDir}/ignoredrefs` as ByteString,
    [...known].map((sha) => `${sha}\n`).join('') as ByteString,
  );
}

/** Writes a small file anew: whole or not at all. */
export function replaceFile(path: ByteString, content: ByteString): void {
  const draft = toPath(`${path}${process.pid}-0.tmp` as ByteString);
  writeFileSync(draft, toBuffer(content));
  renameSync(draft, toPath(path));
}

function readLines(path: ByteString): ByteString[] {
  try {
    return fromBuffer(readFileSync(toPath(path)))
      .split('\n')
      .filter((line) => line !== '') as ByteString[];
  } catch {
    return [];
  }
}
