import type { Uuid } from '../../domain/uuid.js';
import type { Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** Which repositories want which content. */
export interface Wishes {
  /** Whether some repository does not simply want everything. */
  readonly restricted: boolean;
  /** For a batch: whether a repository wants the item at an index. */
  wants(items: readonly LoggedItem[]): Promise<(uuid: Uuid, index: number) => boolean>;
}

/** The wishes of some repositories. Without preferred content a repository wants everything. */
export async function openWishes(session: Session, repositories: readonly Uuid[]): Promise<Wishes> {
  const { rules } = session.policy;
  const ruled = new Set(repositories.filter((uuid) => rules.restricts(uuid)));
  return {
    restricted: ruled.size > 0,
    async wants(items) {
      const verdicts = new Map<Uuid, (boolean | undefined)[]>();
      for (const uuid of ruled) verdicts.set(uuid, await rules.preferred(uuid, items, 'get'));
      return (uuid, index) => verdicts.get(uuid)?.[index] ?? true;
    },
  };
}
