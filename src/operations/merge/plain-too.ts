import type { Settings } from '../../repository/settings/settings.js';

/** Whether conflicts without an annexed file are resolved, too (`annex-ts.resolve-plain`): unless told not to. */
export function plainToo(settings: Settings): boolean {
  return settings.bool('annex-ts.resolve-plain', true);
}
