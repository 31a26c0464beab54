import { preferredContentLog, requiredContentLog } from '../../domain/logs/preferred-content-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { Repository } from '../../repository/repository.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** What the preferred and required content expressions of repositories say. */
export interface ContentRules {
  /** Undefined: the repository has no expression. What can't be decided counts as wanted only for keeping it. */
  preferred(
    uuid: Uuid,
    items: readonly LoggedItem[],
    purpose: 'get' | 'drop',
  ): Promise<(boolean | undefined)[]>;
  required(uuid: Uuid, items: readonly LoggedItem[]): Promise<boolean[]>;
}

export async function loadContentRules(here: Repository): Promise<ContentRules> {
  const preferred = preferredContentLog.values(await here.branch.read(preferredContentLog.path));
  const required = requiredContentLog.values(await here.branch.read(requiredContentLog.path));
  return {
    async preferred(uuid, items, purpose) {
      const expression = preferred.get(uuid);
      if (expression === undefined || expression === '') return items.map(() => undefined);
      return items.map(() => purpose === 'drop');
    },
    async required(uuid, items) {
      const expression = required.get(uuid);
      return items.map(() => expression !== undefined && expression !== '');
    },
  };
}
