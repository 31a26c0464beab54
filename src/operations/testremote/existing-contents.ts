import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';
import { statSync } from 'node:fs';
import { keyOfObject } from '../keys-info/lookup-key.js';
import { readOperand } from '../select/operands.js';
import { presenceAll } from './ask.js';
import type { TestContent } from './case.js';

/**
 * The contents of annexed files, to be read from a remote that is not to be written. Both this repository and the remote
 * must have them.
 * @throws AnnexError `unknown-file`, `content-missing`, and what the remote says when it can't be asked
 */
export async function existingContents(
  here: Repository,
  remote: Remote,
  files: readonly ByteString[],
  { cwd, signal }: { readonly cwd: ByteString; readonly signal: AbortSignal },
): Promise<TestContent[]> {
  const contents: TestContent[] = [];
  for (const file of files) {
    const content = await localContent(here, file, cwd);
    const scene = { remote, here, contents: [content], signal };
    const presence = (await presenceAll(scene, [content])).get(content.key);
    if (presence instanceof AnnexError) throw presence;
    if (presence !== 'present') throw missing(file, 'is not stored in the remote being tested');
    contents.push(content);
  }
  return contents;
}

async function localContent(here: Repository, file: ByteString, cwd: ByteString): Promise<TestContent> {
  const top = here.location.workTree;
  if (top === undefined) throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  const { path } = readOperand(file, cwd, top);
  const key = await keyOfObject(here.git, `:${path}` as ByteString);
  if (key === undefined) throw new AnnexError('unknown-file', `${toText(file)} is not an annexed file`);
  const original = here.objects.locate(key);
  if (original === undefined) throw missing(file, 'does not have its content locally present');
  return { key, original, size: keySize(key) ?? statSync(toPath(original)).size };
}

function missing(file: ByteString, what: string): AnnexError {
  return new AnnexError('content-missing', `${toText(file)} ${what}, cannot test it`);
}
