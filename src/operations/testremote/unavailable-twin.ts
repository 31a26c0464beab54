import { type ByteString, ascii } from '../../lib/bytes.js';
import { listRemotes, type ListRemotesOptions } from '../../remotes/list/list-remotes.js';
import type { RemoteSettings } from '../../remotes/list/remote-settings.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';

/** Nobody listens at port 1 of this machine, and no name has to be looked up for it. */
const NOWHERE = { ssh: 'ssh://127.0.0.1:1/nowhere', http: 'http://127.0.0.1:1/nowhere' };
const ANNEX_NOWHERE = 'annex+http://127.0.0.1:1/git-annex/';

/**
 * A remote of the same kind that leads nowhere; undefined where there is none to be had.
 * @param here whose settings know the remote
 */
export async function unavailableTwin(
  { name, address }: RemoteSettings,
  here: Repository,
  options: ListRemotesOptions,
): Promise<Remote | undefined> {
  if (address.kind === 'other' || address.kind === 'none') return undefined;
  const url = address.kind === 'local' ? `${here.annexDir}/nowhere` : NOWHERE[address.kind];
  const entries = await listRemotes({ ...here, settings: ledAstray(here.settings, name, url) }, options);
  return entries[0]?.remote;
}

/** Settings that know this one remote only, at another place. */
function ledAstray(settings: Settings, name: ByteString, url: string): Settings {
  const changed = (option: string): ByteString | undefined => {
    if (option === `remote.${name}.url`) return ascii(url);
    const annexUrl = option.toLowerCase() === `remote.${name.toLowerCase()}.annexurl`;
    return annexUrl && settings.get(option) !== undefined ? ascii(ANNEX_NOWHERE) : undefined;
  };
  return {
    ...settings,
    get: (option) => changed(option) ?? settings.get(option),
    getAll: (option) => [changed(option) ?? settings.getAll(option)].flat(),
    subsections: (section) => (section === 'remote' ? [name] : settings.subsections(section)),
    set: async () => undefined,
  };
}
