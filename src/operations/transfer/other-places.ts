import type { ActionEnd } from '../../domain/events.js';
import type { Uuid } from '../../domain/uuid.js';
import { toText } from '../../lib/bytes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { RunningAction } from './running-action.js';

/** What is said about where else a content may be. */
export interface OtherPlaces {
  /** Where the location log says it is, without those asked already and without here. */
  readonly uuids: readonly Uuid[];
  readonly entries: readonly RemoteEntry[];
  readonly known: KnownRepositories;
  /** Said when there is no other place. */
  readonly nowhere: string;
}

type Wanted = NonNullable<ActionEnd['wanted']>;

/** Tells where a content could be had from or verified, as git-annex does; gives what JSON lists as `wanted`. */
export function tellOtherPlaces(running: RunningAction, places: OtherPlaces): Wanted {
  const { entries, known } = places;
  const untrusted = (uuid: Uuid) => known.trustOf(uuid) === 'untrusted';
  const trusted = places.uuids.filter((uuid) => !untrusted(uuid));
  const doubtful = places.uuids.filter(untrusted);
  const remotes = new Set(
    entries.flatMap(({ settings }) => (settings.uuid === undefined ? [] : [settings.uuid])),
  );
  const reachable = trusted.filter((uuid) => remotes.has(uuid));
  const strange = trusted.filter((uuid) => !remotes.has(uuid));
  const tell = (heading: string, uuids: readonly Uuid[]) => {
    if (uuids.length === 0) return;
    const lines = uuids.map((uuid) => `\t${toText(known.line(uuid))}`);
    running.longNote([heading, ...lines].join('\n'), true);
  };
  tell('Try making some of these remotes available:', reachable);
  tell('Maybe add some of these git remotes (git remote add ...):', strange);
  tell('Also these untrusted repositories may contain the file:', doubtful);
  if (places.uuids.length === 0) running.longNote(places.nowhere, true);
  const ignored = entries
    .filter(({ settings }) => settings.ignore)
    .map(({ settings }) => toText(settings.name));
  if (ignored.length > 0) {
    running.longNote(`(Note that these git remotes have annex-ignore set: ${ignored.join(' ')})`);
  }
  return [...reachable, ...strange].map((uuid) => known.entry(uuid));
}

/** `Unable to access these remotes: a, b`, where some could not be. */
export function tellUnreached(running: RunningAction, names: readonly string[]): void {
  if (names.length > 0) running.longNote(`Unable to access these remotes: ${names.join(', ')}`);
}
