import { AnnexError } from '../domain/errors.js';
import { type P2pAddress, P2P_SCHEME, parseP2pAddress } from '../domain/p2p-address.js';
import { fromBuffer } from '../lib/buffers.js';
import { ascii, type ByteString, fromText, toText } from '../lib/bytes.js';
import { connectToService } from '../protocol/client-services.js';
import type { Service } from '../protocol/message.js';
import { openSession } from '../remotes/p2p/connections.js';
import { type PeerClient, peerChannels } from '../remotes/peer/peer-channels.js';
import { discoverRepository } from '../repository/git/discover.js';
import { readGitConfig } from '../repository/settings/open-settings.js';

/** Bytes of the longest line that git may say: they are a few words. */
const longestLine = 4096;

/**
 * `git-remote-p2p-annex NAME NET:ADDRESS`: lets git pull from and push to a repository on a P2P network. git says what it wants
 * line by line (gitremote-helpers(7)); after `connect` the streams are those of git's service there. Gives the exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const [name, given] = argv.map(fromText);
    const address = parseP2pAddress((given ?? '').replace(P2P_SCHEME, '') as ByteString);
    if (name === undefined || address === undefined)
      throw new AnnexError('usage', 'usage: git-remote-p2p-annex REMOTE NETWORK:ADDRESS (git runs this)');
    return await answerGit(name, address);
  } catch (error) {
    const { message } = error as Error;
    // On one line: what runs git may show no more than the first.
    const hint = error instanceof AnnexError && error.hint !== undefined ? `. ${error.hint}` : '';
    process.stderr.write(`git-remote-p2p-annex: ${message}${hint}\n`);
    return 1;
  } finally {
    process.stdin.destroy();
  }
}

async function answerGit(name: ByteString, address: P2pAddress): Promise<number> {
  const input = readInput();
  for (;;) {
    const line = await input.line();
    if (line === undefined || line === '') return 0;
    const service = /^connect (git-(?:upload|receive)-pack)$/.exec(line)?.[1];
    if (service !== undefined) return relay(name, address, service as Service, input.rest());
    if (line === 'capabilities') await write('connect\n\n');
    else if (line.startsWith('connect ')) await write('fallback\n');
    else throw new AnnexError('usage', `git asks for something unknown: ${toText(line)}`);
  }
}

async function relay(
  name: ByteString,
  address: P2pAddress,
  service: Service,
  input: AsyncIterable<Uint8Array>,
): Promise<number> {
  const { session, channel } = await openSession(name, peerChannels(await whoAsks(), address));
  try {
    await write('\n');
    return await connectToService(session, service, { input, output: write });
  } catch (error) {
    const lost = error instanceof AnnexError && error.code === 'connection-lost';
    const why = lost ? await channel.lost() : undefined;
    throw why === undefined ? error : new AnnexError('connection-lost', why, { cause: error });
  } finally {
    channel.close();
  }
}

/** The repository that git works for: a clone has no uuid yet, and `ls-remote` needs no repository. */
async function whoAsks(): Promise<PeerClient> {
  const folder = fromText(process.cwd());
  try {
    const location = await discoverRepository(folder);
    const uuid = (await readGitConfig(folder)).get('annex.uuid')?.at(-1);
    return { uuid: uuid ?? ascii(''), location };
  } catch (error) {
    if (!(error instanceof AnnexError) || error.code !== 'not-a-repository') throw error;
    return { uuid: ascii(''), location: { gitDir: folder, commonDir: folder, workTree: undefined } };
  }
}

/** Lines, and then whatever comes after the last of them. */
function readInput() {
  const chunks = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held = Buffer.alloc(0);
  return {
    async line(): Promise<ByteString | undefined> {
      for (;;) {
        const end = held.indexOf(10);
        if (end >= 0) {
          const line = fromBuffer(held.subarray(0, end));
          held = held.subarray(end + 1);
          return line;
        }
        if (held.length > longestLine) throw new AnnexError('usage', 'git sent a line that is too long');
        const next = await chunks.next();
        if (next.done === true) return undefined;
        held = Buffer.concat([held, next.value]);
      }
    },
    async *rest(): AsyncGenerator<Uint8Array> {
      if (held.length > 0) yield held;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    },
  };
}

function write(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
