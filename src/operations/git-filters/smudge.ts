import type { Readable } from 'node:stream';
import { fromText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch } from '../add/scratch.js';
import { openRepository } from '../open-repository.js';
import { createCleanFilter } from './clean.js';
import { fillAfterCheckout } from './fill-after-checkout.js';
import { smudgeThrough } from './smudge-filter.js';
import { processStreams, type Streams, say, write } from './streams.js';

const USAGE = 'Missing: (FILE | --update)\n\nUsage: git-annex smudge (FILE [--clean] | --update)';

/**
 * `git annex smudge [--clean] FILE`: git's filters for one file, content on stdin, what git is to take for it on stdout.
 * `git annex smudge --update`: fills files after a checkout. Gives the exit code.
 */
export async function run(argv: readonly string[], streams: Streams = processStreams()): Promise<number> {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv.filter((word) => word.startsWith('-')) : argv.slice(0, end);
  const [file] = end === -1 ? argv.filter((word) => !word.startsWith('-')) : argv.slice(end + 1);
  if (options.includes('--update')) return withRepository(streams, fillAfterCheckout);
  if (file === undefined) {
    say(streams.stderr, USAGE);
    return 1;
  }
  const path = fromText(file);
  const content = streams.stdin as Readable & AsyncIterable<Buffer>;
  if (!options.includes('--clean')) {
    return withRepository(streams, (repository) =>
      writeAll(streams, smudgeThrough(repository, path, content)),
    );
  }
  return withRepository(streams, async (repository) => {
    const scratch = await openScratch(repository.annexDir, new AbortController().signal);
    const cleaner = createCleanFilter(repository, scratch.name);
    try {
      const cleaned = await cleaner.clean(path, content);
      await writeAll(streams, cleaned.chunks());
      cleaned.discard();
    } finally {
      await cleaner.close().finally(() => scratch.release());
    }
  });
}

async function withRepository(
  streams: Streams,
  use: (repository: Repository) => Promise<void>,
): Promise<number> {
  const repository = await openRepository(streams.cwd, { commit: false });
  try {
    await use(repository);
  } finally {
    await repository.close();
  }
  return 0;
}

async function writeAll(
  { stdout }: Streams,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  for await (const chunk of chunks) await write(stdout, chunk);
}
