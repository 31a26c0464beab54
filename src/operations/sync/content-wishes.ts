import type { Uuid } from '../../domain/uuid.js';
import { toText } from '../../lib/bytes.js';
import { loadContentRules } from '../policy/content-rules.js';
import type { Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** Which repositories want which content. */
export interface Wishes {
  /** Whether some repository does not simply want everything. */
  readonly restricted: boolean;
  /** For a batch: whether a repository wants the item at an index. */
  wants(items: readonly LoggedItem[]): Promise<(uuid: Uuid, index: number) => boolean>;
}

/**
 * The wishes of some repositories. Without preferred content a repository wants everything; where an expression is set it
 * is told once that it may not be followed to the letter.
 */
export async function openWishes(session: Session, repositories: readonly Uuid[]): Promise<Wishes> {
  const rules = await loadContentRules(session.here);
  const ruled = new Set<Uuid>();
  for (const uuid of repositories) {
    const [verdict] = await rules.preferred(uuid, [probe], 'get');
    if (verdict !== undefined) ruled.add(uuid);
  }
  if (ruled.size > 0) {
    const names = [...ruled]
      .map((uuid) => toText(session.policy.known.description(uuid)) || toText(uuid))
      .join(', ');
    const text = `Preferred content is set for ${names}: content is neither moved there nor dropped from there by this program yet.`;
    session.context.emit({ type: 'warning', text });
  }
  return {
    restricted: ruled.size > 0,
    async wants(items) {
      const verdicts = new Map<Uuid, (boolean | undefined)[]>();
      for (const uuid of ruled) verdicts.set(uuid, await rules.preferred(uuid, items, 'get'));
      return (uuid, index) => verdicts.get(uuid)?.[index] ?? true;
    },
  };
}

/** Stands for any content when all that is asked is whether there is an expression. */
const probe = {
  key: 'WORM-s0-m0--probe',
  path: undefined,
  shown: undefined,
  input: [],
  unlocked: false,
  log: '',
} as unknown as LoggedItem;
