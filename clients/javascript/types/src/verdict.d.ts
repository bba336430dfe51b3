/**
 * Returns the verdict on a server as text, and why the run fails on it, empty where it does not.
 *
 * @param {string} url
 * @param {Wanted} wanted
 * @returns {Promise<{ text: string, reasons: string[] }>}
 */
export function judge(url: string, { failOn, failUnder, failUnderAll }: Wanted): Promise<{
    text: string;
    reasons: string[];
}>;
export type Cause = import("./sandbox.js").Cause;
export type Report = import("./sandbox.js").Report;
/**
 * What a run is judged by: the causes and the percentages of coverage that fail it. The verdict is printed
 * where `report` is true.
 */
export type Wanted = {
    failOn?: Cause[] | undefined;
    failUnder?: number | undefined;
    failUnderAll?: number | undefined;
    report?: boolean | undefined;
};
