/**
 * Returns the words of a command, of which quotation marks and backslashes hold some together.
 *
 * @param {string} command
 */
export function splitWords(command: string): string[];
/** A running server. */
export class ServerProcess {
    /**
     * Starts `COMMAND serve --quiet` on a free port of this machine and returns the server when it is ready.
     *
     * `command` is words as a POSIX shell takes them, e.g. `uvx --from 'openapi-sandbox[server]' mock-server`.
     * Throws Refused with what the command has printed where no server comes of it.
     *
     * @param {string} command
     */
    static start(command: string): Promise<ServerProcess>;
    /**
     * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
     * @param {string} url
     */
    constructor(child: import("node:child_process").ChildProcessWithoutNullStreams, url: string);
    url: string;
    /** Stops the server. */
    stop(): Promise<void>;
    #private;
}
