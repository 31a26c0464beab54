import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { GitObject } from './git.js';
import type { AnswerParser } from './request-child.js';

/** What `cat-file --batch-check` says about an object. */
export interface ObjectInfo {
  readonly sha: ByteString;
  readonly type: GitObject['type'];
  /** Bytes. */
  readonly size: number;
}

/** Objects above this many bytes are not read into memory: their request is rejected with `git-failed`. */
export const largestObject = 256 * 1024 * 1024;

const header = /^([0-9a-f]{40}|[0-9a-f]{64}) (blob|tree|commit|tag) (\d+)$/;

/** `SHA TYPE SIZE`; undefined for `NAME missing`, `NAME ambiguous` and the like (git-cat-file(1)). */
export function parseObjectInfo(line: string): ObjectInfo | undefined {
  const match = header.exec(line);
  if (match === null) return undefined;
  return { sha: match[1] as ByteString, type: match[2] as GitObject['type'], size: Number(match[3]) };
}

/** Answers of `cat-file --batch-check`: one line each. */
export function infoParser(): AnswerParser<ObjectInfo | undefined> {
  let rest = '';
  return (chunk, answer) => {
    const text = rest + chunk.toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      answer(parseObjectInfo(text.slice(start, end)));
      start = end + 1;
    }
    rest = text.slice(start);
  };
}

/** Answers of `cat-file --batch`: a header line, then `size` bytes and a newline unless the object is missing. */
export function objectParser(limit: number = largestObject): AnswerParser<GitObject | undefined> {
  let line = '';
  let info: ObjectInfo | undefined;
  let missing = 0;
  let pieces: Buffer[] = [];

  const finish = (answer: (answer: GitObject | undefined | AnnexError) => void): void => {
    const done = info as ObjectInfo;
    info = undefined;
    if (done.size > limit) {
      answer(
        new AnnexError(
          'git-failed',
          `git object ${done.sha} is too large to be read here (${done.size} bytes)`,
        ),
      );
      return;
    }
    const whole = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    pieces = [];
    answer({ sha: done.sha, type: done.type, content: whole.toString('latin1', 0, done.size) as ByteString });
  };

  return (chunk, answer) => {
    let at = 0;
    while (at < chunk.length) {
      if (info === undefined) {
        const end = chunk.indexOf(10, at);
        if (end < 0) {
          line += chunk.toString('latin1', at);
          return;
        }
        info = parseObjectInfo(line + chunk.toString('latin1', at, end));
        line = '';
        at = end + 1;
        if (info === undefined) answer(undefined);
        else missing = info.size + 1;
      } else {
        const piece = chunk.subarray(at, at + missing);
        at += piece.length;
        missing -= piece.length;
        if (info.size <= limit) pieces.push(piece);
        if (missing === 0) finish(answer);
      }
    }
  };
}
