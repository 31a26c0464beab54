import { ascii } from '../../lib/bytes.js';
import { splitWords } from '../../lib/words.js';
import { type RemoteSettings, remoteSettings } from '../../remotes/list/remote-settings.js';
import type { Repository } from '../../repository/repository.js';

/** Remotes of git config that are gateways of the same clusters (`extendcluster` says so), as far as git can push to them. */
export function otherGateways({
  settings,
  location,
}: Pick<Repository, 'settings' | 'location'>): RemoteSettings[] {
  const remotes = remoteSettings(settings, location.workTree ?? location.gitDir);
  return remotes.filter(
    ({ name, address, readonly, ignore }) =>
      splitWords(settings.get(`remote.${name}.annex-cluster-gateway`) ?? ascii('')).length > 0 &&
      address.kind !== 'none' &&
      !readonly &&
      !ignore &&
      settings.bool(`remote.${name}.annex-push`, true),
  );
}
