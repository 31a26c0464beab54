import type { ByteString } from '../../lib/bytes.js';
import { objectParser } from './cat-file.js';
import type { GitObject } from './git.js';
import type { AnswerParser, RequestChild } from './request-child.js';

/** Starts a git command that answers requests; `flushRequest` as for `createRequestChild`. */
export type StartChild = <R>(
  args: readonly string[],
  parser: AnswerParser<R>,
  flushRequest?: string,
) => RequestChild<R>;

/** Gives the content of objects by name, one child for each reader. A name holds no newline. */
export type ObjectReader = Omit<RequestChild<GitObject | undefined>, 'exitCode'>;

/** What git exits with when it does not know an option. */
const usageExitCode = 129;

/**
 * Starts readers on `cat-file --batch-command --buffer`, which answers all requests of one turn in few writes. Where git
 * is older than 2.36 and does not know that, on `cat-file --batch`, which writes three times for each answer.
 */
export function objectReaders(start: StartChild): () => ObjectReader {
  let gathers = true;
  let proven = false;
  const startGathering = () => start(['cat-file', '--batch-command', '--buffer'], objectParser(), 'flush\n');
  const startPlain = () => start(['cat-file', '--batch'], objectParser());

  return () => {
    let gathering = gathers;
    let child = gathering ? startGathering() : startPlain();
    const askPlainly = (name: ByteString) => {
      gathers = false;
      if (gathering) child = startPlain();
      gathering = false;
      return child.ask(`${name}\n` as ByteString);
    };
    return {
      ask(name) {
        if (!gathering) return child.ask(`${name}\n` as ByteString);
        const asked = child;
        const answer = asked.ask(`contents ${name}\n` as ByteString);
        if (proven) return answer;
        return answer.then(
          (object) => {
            proven = true;
            return object;
          },
          (error: unknown) => {
            if (asked.exitCode !== usageExitCode) throw error;
            return askPlainly(name);
          },
        );
      },
      get pending() {
        return child.pending;
      },
      get ended() {
        return child.ended;
      },
      pause: () => child.pause(),
      resume: () => child.resume(),
      close: () => child.close(),
      kill: () => child.kill(),
    };
  };
}
