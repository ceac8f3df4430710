/** The phone's own camera, microphone and light. */

export type Facing = "environment" | "user";

/** 720p is what a mobile network carries; the encoder goes lower by itself. */
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

interface Light extends MediaTrackCapabilities {
  torch?: boolean;
}

/** Camera with sound, or without where the microphone is refused. Throws `DOMException`. */
export async function openCamera(facing: Facing): Promise<MediaStream> {
  const video = { ...PICTURE, facingMode: facing };
  if (!navigator.mediaDevices) throw new DOMException("not a secure page", "SecurityError");
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: VOICE });
  } catch (withSound) {
    try {
      return await navigator.mediaDevices.getUserMedia({ video });
    } catch {
      throw withSound;
    }
  }
}

/** Put the other camera's track into `media`, in place of the one there. Throws `DOMException`. */
export async function otherCamera(media: MediaStream, facing: Facing): Promise<MediaStreamTrack> {
  // Many phones open one camera at a time: the old one must be let go first.
  for (const track of media.getVideoTracks()) {
    track.stop();
    media.removeTrack(track);
  }
  const found = await navigator.mediaDevices.getUserMedia({
    video: { ...PICTURE, facingMode: facing },
  });
  const track = found.getVideoTracks()[0];
  if (!track) throw new DOMException("no picture", "NotFoundError");
  media.addTrack(track);
  return track;
}

export function canLight(track: MediaStreamTrack): boolean {
  return (track.getCapabilities?.() as Light | undefined)?.torch === true;
}

export async function light(track: MediaStreamTrack, on: boolean): Promise<void> {
  const torch = { torch: on } as MediaTrackConstraintSet;
  await track.applyConstraints({ advanced: [torch] });
}
