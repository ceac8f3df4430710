/** What is decided of a camera's masks and not saved yet. */

import type { PicturePoints } from "../../../shared/types.ts";

export interface Draft {
  masks: readonly PicturePoints[];
  by_camera: boolean;
}

/** A polygon has three corners at least. */
export const isFinished = (points: PicturePoints): boolean => points.length >= 3;
