/** The git-annex release whose formats and behaviour this program follows. Scripts compare it with what they need. */
export const COMPATIBLE_WITH = '10.20250416';

/** Repository versions (`annex.version`) that this program works on. */
const SUPPORTED_REPOSITORY_VERSIONS = [8, 9, 10];

/** Hashes whose keys this program makes and checks, in git-annex's order; each also keeps extensions (`SHA256E`). */
export const HASH_BACKENDS = [
  'SHA256',
  'SHA512',
  'SHA224',
  'SHA384',
  'SHA3_256',
  'SHA3_512',
  'SHA3_224',
  'SHA3_384',
  'BLAKE2B256',
  'BLAKE2B512',
  'BLAKE2B160',
  'BLAKE2B224',
  'BLAKE2B384',
  'BLAKE2S256',
  'BLAKE2S160',
  'BLAKE2S224',
  'SHA1',
  'MD5',
] as const;

/** Kinds of remotes that content can be moved to and from. */
const REMOTE_TYPES = ['git'];

/**
 * What `version` prints: git-annex's lines first, in its order, then ours.
 * @param repositoryVersion `annex.version` of the repository around the current directory
 */
export function versionText(own: string, repositoryVersion: string | undefined): string {
  const backends = [...HASH_BACKENDS.flatMap((name) => [`${name}E`, name]), 'WORM'];
  const lines = [
    `git-annex version: ${COMPATIBLE_WITH}`,
    `key/value backends: ${backends.join(' ')}`,
    `remote types: ${REMOTE_TYPES.join(' ')}`,
    `operating system: ${process.platform} ${machine()}`,
    `supported repository versions: ${SUPPORTED_REPOSITORY_VERSIONS.join(' ')}`,
    ...(repositoryVersion === undefined ? [] : [`local repository version: ${repositoryVersion}`]),
    `git-annex-ts version: ${own}`,
    `node version: ${process.versions.node}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The processor as git-annex names it. */
function machine(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}
