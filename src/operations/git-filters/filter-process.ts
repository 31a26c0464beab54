import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { fromBuffer } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { openRepository } from '../open-repository.js';
import { openScratch } from '../add/scratch.js';
import { type CleanedContent, createCleanFilter } from './clean.js';
import { collectContent } from './collected-content.js';
import { createPacketReader, FLUSH, packet, type PacketReader, sendContent } from './packet-lines.js';
import { smudgeThrough } from './smudge-filter.js';
import { processStreams, type Streams, say, write } from './streams.js';

/**
 * `git annex filter-process`: serves git's clean and smudge requests until git ends it (gitattributes, "Long Running
 * Filter Process"). Gives the exit code.
 */
export async function run(_argv: readonly string[], streams: Streams = processStreams()): Promise<number> {
  const reader = createPacketReader(streams.stdin);
  await greet(reader, streams);
  const repository = await openRepository(streams.cwd, { commit: false });
  try {
    await serve(reader, repository, streams);
  } finally {
    await repository.close();
  }
  return 0;
}

async function greet(reader: PacketReader, { stdout }: Streams): Promise<void> {
  const welcome = await reader.next();
  if (welcome === undefined || welcome === 'flush' || textOf(welcome) !== 'git-filter-client') {
    throw new AnnexError('git-failed', 'git protocol error: unsupported welcome message');
  }
  const versions = await lines(reader);
  if (!versions.includes('version=2' as ByteString)) {
    throw new AnnexError('git-failed', 'git protocol error: unsupported version');
  }
  await write(stdout, Buffer.concat([packet('git-filter-server\n'), packet('version=2\n'), FLUSH]));
  const offered = await lines(reader);
  const known = ['capability=clean', 'capability=smudge'].filter((name) =>
    offered.includes(name as ByteString),
  );
  await write(stdout, Buffer.concat([...known.map((name) => packet(`${name}\n`)), FLUSH]));
}

async function serve(reader: PacketReader, repository: Repository, streams: Streams): Promise<void> {
  const scratch = await openScratch(repository.annexDir, new AbortController().signal);
  const cleaner = createCleanFilter(repository, scratch.name);
  try {
    for (;;) {
      const request = await readRequest(reader);
      if (request === undefined) return;
      const content = reader.untilFlush();
      try {
        await answer(request, content);
      } catch (error) {
        await content.skip();
        const reason = error instanceof Error ? error.message : String(error);
        say(streams.stderr, `git-annex: ${toText(request.path)}: ${reason}`);
        await write(streams.stdout, Buffer.concat([packet('status=error\n'), FLUSH]));
      }
    }
  } finally {
    await cleaner.close().finally(() => scratch.release());
  }

  async function answer({ command, path }: FilterRequest, content: AsyncIterable<Buffer>): Promise<void> {
    const answered = await filtered(command, path, content);
    try {
      await respond(answered.chunks());
    } finally {
      answered.discard();
    }
  }

  /** git sends all of a content before it reads any answer: so nothing is answered before all was read. */
  function filtered(
    command: string,
    path: ByteString,
    content: AsyncIterable<Buffer>,
  ): Promise<CleanedContent> {
    if (command === 'clean') return cleaner.clean(path, content);
    if (command === 'smudge')
      return collectContent(smudgeThrough(repository, path, content), scratch.name, undefined);
    throw new AnnexError('git-failed', `git protocol error: unsupported command ${command}`);
  }

  async function respond(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    await write(streams.stdout, Buffer.concat([packet('status=success\n'), FLUSH]));
    await sendContent(streams.stdout, chunks);
    await write(streams.stdout, FLUSH);
  }
}

interface FilterRequest {
  readonly command: string;
  readonly path: ByteString;
}

async function readRequest(reader: PacketReader): Promise<FilterRequest | undefined> {
  const first = await reader.next();
  if (first === undefined) return undefined;
  const fields = new Map<string, ByteString>();
  for (const line of [...(first === 'flush' ? [] : [textOf(first)]), ...(await lines(reader))]) {
    const equals = line.indexOf('=');
    fields.set(line.slice(0, equals), line.slice(equals + 1) as ByteString);
  }
  const [command, path] = [fields.get('command'), fields.get('pathname')];
  if (command === undefined || path === undefined)
    throw new AnnexError('git-failed', 'git protocol error: bad request');
  return { command, path };
}

async function lines(reader: PacketReader): Promise<ByteString[]> {
  const all: ByteString[] = [];
  for await (const line of reader.untilFlush()) all.push(textOf(line));
  return all;
}

function textOf(line: Buffer): ByteString {
  return fromBuffer(line).replace(/\n$/, '') as ByteString;
}
