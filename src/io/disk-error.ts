// What a failed write or read means for the person in front of the machine. Which error class carries the words is
// left to the caller.

const advice: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space or choose another folder',
  EDQUOT: 'the disk quota is used up: free some space or choose another folder',
  EFBIG: 'the file is larger than this file system or process may write: choose another folder',
  EROFS: 'the file system is read-only: choose another folder',
  EACCES: 'permission denied: choose a folder you may write to',
  EPERM: 'operation not permitted: choose a folder you may write to',
  ENOENT: 'no such file or folder',
  EEXIST: 'something of that name is in the way: choose another place',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EMFILE: 'too many open files: close some or raise the limit (ulimit -n)',
};

/** The code of a file-system or network error, such as `ENOSPC`; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error says that there is no room left for what was being written. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Whether the error says that something is not there. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

/** Whether a call to the file system failed, and not the network, nor the program. */
export function isFileError(error: unknown): boolean {
  const code = errorCode(error);
  if (code === undefined) return false;
  const { syscall } = error as { syscall?: unknown };
  return code in advice || (typeof syscall === 'string' && !/^(connect|getaddrinfo)/.test(syscall));
}

/** One sentence on a file-system error: what it means and, where there is something to do, what. */
export function explainDiskError(error: unknown): string {
  const code = errorCode(error);
  const known = code === undefined ? undefined : advice[code];
  if (known !== undefined) return `${known} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
