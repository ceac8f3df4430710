/** Opens the camera once before it is kept: its picture is the proof. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sayDetail } from "../../shared/i18n/details.ts";
import { Problem } from "../../shared/problem.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { checkCamera, type Checked } from "./intents.ts";
import { text } from "./words/index.ts";

export function CameraCheck(props: {
  address: string;
  username: string;
  password: string;
  /** Asks without being told to, once. */
  atOnce?: boolean;
  onSeen?: (seen: boolean) => void;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Checked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { address, username, password, onSeen } = props;
  useEffect(() => {
    setFound(null);
    setProblem(null);
    if (props.atOnce) check();
  }, [address, username, password]);
  useEffect(() => onSeen?.(found?.still != null), [found]);
  const check = (): void => {
    setBusy(true);
    setFound(null);
    setProblem(null);
    const secret = username ? { username, password } : {};
    checkCamera({ main_url: address.trim(), ...secret })
      .then(setFound, (error: unknown) => setProblem(Problem.of(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div class="camera-check">
      <button
        type="button"
        class="button"
        data-testid="check-camera"
        disabled={busy || address.trim() === ""}
        onClick={check}
      >
        {text(busy ? "check.busy" : "check.do")}
      </button>
      {problem && <Fault error={problem} />}
      {found && (
        <p role="status" class={found.ok ? "" : "is-warn"}>
          {found.ok
            ? text("check.ok", { codec: found.codec ?? "" })
            : text("check.failed", { reason: sayDetail(found.reason ?? "") })}
        </p>
      )}
      {found?.still && <Still jpeg={found.still} />}
    </div>
  );
}

/** Drawn from memory: it was never a file of ours. */
function Still({ jpeg }: { jpeg: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const bytes = Uint8Array.from(atob(jpeg), (character) => character.charCodeAt(0));
    void createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).then((picture) => {
      if (!canvas.current) return;
      canvas.current.width = picture.width;
      canvas.current.height = picture.height;
      canvas.current.getContext("2d")?.drawImage(picture, 0, 0);
    });
  }, [jpeg]);
  return <canvas ref={canvas} role="img" aria-label={text("check.picture")} data-testid="check-picture" />;
}
