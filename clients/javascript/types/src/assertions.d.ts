/**
 * @param {RequestList} found
 * @param {Scene} scene
 * @param {number | undefined} times
 * @param {import("./scene.js").Wanted} wanted
 */
export function assertCalled(found: RequestList, scene: Scene, times: number | undefined, wanted: import("./scene.js").Wanted): void;
/**
 * @param {Walk[]} walks
 * @param {Scene} scene
 * @param {boolean | null} complete
 * @param {boolean | null} repeats
 */
export function assertWalked(walks: Walk[], scene: Scene, complete: boolean | null, repeats: boolean | null): void;
/**
 * @param {Fault[]} faults
 * @param {Scene} scene
 */
export function assertFaultsFired(faults: Fault[], scene: Scene): void;
/**
 * @param {Mistakes[]} mistakes
 * @param {Scene} scene
 * @param {boolean} warnings
 */
export function assertNoViolations(mistakes: Mistakes[], scene: Scene, warnings: boolean): void;
export type Scene = import("./scene.js").Scene;
export type RequestList = import("./scene.js").RequestList;
export type Request = import("./control.js").MockRequest;
export type Walk = import("./control.js").MockWalk;
export type Fault = import("./control.js").MockFault;
export type Mistakes = import("./control.js").MockGroup;
