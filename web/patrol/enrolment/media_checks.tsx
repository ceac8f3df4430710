/** The camera shows its picture, the microphone its level: seen and heard, so it works. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../words/index.ts";
import { CheckView, type CheckState } from "./check_state.tsx";

export function CameraCheck(): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const { now, media, open } = useMedia({ video: { facingMode: "environment" } }, "camera");
  useEffect(() => {
    if (video.current) video.current.srcObject = media;
  }, [media]);
  return (
    <CheckView name="camera" now={now} onTry={open}>
      <video ref={video} class="check-video" muted autoplay playsInline aria-hidden="true" />
    </CheckView>
  );
}

export function MicrophoneCheck(): JSX.Element {
  const { now, media, open } = useMedia({ audio: true }, "microphone");
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    if (!media) return;
    return followLevel(media, (level) => {
      if (meter.current) meter.current.value = level;
    });
  }, [media]);
  return (
    <CheckView name="microphone" now={now} onTry={open}>
      <meter
        ref={meter}
        class="check-meter"
        min={0}
        max={1}
        value={0}
        aria-label={words("checks.microphone.level")}
      />
    </CheckView>
  );
}

/** Open what is asked for, until the check is left. */
function useMedia(wanted: MediaStreamConstraints, name: "camera" | "microphone") {
  const [now, setNow] = useState<CheckState>({ state: "ready" });
  const [media, setMedia] = useState<MediaStream | null>(null);
  useEffect(() => () => media?.getTracks().forEach((track) => track.stop()), [media]);
  const open = (): void => {
    setNow({ state: "asking" });
    if (!navigator.mediaDevices) {
      setNow({ state: "bad", text: words("checks.failed") });
      return;
    }
    navigator.mediaDevices.getUserMedia(wanted).then(
      (found) => {
        setMedia(found);
        setNow({ state: "good", text: words(`checks.${name}.good`) });
      },
      (error: DOMException) => {
        const denied = error.name === "NotAllowedError";
        setNow({ state: "bad", text: words(denied ? "checks.denied" : "checks.failed") });
      },
    );
  };
  return { now, media, open };
}

/** Tell how loud it is, 0..1, on each frame, until the returned function is called. */
function followLevel(media: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(media).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const look = (): void => {
    analyser.getFloatTimeDomainData(samples);
    const mean = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    tell(Math.min(1, Math.sqrt(mean) * 4));
    frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    void context.close();
  };
}
