import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { adler32 } from './adler32.js';
import type { GitObject, NewObject, ObjectFormat } from './git.js';

/** The name of an object: the hash over `TYPE SIZE NUL CONTENT`. */
export function objectName(object: NewObject, format: ObjectFormat): ByteString {
  if (object.name !== undefined) return object.name;
  const hash = createHash(format);
  hash.update(`${object.type} ${object.content.length}\0`, 'latin1');
  hash.update(object.content, 'latin1');
  return hash.digest('hex') as ByteString;
}

/**
 * Up to how many bytes contents are not compressed: small ones gain nothing but would pay for setting it up, and trees
 * are names of objects for the most part. A stored block holds at most 65,535.
 */
const storedUpTo = { blob: 256, commit: 256, tag: 256, tree: 65_535 } as const;

/** A zlib stream (RFC 1950) of the bytes of an object. */
export function zlibStream(content: Buffer, type: GitObject['type']): Buffer {
  if (content.length > storedUpTo[type]) return deflateSync(content, { level: 1 });
  const stream = Buffer.allocUnsafe(content.length + 11);
  stream.writeUInt16BE(0x7801, 0);
  stream[2] = 1;
  stream.writeUInt16LE(content.length, 3);
  stream.writeUInt16LE(content.length ^ 0xffff, 5);
  content.copy(stream, 7);
  stream.writeUInt32BE(adler32(content), content.length + 7);
  return stream;
}

/**
 * Writes one loose object as git does: a temporary file, then a rename. Writing what exists already does nothing.
 * @param objects the repository's `objects` folder
 * @returns the object's name
 */
export function writeLooseObject(objects: ByteString, object: NewObject, format: ObjectFormat): ByteString {
  const name = objectName(object, format);
  const folder = `${objects}/${name.slice(0, 2)}` as ByteString;
  const file = toPath(`${folder}/${name.slice(2)}` as ByteString);
  if (existsSync(file)) return name;
  const whole = Buffer.from(`${object.type} ${object.content.length}\0${object.content}`, 'latin1');
  const content = zlibStream(whole, object.type);
  const temporary = toPath(`${folder}/tmp_obj_${randomBytes(6).toString('hex')}` as ByteString);
  try {
    writeNewFile(temporary, content, folder);
    renameSync(temporary, file);
  } catch (error) {
    removeQuietly(temporary);
    throw writeFailure(error);
  }
  return name;
}

function writeNewFile(file: string | Buffer, content: Buffer, folder: ByteString): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o444);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(toPath(folder), { recursive: true });
    descriptor = openSync(file, 'wx', 0o444);
  }
  try {
    for (let done = 0; done < content.length; ) done += writeSync(descriptor, content, done);
  } finally {
    closeSync(descriptor);
  }
}

function removeQuietly(file: string | Buffer): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made, or is gone already.
  }
}

function writeFailure(error: unknown): AnnexError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AnnexError('disk-full', 'the disk is full: a git object could not be written', {
      cause: error,
    });
  if (code === 'EROFS')
    return new AnnexError('read-only', 'the repository is on a read-only file system', { cause: error });
  if (code === 'EACCES' || code === 'EPERM')
    return new AnnexError('permission', 'the git object database may not be written', { cause: error });
  return new AnnexError('git-failed', `a git object could not be written: ${message}`, { cause: error });
}
