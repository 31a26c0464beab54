import { AnnexError } from '../../domain/errors.js';
import { keyLogPath, locationLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { setLocation } from '../../domain/logs/location-log.js';
import { addUrl, parseUrlLog, removeUrl } from '../../domain/logs/url-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { keyOrUrlKey } from '../from-key/word-key.js';
import type { Questions } from '../keys-info/answers.js';
import { BITTORRENT, type KnownRepositories, WEB } from '../repositories/known-repositories.js';
import { logClock } from '../settings-log/log-clock.js';
import { createRunningAction } from '../transfer/running-action.js';

export interface RegisterUrlRequest {
  /** A key and a url, or lines `KEY URL`. */
  readonly questions: Questions;
  readonly type: 'register' | 'unregister';
  /** The remote that must be the one to download the url. */
  readonly remote: ByteString | undefined;
}

interface Pair {
  readonly word: ByteString;
  readonly url: ByteString;
  readonly input: readonly ByteString[];
}

/** Records urls that contents can be downloaded from, or no longer: `registerurl`, `unregisterurl`. */
export async function registerUrls(
  here: Repository,
  known: KnownRepositories,
  request: RegisterUrlRequest,
  context: OperationContext,
): Promise<Outcome> {
  let failed = 0;
  for await (const pair of pairsOf(request.questions)) {
    context.signal.throwIfAborted();
    const { url, input } = pair;
    const running = createRunningAction({ command: 'registerurl', subject: url, input }, context.emit);
    const ok = await attempt(running, async () => {
      const key = keyOrUrlKey(pair.word);
      const asked = request.remote === undefined ? undefined : known.named(request.remote);
      const claimed = claimedBy(url, asked);
      if (asked !== undefined && asked !== claimed) {
        const name = claimed === WEB ? 'web' : 'bittorrent';
        running.note(`The url ${toText(url)} is claimed by remote ${name}`);
        return 'failed';
      }
      await (request.type === 'register' ? register : unregister)(here.branch, key, url, claimed);
      return undefined;
    });
    if (!ok) failed++;
  }
  return { failed, stoppedByLimit: false };
}

/** The special remote that downloads a url. The web takes what no other wants. */
function claimedBy(url: ByteString, asked: Uuid | undefined): Uuid {
  if (asked === WEB) return WEB;
  return /^magnet:|\.torrent(?:#\d+)?$/.test(url) ? BITTORRENT : WEB;
}

type Branch = Repository['branch'];

/** A url that another remote than the web downloads has a colon in front. */
const logged = (url: ByteString, uuid: Uuid) => (uuid === WEB ? url : (`:${url}` as ByteString));

async function register(branch: Branch, key: Key, url: ByteString, uuid: Uuid): Promise<void> {
  const now = logClock();
  const path = keyLogPath(key, 'web');
  const entry = logged(url, uuid);
  await branch.change([
    { path, change: (content) => addUrl(content, entry, now), lines: addUrl('' as ByteString, entry, now) },
    { path: locationLogPath(key), change: (content) => setLocation(content, uuid, '1', now), about: uuid },
  ]);
}

/** Without its last url a content is not on the web any more; other remotes may have it still. */
async function unregister(branch: Branch, key: Key, url: ByteString, uuid: Uuid): Promise<void> {
  const now = logClock();
  const path = keyLogPath(key, 'web');
  let onWeb = true;
  const change = (content: ByteString): ByteString => {
    const log = removeUrl(removeUrl(content, url, now), logged(url, uuid), now);
    if (log !== content) onWeb = parseUrlLog(log).some((one) => !one.startsWith(':'));
    return log;
  };
  await branch.change([{ path, change }]);
  if (onWeb || uuid !== WEB) return;
  await branch.change([
    { path: locationLogPath(key), change: (content) => setLocation(content, WEB, '0', now), about: WEB },
  ]);
}

async function* pairsOf(questions: Questions): AsyncGenerator<Pair> {
  if (questions.from === 'operands') {
    const [word, url] = questions.words;
    if (word === undefined || url === undefined || questions.words.length > 2) {
      throw new AnnexError('usage', 'specify a key and an url');
    }
    yield { word, url, input: questions.words };
    return;
  }
  for await (const line of questions.words) {
    const space = line.indexOf(' ');
    if (space <= 0 || space === line.length - 1) {
      throw new AnnexError('usage', 'Batch input parse failure: no url provided');
    }
    const [word, url] = [line.slice(0, space), line.slice(space + 1)] as ByteString[];
    yield { word: word as ByteString, url: url as ByteString, input: [line] };
  }
}
