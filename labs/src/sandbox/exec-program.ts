/**
 * Runs programs on a host for Drydock without the host's own shell, libraries and settings; see
 * labs/src/image/go/cmd/exec.
 */
export const EXEC_PROGRAM = "/usr/local/bin/drydock-exec";
