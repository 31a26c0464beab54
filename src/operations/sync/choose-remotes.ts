import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { type RemoteSettings, remoteGroup } from '../../remotes/list/remote-settings.js';
import type { Settings } from '../../repository/settings/settings.js';

/** A remote that takes part in a sync. */
export interface SyncRemote extends RemoteSettings {
  /** Whether changes are taken from there. */
  readonly pull: boolean;
  /** Whether changes are sent there. */
  readonly push: boolean;
  /** Named by the user, so that settings which only say what happens by default do not count. */
  readonly named: boolean;
  /** Environment for a git that talks to it. */
  readonly env?: { readonly [name: string]: string };
}

/**
 * The remotes to sync with, in the order git-annex takes them: as named by the user, else the cheapest first and at equal
 * cost the last in the alphabet first. What is behind gateways is only among them when it is named.
 * @throws `unknown-remote` for a name that is neither a remote nor a group, or a group's member that is none
 */
export function chooseRemotes(
  all: readonly RemoteSettings[],
  names: readonly ByteString[],
  settings: Settings,
  onlyCheapest: boolean,
): SyncRemote[] {
  const chosen =
    names.length > 0
      ? named(all, names, settings)
      : byCost(all.filter(({ sync, gateway }) => sync && gateway === undefined));
  const remotes = chosen.map((remote) => withDirections(remote, names.length > 0, settings));
  const lowest = Math.min(...remotes.map((remote) => remote.cost));
  return onlyCheapest ? remotes.filter((remote) => remote.cost === lowest) : remotes;
}

function named(
  all: readonly RemoteSettings[],
  names: readonly ByteString[],
  settings: Settings,
): RemoteSettings[] {
  const found = new Map<ByteString, RemoteSettings>();
  for (const word of names) {
    for (const name of remoteGroup(settings, word) ?? [word]) {
      const remote = all.find((candidate) => candidate.name === name);
      if (remote === undefined) {
        throw new AnnexError('unknown-remote', `there is no available git remote named "${toText(name)}"`);
      }
      found.set(name, remote);
    }
  }
  return [...found.values()];
}

function byCost(all: readonly RemoteSettings[]): RemoteSettings[] {
  return [...all].sort((a, b) => a.cost - b.cost || (a.name < b.name ? 1 : -1));
}

/** What git config lets be exchanged with a remote; what it says of a gateway counts for what is behind it. */
export function withDirections(remote: RemoteSettings, isNamed: boolean, settings: Settings): SyncRemote {
  const names = [remote.name, ...(remote.gateway === undefined ? [] : [remote.gateway])];
  const may = (option: string) => names.every((name) => settings.bool(`remote.${name}.${option}`, true));
  return {
    ...remote,
    pull: may('annex-pull'),
    push: !remote.readonly && may('annex-push'),
    named: isNamed,
  };
}

/**
 * Whether git can exchange branches with the remote; special remotes, what is behind a gateway, and servers that speak only
 * git-annex's protocol (`annex+http`) hold nothing but content.
 */
export function hasBranches(remote: RemoteSettings): boolean {
  const { address, gateway } = remote;
  if (address.kind === 'none' || gateway !== undefined) return false;
  return address.kind !== 'http' || !/^annex\+https?:/i.test(address.url);
}
