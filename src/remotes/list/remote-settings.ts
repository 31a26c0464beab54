import { parseUuid, type Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { splitWords } from '../../lib/words.js';
import type { Settings } from '../../repository/settings/settings.js';
import { shellOutput } from '../../repository/settings/shell-output.js';
import { contentsAddress, type RemoteAddress, remoteAddress } from './remote-url.js';

/** What git config says about one remote. */
export interface RemoteSettings {
  readonly name: ByteString;
  /** Where git finds the repository. */
  readonly address: RemoteAddress;
  /** Where its contents are: `annexUrl` or `annexInsteadOf` may lead elsewhere. */
  readonly contents: RemoteAddress;
  /** `annex-uuid`: what was found when the remote was last looked at. */
  readonly uuid: Uuid | undefined;
  /** `annex-cost`, what `annex-cost-command` prints, or 100 for a local path, 1000 for a P2P network, 200 for all else. */
  readonly cost: number;
  /** `annex-ignore`, or `annex-ignore-command` failed: not used unless it is named. */
  readonly ignore: boolean;
  /** `annex-sync`, unless `annex-sync-command` failed: synced with when none is named. */
  readonly sync: boolean;
  /** `annex-checkuuid`: whether a local path is looked at to see which repository is there now. */
  readonly checkUuid: boolean;
  readonly readonly: boolean;
  /** `annex-verify`: whether content that comes from there is checked. */
  readonly verify: boolean;
  /** `annex-ts-gateway`: a peer that understands when it is asked to lead to what is behind it. */
  readonly leadsOn?: boolean;
  /** The remote of git config that it is reached through, and whose options of ssh count; undefined: directly. */
  readonly gateway?: ByteString;
  /** The clusters that a repository behind a gateway is a node of. */
  readonly nodeOf?: readonly Uuid[];
}

const LOCAL_COST = 100;
const NETWORK_COST = 200;
const PEER_COST = 1000;

/**
 * The settings of every remote that git config knows, sorted by name, as they stand there: the commands that may decide
 * on some are not run. Relative paths in urls count from `base`.
 */
export function remoteSettings(settings: Settings, base: ByteString): RemoteSettings[] {
  return [...settings.subsections('remote')].sort().map((name) => oneRemote(name, settings, base));
}

/** The same, with what the user's commands say at this moment. All commands run at once, in `base`. */
export async function decidedRemoteSettings(settings: Settings, base: ByteString): Promise<RemoteSettings[]> {
  return Promise.all(
    remoteSettings(settings, base).map(async (remote) => {
      const run = async (name: string) => {
        const command = settings.get(`remote.${remote.name}.annex-${name}-command`);
        return command === undefined ? undefined : { printed: await shellOutput(command, base) };
      };
      const [price, ignored, synced] = await Promise.all(['cost', 'ignore', 'sync'].map(run));
      return {
        ...remote,
        cost: price === undefined ? remote.cost : cost(price.printed, remote.address),
        ignore: remote.ignore || (ignored !== undefined && ignored.printed === undefined),
        sync: remote.sync && (synced === undefined || synced.printed !== undefined),
      };
    }),
  );
}

function oneRemote(name: ByteString, settings: Settings, base: ByteString): RemoteSettings {
  const url = settings.get(`remote.${name}.url`);
  const address = remoteAddress(url, settings, base);
  return {
    name,
    address,
    contents: contentsAddress(settings.get(`remote.${name}.annexurl`), url, settings, base) ?? address,
    uuid: parseUuid(settings.get(`remote.${name}.annex-uuid`) ?? ''),
    cost: cost(settings.get(`remote.${name}.annex-cost`), address),
    ignore: settings.bool(`remote.${name}.annex-ignore`, false),
    sync: settings.bool(`remote.${name}.annex-sync`, true),
    checkUuid: settings.bool(`remote.${name}.annex-checkuuid`, true),
    readonly: settings.bool(`remote.${name}.annex-readonly`, false),
    leadsOn: settings.bool(`remote.${name}.annex-ts-gateway`, false),
    verify: settings.bool(`remote.${name}.annex-verify`, settings.bool('annex.verify', true)),
  };
}

function cost(value: ByteString | undefined, address: RemoteAddress): number {
  const given = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(given)) return given;
  if (address.kind === 'local') return LOCAL_COST;
  return address.kind === 'p2p' ? PEER_COST : NETWORK_COST;
}

/** The members of `remotes.<group>`; undefined when there is no such group. */
export function remoteGroup(settings: Settings, group: ByteString): readonly ByteString[] | undefined {
  const values = settings.getAll(`remotes.${group}`);
  if (values.length === 0) return undefined;
  return values.flatMap(splitWords);
}
