/** What `git-annex-ts-shell --help` says; its man page says it at length. */
export const HELP = `Usage: git-annex-ts-shell [-c] COMMAND [PARAMETERS ...] [OPTIONS ...]

A login shell that only lets people use git and git-annex repositories over ssh. It answers what
git-annex-shell answers, and can stand in for it.

Commands:
  configlist DIRECTORY             tells the uuid of a repository
  p2pstdio DIRECTORY UUID          speaks the P2P protocol on the standard streams
  notifychanges DIRECTORY          tells when refs of a repository change
  inannex DIRECTORY KEY ...        exits with 0 when contents are present
  sendkey DIRECTORY KEY            sends a content by rsync
  recvkey DIRECTORY KEY            receives a content by rsync
  dropkey DIRECTORY KEY ... --force
                                   removes contents
Any other command is git-shell's: git-upload-pack, git-receive-pack, git-upload-archive.

Options:
  --uuid=UUID                      refuses another repository than this one
  -- FIELD=VALUE ... --            autoinit=1, remoteuuid=UUID, associatedfile=FILE

Environment, for authorized_keys:
  GIT_ANNEX_SHELL_READONLY         when set, nothing can be changed in a repository's annex
  GIT_ANNEX_SHELL_APPENDONLY       when set, contents can be added but not removed
  GIT_ANNEX_SHELL_LIMITED          when set, git-shell's commands are refused
  GIT_ANNEX_SHELL_DIRECTORY        the only directory that may be used

See git-annex-ts-shell(1).
`;
