import { BRANCH_SETTINGS } from '../../domain/logs/config-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { readConfigFiles } from './config-files.js';
import { type ConfigValues, parseConfigList, runGitConfig } from './git-config.js';
import type { Settings } from './settings.js';
import { writeGitConfig } from './write-git-config.js';
import { parseBoolean, parseInteger, parseSizeSetting } from './values.js';

export interface SettingsPlace {
  /** Where git runs: the current directory, or the repository's own. */
  readonly directory: ByteString;
  /** Holds the repository's own settings file; undefined in a bare repository. */
  readonly workTree: ByteString | undefined;
  readonly environment?: NodeJS.ProcessEnv;
}

/** git config as it stands now, by one child process. Rejects with `git-failed` when a config file is broken. */
export async function readGitConfig(directory: ByteString): Promise<ConfigValues> {
  return parseConfigList(await runGitConfig(directory, ['--list', '-z']));
}

/** Opens the settings; `config` is what `readGitConfig` gave (to be able to run it beside other things). */
export async function openSettings(place: SettingsPlace, config?: ConfigValues): Promise<Settings> {
  const values = config ?? (await readGitConfig(place.directory));
  const workTree = place.workTree === undefined ? undefined : toText(place.workTree);
  const files = await readConfigFiles(workTree, place.environment ?? process.env);
  return createSettings(values, files, async (name, value) => {
    if (value === undefined) await writeGitConfig(place.directory, ['--unset-all', name], [5]);
    else await writeGitConfig(place.directory, ['--replace-all', name, value]);
  });
}

/** Settings over given values: git config, then files, then the branch's defaults. */
export function createSettings(
  config: ConfigValues,
  files: ConfigValues,
  write: (name: string, value: ByteString | undefined) => Promise<void>,
): Settings {
  let defaults: ReadonlyMap<string, ByteString> = new Map();

  function getAll(name: string): readonly ByteString[] {
    const found = config.get(name) ?? files.get(name);
    if (found !== undefined) return found;
    const fallback = defaults.get(name);
    return fallback === undefined ? [] : [fallback];
  }
  const get = (name: string) => getAll(name).at(-1);

  function parsed<T>(name: string, fallback: T, parse: (name: string, value: string) => T): T {
    const value = get(name);
    if (value === undefined) return fallback;
    try {
      return parse(name, value);
    } catch (error) {
      // Whoever can push writes the branch's; as with git-annex, what makes no sense there counts for nothing.
      if (config.has(name) || files.has(name)) throw error;
      return fallback;
    }
  }

  return {
    get,
    getAll,
    bool: (name, fallback) => parsed(name, fallback, parseBoolean),
    int: (name, fallback) => parsed(name, fallback, parseInteger),
    bytes: (name, fallback) => parsed(name, fallback, parseSizeSetting),
    subsections: (section) => subsections(config, section),
    async set(name, value) {
      await write(name, value);
      if (value === undefined) config.delete(name);
      else config.set(name, [value]);
    },
    useBranchDefaults(values) {
      defaults = new Map([...values].filter(([name]) => BRANCH_SETTINGS.has(name)));
    },
  };
}

function subsections(config: ConfigValues, section: string): readonly ByteString[] {
  const found = new Set<string>();
  const prefix = `${section}.`;
  for (const name of config.keys()) {
    const end = name.lastIndexOf('.');
    if (name.startsWith(prefix) && end > prefix.length) found.add(name.slice(prefix.length, end));
  }
  return [...found] as ByteString[];
}
