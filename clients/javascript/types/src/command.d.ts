/**
 * Runs the program; returns its exit status, and throws an error with a sentence for what it cannot do.
 *
 * @param {string[]} args
 */
export function main(args: string[]): Promise<number>;
