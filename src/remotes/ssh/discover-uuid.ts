import { AnnexError } from '../../domain/errors.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { fromBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { Transport } from '../transport/transport.js';
import { shellCommand } from './shell-command.js';

/** What a server says of a repository. */
export type Discovery =
  | { readonly state: 'annex'; readonly uuid: Uuid }
  /** A git repository that git-annex does not use. */
  | { readonly state: 'unused' }
  /** No git-annex there: asking again tells nothing new. */
  | { readonly state: 'no-annex'; readonly complaints: string }
  | { readonly state: 'unreachable'; readonly error: AnnexError };

/** Bytes of the longest answer taken: it is a few lines. */
const longestAnswer = 1 << 16;

/** A line of git-annex on the server: it is there, and refuses, or does not find the repository. */
const ofGitAnnex = /^git-annex(-ts)?(-shell)?: /m;

/** Asks `git-annex-shell configlist` for a repository's uuid. The other side initialises a clone of an annex. */
export async function discoverUuid(
  transport: Transport,
  settings: Settings,
  name: ByteString,
  path: ByteString,
): Promise<Discovery> {
  try {
    const command = await transport.run(shellCommand(settings, name, 'configlist', [path]));
    command.output.end();
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of command.input as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > longestAnswer) command.close();
      else chunks.push(chunk);
    }
    const exitCode = await command.exited;
    const complaints = command.complaints();
    if (exitCode === undefined) return unreachable(complaints);
    if (exitCode !== 0 && ofGitAnnex.test(complaints)) return unreachable(complaints);
    if (exitCode !== 0) return { state: 'no-annex', complaints };
    return answered(fromBuffer(Buffer.concat(chunks)));
  } catch (error) {
    if (error instanceof AnnexError) return { state: 'unreachable', error };
    return unreachable((error as Error).message);
  }
}

function answered(text: ByteString): Discovery {
  const uuid = parseUuid(/^annex\.uuid=([^\n\r]*)\r?$/m.exec(text)?.[1] ?? '');
  return uuid === undefined ? { state: 'unused' } : { state: 'annex', uuid };
}

function unreachable(complaints: string): Discovery {
  const said = complaints === '' ? 'cannot access remote' : complaints;
  return { state: 'unreachable', error: new AnnexError('remote-unavailable', said) };
}
