import { type Key, keySize } from '../../domain/key.js';
import { isClusterUuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { ServedContent } from '../../protocol/served-content.js';
import type { HttpRequest } from './parse-request.js';
import { partialSize } from './partial-size.js';
import type { Use } from './served-repositories.js';

/** From where a content is to be sent, or that it need not be. */
export type OffsetAnswer =
  | { readonly there: true; readonly also: readonly ByteString[]; readonly parked: false }
  | { readonly there: false; readonly offset: number; readonly parked: boolean };

type Named = Pick<HttpRequest, 'server' | 'bypass'> & { readonly key: Key };
type Asking = <T>(work: () => Promise<T>) => Promise<T>;

/** Of a repository that is here. */
export async function offsetHere(
  key: Key,
  { repository }: Use,
  content: ServedContent,
): Promise<OffsetAnswer> {
  if (await content.present(key)) return { there: true, also: [], parked: false };
  return { there: false, offset: partialSize(repository, key), parked: false };
}

/**
 * Behind a gateway only a request to store tells: its answer is kept until the content comes, and the repository in use. Not
 * that of a cluster, whose nodes may want the content or not by its file name, which is not known yet.
 */
export async function offsetBehind(
  request: Named,
  { parked, done }: Use,
  content: ServedContent,
  asking: Asking,
): Promise<OffsetAnswer> {
  const name = nameOf(request);
  const isCluster = isClusterUuid(request.server);
  const fromStart = { there: false, offset: 0, parked: false } as const;
  if (isCluster && ((keySize(request.key) ?? SMALL) < SMALL || (await content.asksNames?.())))
    return fromStart;
  const known = parked.offset(name);
  if (known !== undefined) return { there: false, offset: known, parked: false };
  const answer = await asking(() => content.receive(request.key, NO_NAME));
  if (answer.kind === 'there') return { there: true, also: answer.also, parked: false };
  if (answer.kind === 'refused') return fromStart;
  const { reception } = answer;
  if (isCluster) await reception.leave();
  else parked.add(name, reception, done);
  return { there: false, offset: reception.offset, parked: !isCluster };
}

/** Bytes of contents that are better sent again than asked about in each node of a cluster. */
const SMALL = 1 << 20;

/** The content, which takes what was asked for just now where it was left. */
export function orParked(content: ServedContent, request: Named, { parked }: Use): ServedContent {
  return {
    ...content,
    async receive(key, file) {
      const reception = parked.take(nameOf(request));
      return reception === undefined ? content.receive(key, file) : { kind: 'wanted', reception };
    },
  };
}

const NO_NAME = '' as ByteString;

function nameOf({ server, bypass, key }: Named): string {
  return [server, ...[...bypass].sort(), key].join(' ');
}
