/** The guard tour of ours that a camera has: started, stopped, and where it is. */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import { sayProblem } from "../../shared/i18n/index.ts";
import type { Camera, Id, Instant } from "../../shared/types.ts";
import { api } from "../intents/api.ts";
import type { Head } from "./steering.ts";
import { words } from "./words.ts";

const TourDialog = lazy(() => import("./tour_dialog.tsx").then(({ TourDialog: view }) => view));

export interface TourStop {
  preset: string;
  name: string;
  dwell_s: number;
}

export interface OwnTour {
  stops: TourStop[];
  running_since: Instant | null;
  at: { looking: Head["at"]["looking"]; preset: string | null; since: Instant } | null;
}

export const keepTour = (camera: Id, stops: TourStop[]): Promise<OwnTour> =>
  api.put<OwnTour>(`/cameras/${camera}/ptz/tour`, { stops });

export function OwnTours(props: { camera: Camera; presets: Head["presets"] }): JSX.Element | null {
  const { camera, presets } = props;
  const [tour, setTour] = useState<OwnTour | null>(null);
  const [editing, setEditing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let gone = false;
    api.get<OwnTour>(`/cameras/${camera.id}/ptz/tour`).then(
      (found) => !gone && setTour(found),
      (error: unknown) => !gone && setProblem(Problem.of(error)),
    );
    return () => {
      gone = true;
    };
  }, [camera.id, camera.touring_since]);
  const run = async (running: boolean): Promise<void> => {
    try {
      setTour(await api.post<OwnTour>(`/cameras/${camera.id}/ptz/tour`, { running }));
      setProblem(null);
    } catch (error) {
      setProblem(Problem.of(error));
    }
  };
  if (!tour || (presets.length < 2 && tour.stops.length === 0)) return null;
  const runs = tour.running_since !== null;
  return (
    <>
      {tour.stops.length > 0 && (
        <button
          type="button"
          class="button"
          data-testid="own-tour"
          aria-pressed={runs}
          onClick={() => void run(!runs)}
        >
          {words(runs ? "ownStop" : "ownStart", { count: tour.stops.length })}
        </button>
      )}
      <button
        type="button"
        class="button"
        data-testid="edit-tour"
        onClick={() => setEditing(true)}
      >
        {words("ownEdit")}
      </button>
      {problem && (
        <span role="alert" class="is-warn">
          {sayProblem(problem).title}
        </span>
      )}
      {editing && (
        <Suspense fallback={null}>
          <TourDialog
            camera={camera}
            presets={presets}
            tour={tour}
            onKept={setTour}
            onClose={() => setEditing(false)}
          />
        </Suspense>
      )}
    </>
  );
}
