import { type ByteString, ascii } from '../../lib/bytes.js';
import { listRemotes } from '../../remotes/list/list-remotes.js';
import type { ListRemotesOptions } from '../../remotes/list/remote-entry.js';
import type { RemoteAddress } from '../../remotes/list/remote-url.js';
import type { RemoteSettings } from '../../remotes/list/remote-settings.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';

/** Nobody listens at port 1 of this machine, and no name has to be looked up for it; no network has a program of that name. */
const NOWHERE = {
  ssh: 'ssh://127.0.0.1:1/nowhere',
  p2p: 'p2p-annex::nowhere.invalid:nowhere',
  http: 'http://127.0.0.1:1/nowhere',
  annex: 'annex+http://127.0.0.1:1/git-annex/',
};

/**
 * A remote of the same kind that leads nowhere; undefined where there is none to be had.
 * @param here whose settings know the remote
 */
export async function unavailableTwin(
  { name, contents }: RemoteSettings,
  here: Repository,
  options: ListRemotesOptions,
): Promise<Remote | undefined> {
  const url = urlOfNowhere(contents, here);
  if (url === undefined) return undefined;
  const entries = await listRemotes({ ...here, settings: ledAstray(here.settings, name, url) }, options);
  return entries[0]?.remote;
}

function urlOfNowhere(contents: RemoteAddress, { annexDir }: Repository): string | undefined {
  if (contents.kind === 'local') return `${annexDir}/nowhere`;
  if (contents.kind === 'ssh') return NOWHERE.ssh;
  if (contents.kind === 'p2p') return NOWHERE.p2p;
  if (contents.kind !== 'http') return undefined;
  return /^annex\+/i.test(contents.url) ? NOWHERE.annex : NOWHERE.http;
}

/** Settings that know this one remote only, at another place. */
function ledAstray(settings: Settings, name: ByteString, url: string): Settings {
  const changed = new Map([
    [`remote.${name}.url`, ascii(url)],
    [`remote.${name}.annexurl`, undefined],
  ]);
  return {
    ...settings,
    get: (option) => (changed.has(option) ? changed.get(option) : settings.get(option)),
    getAll: (option) => (changed.has(option) ? [changed.get(option) ?? []].flat() : settings.getAll(option)),
    subsections: (section) => (section === 'remote' ? [name] : settings.subsections(section)),
    set: async () => undefined,
  };
}
