import { parseUuid, type Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import { type RemoteAddress, remoteAddress } from './remote-url.js';

/** What git config says about one remote. */
export interface RemoteSettings {
  readonly name: ByteString;
  readonly address: RemoteAddress;
  /** `annex-uuid`: what was found when the remote was last looked at. */
  readonly uuid: Uuid | undefined;
  /** `annex-cost`, or 100 for a local path, 200 for all else. */
  readonly cost: number;
  /** `annex-ignore`: not used unless it is named. */
  readonly ignore: boolean;
  readonly readonly: boolean;
  /** `annex-verify`: whether content that comes from there is checked. */
  readonly verify: boolean;
}

const LOCAL_COST = 100;
const NETWORK_COST = 200;

/** The settings of every remote that git config knows, sorted by name. Relative paths in urls count from `base`. */
export function remoteSettings(settings: Settings, base: ByteString): RemoteSettings[] {
  return [...settings.subsections('remote')].sort().map((name) => oneRemote(name, settings, base));
}

function oneRemote(name: ByteString, settings: Settings, base: ByteString): RemoteSettings {
  const address = remoteAddress(settings.get(`remote.${name}.url`), settings, base);
  return {
    name,
    address,
    uuid: parseUuid(settings.get(`remote.${name}.annex-uuid`) ?? ''),
    cost: cost(settings.get(`remote.${name}.annex-cost`), address),
    ignore: settings.bool(`remote.${name}.annex-ignore`, false),
    readonly: settings.bool(`remote.${name}.annex-readonly`, false),
    verify: settings.bool(`remote.${name}.annex-verify`, settings.bool('annex.verify', true)),
  };
}

function cost(value: ByteString | undefined, address: RemoteAddress): number {
  const given = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(given)) return given;
  return address.kind === 'local' ? LOCAL_COST : NETWORK_COST;
}

/** The members of `remotes.<group>`; undefined when there is no such group. */
export function remoteGroup(settings: Settings, group: ByteString): readonly ByteString[] | undefined {
  const values = settings.getAll(`remotes.${group}`);
  if (values.length === 0) return undefined;
  return values.flatMap((value) => value.split(/\s+/).filter((name) => name !== '')) as ByteString[];
}
