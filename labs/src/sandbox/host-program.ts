/** What answers and acts for Drydock on a host without the host's own programs and libraries; see labs/src/image/go/cmd/host. */
export const HOST_PROGRAM = "/usr/local/bin/drydock-host";
