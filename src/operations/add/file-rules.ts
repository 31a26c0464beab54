import type { Repository } from '../../repository/repository.js';
import type { Attributes } from '../select/attributes.js';
import type { FileRules } from './classify.js';

/** Reads `annex.largefiles` and `annex.addunlocked`. */
export function createFileRules({ settings }: Repository, _attributes: Attributes): FileRules {
  const symlinks = settings.bool('core.symlinks', true);
  const unlocked = !symlinks || settings.get('annex.addunlocked') === 'true';
  return {
    large: async (candidates) => candidates.map(() => true),
    unlocked: async (candidates) => candidates.map(() => unlocked),
  };
}
