/** What is measured of a camera that plays: its rate, its keyframes, its clock. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../shared/i18n/index.ts";
import { readVitals, type Vitals } from "../intents/cameras.ts";
import { words } from "../words/index.ts";
import { Row } from "./parts.tsx";

/** Read anew when the camera comes up again; what can't be read is left out. */
export function CameraVitals({ id, since }: { id: string; since: string }): JSX.Element | null {
  const [vitals, setVitals] = useState<Vitals | null>(null);
  useEffect(() => {
    let isShown = true;
    setVitals(null);
    readVitals(id).then(
      (read) => isShown && setVitals(read),
      () => isShown && setVitals(null),
    );
    return () => {
      isShown = false;
    };
  }, [id, since]);
  if (!vitals) return null;
  const number = (value: number, digits = 0): string =>
    value.toLocaleString(locale.value, { maximumFractionDigits: digits });
  return (
    <>
      {vitals.kbit_per_s !== null && vitals.kbit_per_s > 0 && (
        <Row name={words("camera.rate")}>
          {number(vitals.kbit_per_s / 1000, 1)} Mbit/s, {number(vitals.pictures_per_s ?? 0)} {words("camera.perSecond")}
        </Row>
      )}
      {vitals.gop_s !== null && (
        <Row name={words("camera.gop")}>{number(vitals.gop_s, 1)} s</Row>
      )}
      {vitals.drift_ppm !== null && (
        <Row name={words("camera.drift")}>{number(vitals.drift_ppm * 0.0864, 1)} {words("camera.driftUnit")}</Row>
      )}
      {vitals.restarts > 0 && <Row name={words("camera.restarts")}>{vitals.restarts}</Row>}
      {(vitals.lost ?? 0) > 0 && <Row name={words("camera.lost")}>{vitals.lost}</Row>}
    </>
  );
}
