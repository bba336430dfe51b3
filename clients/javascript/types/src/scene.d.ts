/**
 * Returns a text as the inspector's page writes it into its URL, e.g. `a+b%7E*` for `a b~*`.
 *
 * @param {string} text
 */
export function encodeAccount(text: string): string;
/** Tells whether a body is asked for. @param {unknown} body */
export function isGiven(body: unknown): body is {};
/** Tells whether a request had a body that the journal has dropped. @param {Request} entry */
export function lacksBody(entry: Request): boolean;
/**
 * Returns a mistake in a line, with its place where that is in the body, e.g. `/address/city`.
 *
 * @param {string} kind
 * @param {{ code: string, key: string, message: string }} mistake
 */
export function formatMistake(kind: string, { code, key, message }: {
    code: string;
    key: string;
    message: string;
}): string;
/**
 * Returns the violations of a request, then its warnings.
 *
 * @param {Request} entry
 */
export function mistakesOf(entry: Request): {
    kind: string;
    mistake: {
        code: string;
        message: string;
        key: string;
    };
}[];
/**
 * Returns a request and what was answered, e.g. `GET /api/things?limit=5 -> 200`.
 *
 * @param {Request} entry
 */
export function formatLine(entry: Request): string;
/** What an assertion had before it. */
export class Scene {
    /**
     * @param {RequestList} journal all requests of the account
     * @param {string} clientId that of the account
     * @param {string} page the URL of the inspector, e.g. `http://127.0.0.1:8080/_mock/`
     * @param {AccountUse[]} accounts those that got requests; looked at where none came to this one
     */
    constructor(journal: RequestList, clientId: string, page: string, accounts: AccountUse[]);
    journal: RequestList;
    clientId: string;
    page: string;
    /**
     * Returns what came, and the link to a view of the inspector, e.g. `walks`, in lines.
     *
     * The requests nearest to what was wanted come first.
     *
     * @param {string} view
     * @param {Wanted} [wanted]
     */
    describe(view: string, wanted?: Wanted): string;
    /**
     * Returns a line with the link to a view of the inspector.
     *
     * @param {string} view
     */
    describeLink(view: string): string;
    #private;
}
export type Request = import("./control.js").MockRequest;
export type RequestList = {
    items: Request[];
    recorded: number;
    dropped: number;
};
export type AccountUse = {
    account: string;
    recorded: number;
    last: Request | null;
};
export type Query = Record<string, unknown>;
/**
 * Which requests are looked for; what is left out is open. `body` has members that the body must have.
 */
export type Wanted = {
    operation?: string | undefined;
    query?: Query | undefined;
    body?: unknown;
};
