import type { ByteString } from '../../lib/bytes.js';
import { limitAt, parseBandwidthSchedule } from '../../domain/bandwidth-schedule.js';
import { parseRate, parseStallRule, type StallRule } from '../../domain/rate.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { Steering } from '../../repository/transfers/steering.js';
import type { Remote } from '../remote.js';
import type { Clock } from './clock.js';
import { type RetryRules, retried } from './retried.js';
import { type CurrentLimit, throttled } from './throttled.js';
import { watched } from './watched.js';

export interface TransferRules {
  readonly settings: Settings;
  /** The gateway that the remote is behind: its settings count where the remote has none of its own. */
  readonly gateway?: ByteString | undefined;
  readonly steering: Pick<Steering, 'paused' | 'pausedKey' | 'pausedBefore' | 'cancelled'>;
  /** Transfers that were paused before that time (milliseconds since 1970) fail; those paused later wait until they are resumed. */
  readonly waitsSince: number;
  readonly clock: Clock;
  /** Told a sentence for the user. */
  readonly tell: (text: string) => void;
}

type Direction = 'download' | 'upload';

/**
 * A remote that follows the user's rules for transfers: bandwidth (`annex.bwlimit`, our `annex-ts.bwlimit-schedule`), stalls
 * (`annex.stalldetection`), failures (`annex.retry`, `annex.forward-retry`, `annex.retry-delay`), and what the user asks for
 * while they run (`transfer-status`).
 */
export function withTransferRules(remote: Remote, rules: TransferRules): Remote {
  const { clock, steering, waitsSince, tell } = rules;
  const stall = {
    download: stallRule(remote, rules, 'download'),
    upload: stallRule(remote, rules, 'upload'),
  };
  const download = currentLimit(remote, rules, 'download');
  const upload = currentLimit(remote, rules, 'upload');
  const careful = watched(remote, { stall, steering, waitsSince, clock, tell });
  const slow = download || upload ? throttled(careful, { download, upload }, clock) : careful;
  return retried(slow, retryRules(remote, rules), clock, tell);
}

function retryRules(remote: Remote, rules: TransferRules): RetryRules {
  const { settings } = rules;
  const number = (what: string, fallback: number) => {
    const general = settings.int(`annex.${what}`, fallback);
    const found = sections(remote, rules).reduceRight(
      (value, section) => settings.int(`${section}.annex-${what}`, value),
      general,
    );
    return Math.max(0, found);
  };
  return {
    retries: number('retry', 0),
    forwardRetries: number('forward-retry', 5),
    delay: number('retry-delay', 1),
  };
}

function stallRule(remote: Remote, rules: TransferRules, direction: Direction): StallRule {
  const found = directed(remote, rules, 'annex', 'stalldetection', direction);
  return (found && understood(rules, found, parseStallRule(found.value), 'true, false or 1KB/30s')) ?? 'hint';
}

/** What the timetable says now; where it is silent, the fixed limit. */
function currentLimit(remote: Remote, rules: TransferRules, direction: Direction): CurrentLimit | undefined {
  const { clock } = rules;
  const fixed = directed(remote, rules, 'annex', 'bwlimit', direction);
  const table = directed(remote, rules, 'annex-ts', 'bwlimit-schedule', direction);
  const rate = fixed && understood(rules, fixed, parseRate(fixed.value), '1MiB');
  const example = 'mon-fri 08:00-18:00 1MB/1s; else none';
  const schedule = table && understood(rules, table, parseBandwidthSchedule(table.value), example);
  if (schedule === undefined) return rate && (() => rate);
  return () => {
    const limit = limitAt(schedule, clock.week()) ?? rate;
    return limit === 'none' ? undefined : limit;
  };
}

interface Found {
  readonly name: string;
  readonly value: string;
}

/** A setting for one direction overrides those for both; of each, one for the remote overrides the general one. */
function directed(
  remote: Remote,
  rules: TransferRules,
  section: 'annex' | 'annex-ts',
  what: string,
  direction: Direction,
): Found | undefined {
  const names = [`${what}-${direction}`, what].flatMap((one) => [
    ...sections(remote, rules).map((own) => `${own}.${section}-${one}`),
    `${section}.${one}`,
  ]);
  for (const candidate of names) {
    const value = rules.settings.get(candidate);
    if (value !== undefined) return { name: candidate, value };
  }
  return undefined;
}

/** The sections of git config that are about a remote, its own first. */
function sections({ name }: Remote, { gateway }: TransferRules): string[] {
  return [name, ...(gateway === undefined ? [] : [gateway])].map((one) => `remote.${one}`);
}

/** git-annex ignores a rule that it can't read without a word; here the user is told that it is not followed. */
function understood<T>(
  { tell }: TransferRules,
  { name, value }: Found,
  parsed: T | undefined,
  example: string,
): T | undefined {
  if (parsed === undefined) {
    tell(
      `The setting ${name} is not followed, since it can't be read: ${JSON.stringify(value.slice(0, 100))} (it should be like "${example}").`,
    );
  }
  return parsed;
}
