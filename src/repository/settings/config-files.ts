import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join } from 'node:path';
import type { ByteString } from '../../lib/bytes.js';
import { fromText } from '../../lib/bytes.js';
import { AnnexError } from '../../domain/errors.js';
import type { ConfigValues } from './git-config.js';

type Cosmiconfig = typeof import('cosmiconfig');

const EXTENSIONS = ['', '.json', '.yaml', '.yml'];
const MAX_BYTES = 1 << 20;

/**
 * `annex-ts.*` settings of the user's file and of the repository's, the latter winning.
 *
 * The user's: `annex-ts/config[.json|.yaml|.yml]` in the XDG configuration directory. The repository's, at the top of the
 * work tree: `.annex-tsrc[.json|.yaml|.yml]`, or the same below `.config/` (cosmiconfig's names). JSON and YAML only.
 *
 * The parsers are cosmiconfig's, its search is not: making a cosmiconfig explorer loads `.config/config.js` of the current
 * directory, so that entering a hostile repository would run its program.
 */
export async function readConfigFiles(
  workTree: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<ConfigValues> {
  const values: ConfigValues = new Map();
  const files = [userPlaces(environment), workTree === undefined ? [] : repositoryPlaces(workTree)];
  for (const places of files) {
    const file = places.find((place) => existsSync(place));
    if (file !== undefined) for (const [name, value] of await readConfigFile(file)) values.set(name, value);
  }
  return values;
}

/** A program named in a file that a clone brings along must never run: such settings come from git config only. */
export function namesProgram(name: string): boolean {
  return /(command|program|shell|executable|hook|script)s?$/.test(name);
}

function userPlaces(environment: NodeJS.ProcessEnv): string[] {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config');
  return EXTENSIONS.map((extension) => join(base, 'annex-ts', `config${extension}`));
}

function repositoryPlaces(workTree: string): string[] {
  return ['.annex-tsrc', join('.config', 'annex-tsrc')].flatMap((stem) =>
    EXTENSIONS.map((extension) => join(workTree, `${stem}${extension}`)),
  );
}

async function readConfigFile(file: string): Promise<ConfigValues> {
  // Bundled, a CommonJS package has its exports in `default` only.
  const cosmiconfig: Cosmiconfig & { readonly default?: Cosmiconfig } = await import('cosmiconfig');
  const { defaultLoadersSync } = cosmiconfig.default ?? cosmiconfig;
  const load = extname(file) === '.json' ? defaultLoadersSync['.json'] : defaultLoadersSync['.yaml'];
  const values: ConfigValues = new Map();
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MAX_BYTES) throw new Error('it is larger than 1 MiB');
    flatten('annex-ts', load(file, text), values, 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AnnexError('invalid-setting', `Cannot read the settings in ${file}: ${reason}`, {
      cause: error,
    });
  }
  return values;
}

/** `{sync: {maxTries: 3}}` becomes `annex-ts.sync.maxtries = 3`; a list gives several values. */
function flatten(name: string, value: unknown, into: ConfigValues, depth: number): void {
  if (Array.isArray(value)) {
    const list = value.map(scalar).filter((item) => item !== undefined);
    if (!namesProgram(name)) into.set(name, list);
  } else if (typeof value === 'object' && value !== null) {
    if (depth > 8) throw new Error('it is nested too deeply');
    for (const [key, inner] of Object.entries(value))
      flatten(`${name}.${key.toLowerCase()}`, inner, into, depth + 1);
  } else {
    const bytes = scalar(value);
    if (bytes !== undefined && !namesProgram(name)) into.set(name, [bytes]);
  }
}

function scalar(value: unknown): ByteString | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  return fromText(String(value));
}
