// What clients say in the sessions that are recorded with git-annex-shell and played to our server.

export const CLIENT = '99999999-2222-4333-8444-555555555555';
/** The one file of the server. */
export const FILE = 'f';
export const CONTENT = 'content of f\n';

const HERE = 'SHA256E-s13--5dcf8b3c187f1e3e54f16edcfcaf8dfd17f4187cb2ef569da056be9823db71c7';
/** Content `hello\n`, which the server does not have. */
const NEW = 'SHA256E-s6--5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const OTHER = 'WORM-s6-m1--a b%c';
const NOSIZE = 'URL--http&c%%example.com%x';

const each = (versions, name, say, env = {}) =>
  versions.map((version) => ({ name: `${name}, version ${version}`, env, input: `VERSION ${version}\n${say}` }));
const one = (name, input, env = {}) => ({ name, env, input });
const ALL = [0, 1, 2, 3, 4];

export const sessions = [
  one('no version, then several', `CHECKPRESENT ${HERE}\nVERSION 1\nVERSION 4\nVERSION 0\nVERSION 3\n`),
  one('versions that are none', 'VERSION 9\nVERSION x\nVERSION\n'),
  ...each(ALL, 'CHECKPRESENT', `CHECKPRESENT ${HERE}\nCHECKPRESENT ${NEW}\nCHECKPRESENT ${OTHER}\nCHECKPRESENT nokey\nCHECKPRESENT\n`),
  ...each(ALL, 'LOCKCONTENT', `LOCKCONTENT ${HERE}\nUNLOCKCONTENT\nLOCKCONTENT ${NEW}\nLOCKCONTENT ${HERE}\nUNLOCKCONTENT ${HERE}\nREMOVE ${HERE}\n`),
  one('LOCKCONTENT and then something else', `LOCKCONTENT ${HERE}\nCHECKPRESENT ${HERE}\nUNLOCKCONTENT\nREMOVE ${HERE}\n`),
  one('LOCKCONTENT and then nonsense', `LOCKCONTENT ${HERE}\nFOO\nCHECKPRESENT ${HERE}\n`),
  one('LOCKCONTENT and then ERROR', `LOCKCONTENT ${HERE}\nERROR x\nCHECKPRESENT ${HERE}\n`),
  one('UNLOCKCONTENT of nothing', `UNLOCKCONTENT\nCHECKPRESENT ${HERE}\n`),
  ...each(ALL, 'REMOVE', `REMOVE ${HERE}\nREMOVE ${HERE}\nREMOVE ${NEW}\nCHECKPRESENT ${HERE}\n`),
  ...each(ALL, 'REMOVE-BEFORE in time', `REMOVE-BEFORE 999999999 ${HERE}\nCHECKPRESENT ${HERE}\n`),
  ...each([3], 'REMOVE-BEFORE too late', `REMOVE-BEFORE 1 ${HERE}\nREMOVE-BEFORE 1 ${NEW}\nREMOVE-BEFORE x ${HERE}\nREMOVE-BEFORE ${HERE}\nCHECKPRESENT ${HERE}\n`),
  ...each(ALL, 'GETTIMESTAMP', 'GETTIMESTAMP\n'),
  ...each(ALL, 'GET', `GET 0 f ${HERE}\nSUCCESS\nGET 2 a%b%%c ${HERE}\nSUCCESS\nGET 13  ${HERE}\nSUCCESS\n`),
  ...each(ALL, 'GET of what is not there', `GET 0 f ${NEW}\nFAILURE\nGET 0 f nokey\nCHECKPRESENT ${HERE}\n`),
  ...each(ALL, 'GET that fails', `GET 0 f ${HERE}\nFAILURE\nGET 99 f ${HERE}\nFAILURE\nCHECKPRESENT ${HERE}\n`),
  ...each([0, 1, 2], 'GET with a result of newer versions', `GET 0 f ${HERE}\nSUCCESS-PLUS a b\nCHECKPRESENT ${HERE}\nGET 0 f ${HERE}\nFAILURE-PLUS a\nCHECKPRESENT ${HERE}\n`),
  ...each([0, 4], 'GET without a result', `GET 0 f ${HERE}\nCHECKPRESENT ${HERE}\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'GET and then nonsense', `GET 0 f ${HERE}\nFOO\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'GET and then ERROR', `GET 0 f ${HERE}\nERROR x\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'GET and then the end', `GET 0 f ${HERE}\n`),
  ...each([0], 'PUT', `PUT f ${NEW}\nDATA 6\nhello\nCHECKPRESENT ${NEW}\nPUT f ${NEW}\nCHECKPRESENT ${HERE}\n`),
  ...each([1, 2, 3, 4], 'PUT', `PUT f ${NEW}\nDATA 6\nhello\nVALID\nCHECKPRESENT ${NEW}\nPUT f ${NEW}\nCHECKPRESENT ${HERE}\n`),
  ...each([1, 4], 'PUT that changed', `PUT f ${NEW}\nDATA 6\nhello\nINVALID\nCHECKPRESENT ${NEW}\n`),
  ...each([0], 'PUT of wrong content', `PUT f ${NEW}\nDATA 6\nhullo\nCHECKPRESENT ${NEW}\nPUT f ${NEW}\nDATA 6\nhello\nCHECKPRESENT ${NEW}\n`),
  ...each([4], 'PUT of wrong content', `PUT f ${NEW}\nDATA 6\nhullo\nVALID\nCHECKPRESENT ${NEW}\nPUT f ${NEW}\nDATA 6\nhello\nVALID\nCHECKPRESENT ${NEW}\n`),
  ...each([4], 'PUT of too little', `PUT f ${NEW}\nDATA 3\nhelVALID\nCHECKPRESENT ${NEW}\n`),
  ...each([4], 'PUT of nothing', `PUT f ${NEW}\nDATA 0\nVALID\nCHECKPRESENT ${NEW}\n`),
  ...each([4], 'PUT of nothing that is invalid', `PUT f ${NEW}\nDATA 0\nINVALID\nCHECKPRESENT ${NEW}\n`),
  ...each([1], 'PUT cut off in the data', `PUT f ${NEW}\nDATA 6\nhel`),
  ...each([1], 'PUT cut off before VALID', `PUT f ${NEW}\nDATA 6\nhello\n`),
  ...each([1], 'PUT cut off before DATA', `PUT f ${NEW}\n`),
  ...each([1], 'PUT and then something else than VALID', `PUT f ${NEW}\nDATA 6\nhello\nCHECKPRESENT ${HERE}\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'PUT and then nonsense for VALID', `PUT f ${NEW}\nDATA 6\nhello\nFOO\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'PUT and then ERROR for VALID', `PUT f ${NEW}\nDATA 6\nhello\nERROR x\nCHECKPRESENT ${HERE}\n`),
  ...each([0, 4], 'PUT and then something else than DATA', `PUT f ${NEW}\nCHECKPRESENT ${HERE}\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'PUT and then nonsense for DATA', `PUT f ${NEW}\nFOO\nCHECKPRESENT ${HERE}\n`),
  ...each([1], 'PUT and then ERROR', `PUT f ${NEW}\nERROR x\nCHECKPRESENT ${HERE}\n`),
  ...each([3, 4], 'PUT and DATA-PRESENT', `PUT f ${NEW}\nDATA-PRESENT\nCHECKPRESENT ${HERE}\nPUT f ${HERE}\nDATA-PRESENT\n`),
  ...each([4], 'PUT of a key that cannot be checked', `PUT f ${OTHER}\nDATA 6\nhello\nVALID\nCHECKPRESENT ${OTHER}\n`),
  ...each([4], 'PUT of the wrong size of a key that cannot be checked', `PUT f ${OTHER}\nDATA 3\nhelVALID\nCHECKPRESENT ${OTHER}\n`),
  ...each([4], 'PUT of a key without a size', `PUT f ${NOSIZE}\nDATA 6\nhello\nVALID\nCHECKPRESENT ${NOSIZE}\n`),
  ...each([0, 2], 'BYPASS', `BYPASS a b\nCHECKPRESENT ${HERE}\nBYPASS\nCHECKPRESENT ${HERE}\n`),
  one('what is for the other side or for others', `AUTH x y\nAUTH-SUCCESS x\nSUCCESS\nFAILURE\nVALID\nDATA-PRESENT\nTIMESTAMP 1\nPUT-FROM 1\nALREADY-HAVE\nCHANGED x\nCONNECTDONE 1\nCHECKPRESENT ${HERE}\n`),
  one('DATA unasked', `DATA 3\nabcCHECKPRESENT ${HERE}\n`),
  one('nonsense', `\n \nFOO\nchechpresent x\nCHECKPRESENT  ${HERE}\nGET 0 ${HERE}\nGET x f ${HERE}\nPUT ${NEW}\nCONNECT git-shell\nCHECKPRESENT ${HERE}\n`),
  one('ERROR', `ERROR enough\nCHECKPRESENT ${HERE}\n`),
  one('a line that is cut off', `CHECKPRESENT ${HERE}\nCHECKPRESENT ${HERE}`),
  one('CONNECT', `CONNECT git-upload-pack\nDATA 4\n0000CHECKPRESENT ${HERE}\n`),
  one('NOTIFYCHANGE', 'NOTIFYCHANGE\n'),
  ...['READONLY', 'APPENDONLY'].flatMap((limit) =>
    each([4], limit, `CHECKPRESENT ${HERE}\nLOCKCONTENT ${HERE}\nUNLOCKCONTENT\nGET 0 f ${HERE}\nSUCCESS\nREMOVE ${HERE}\nREMOVE ${NEW}\nREMOVE-BEFORE 999999999 ${HERE}\nGETTIMESTAMP\nPUT f ${HERE}\nPUT f ${NEW}\nDATA-PRESENT\nCONNECT git-receive-pack\nCHECKPRESENT ${HERE}\n`, { [`GIT_ANNEX_SHELL_${limit}`]: '1' }),
  ),
];
