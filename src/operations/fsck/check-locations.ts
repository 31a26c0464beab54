import type { JsonValue, Message } from '../../domain/events.js';
import { parseLocationLog, presentLocations } from '../../domain/logs/location-log.js';
import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import { toText } from '../../lib/bytes.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Check } from './check.js';
import type { LocationFixes } from './location-fixes.js';

/**
 * Compares what the location log says of a repository with what is there; gives way to what is there. A key without log
 * gets one, so that `--all` finds it.
 */
export function checkLocation(check: Check, uuid: Uuid, present: boolean, fixes: LocationFixes): void {
  // A cluster has no log: each of its nodes has.
  if (isClusterUuid(uuid)) return;
  const logged = presentLocations(check.log).includes(uuid);
  if (logged === present) {
    if (check.log === '') fixes.fix(check, '0');
    return;
  }
  check.note('fixing location log');
  fixes.fix(check, present ? '1' : '0');
  if (present) return;
  const lines = [
    '** Based on the location log, ',
    '\n** was expected to be present, but its content is missing.',
  ];
  check.problem(lines[0] as string, check.name, lines[1] as string);
}

/** Whether the key was declared lost (`git annex dead --key`). */
export function isDead(check: Check): boolean {
  if (!check.log.includes(' X ')) return false;
  const locations = parseLocationLog(check.log);
  return locations.length > 0 && locations.every(({ state }) => state === 'X');
}

/** Complains about repositories that require the content and lack it. */
export function checkRequired(check: Check, requiredBy: readonly Uuid[], known: KnownRepositories): void {
  if (requiredBy.length === 0) return;
  const present = new Set(presentLocations(check.log));
  const missing = requiredBy.filter((uuid) => !present.has(uuid) && known.trustOf(uuid) !== 'dead').sort();
  if (missing.length === 0) return;
  check.field('missingrequired', records(missing, known));
  check.problem(
    '** Required content ',
    check.name,
    ` is missing from these repositories:\n${listed(missing, known)}`,
  );
}

/** Complains when fewer repositories that are trusted enough have the content than `numcopies`. */
export function checkCopies(check: Check, numcopies: number, known: KnownRepositories): void {
  const present = presentLocations(check.log);
  const [trusted, untrusted, dead]: [Uuid[], Uuid[], Uuid[]] = [[], [], []];
  for (const uuid of present) {
    const trust = known.trustOf(uuid);
    (trust === 'untrusted' ? untrusted : trust === 'dead' ? dead : trusted).push(uuid);
  }
  if (trusted.length >= numcopies) return;
  check.field('untrusted', records(untrusted, known));
  check.field('dead', records(dead, known));
  check.problem(...shortage(check.name, { trusted, untrusted, dead, numcopies }, known));
  if (trusted.length === 0 && check.item.path === undefined) {
    check.longNote('(Avoid this check by running: git annex dead --key )');
  }
}

interface Copies {
  readonly trusted: readonly Uuid[];
  readonly untrusted: readonly Uuid[];
  readonly dead: readonly Uuid[];
  readonly numcopies: number;
}

function shortage(
  name: Message[number],
  { trusted, untrusted, dead, numcopies }: Copies,
  known: KnownRepositories,
): Message {
  if (trusted.length > 0) {
    const also =
      untrusted.length === 0
        ? ''
        : `\nThe following untrusted locations may also have copies: \n${listed(untrusted, known)}`;
    const counts = `Only ${trusted.length} of ${numcopies} trustworthy copies exist of `;
    return [counts, name, `\nBack it up with git-annex copy.${also}`];
  }
  const once =
    dead.length === 0 ? '' : `\nThese dead repositories used to have copies\n${listed(dead, known)}`;
  if (untrusted.length === 0) return ['** No known copies exist of ', name, once];
  const places = `\n${listed(untrusted, known)}\nBack it up to trusted locations with git-annex copy.`;
  return ['Only these untrusted locations may have copies of ', name, places + once];
}

function listed(uuids: readonly Uuid[], known: KnownRepositories): string {
  return uuids.map((uuid) => `\t${toText(known.line(uuid))}`).join('\n');
}

function records(uuids: readonly Uuid[], known: KnownRepositories): JsonValue {
  return uuids.map((uuid) => known.entry(uuid));
}
