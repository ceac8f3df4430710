/** The picture in two sizes (simulcast): the small one costs little, and suits a tile or a thin viewer. */

export const HIGH = "h";
export const LOW = "l";
/** Enough for 720p of a street. With more, a network that gives way holds a second of it at once. */
const MOST_BITS_PER_S = 2_000_000;
/** Beside a large picture: a quarter of its width, for tiles. */
const SMALL = { scaleResolutionDownBy: 4, maxBitrate: 150_000 };
/** In its place, when the network does not carry both: the best that a thin one takes. */
const ALONE = { scaleResolutionDownBy: 2, maxBitrate: 800_000 };
/** Looks, one a second: a browser may be slow to begin, and must not be pushed to and fro. */
const CERTAIN_AFTER = 4;

/** Highest first: so the relay understands their order (RFC 8853). */
export function encodings(): RTCRtpEncodingParameters[] {
  return [
    { rid: HIGH, maxBitrate: MOST_BITS_PER_S },
    { rid: LOW, ...SMALL },
  ];
}

export function singleEncoding(): RTCRtpEncodingParameters[] {
  return [{ maxBitrate: MOST_BITS_PER_S }];
}

/**
 * Decides how large the small picture is to be.
 *
 * A browser short of bandwidth stops the large one and leaves the small one as it is, a quarter wide
 * on a network that would take four times as much.
 */
export class Layers {
  #alone = false;
  #changed = 0;
  #bytes = new Map<string, number>();

  /** Told of all bytes sent so far, by layer; what the small one is to become, null: stay. */
  look(sent: ReadonlyMap<string, number>): Partial<RTCRtpEncodingParameters> | null {
    const grows = (rid: string): boolean => (sent.get(rid) ?? 0) > (this.#bytes.get(rid) ?? 0);
    const alone = grows(LOW) && !grows(HIGH);
    const known = grows(LOW) || grows(HIGH);
    this.#bytes = new Map(sent);
    this.#changed = known && alone !== this.#alone ? this.#changed + 1 : 0;
    if (this.#changed < CERTAIN_AFTER) return null;
    this.#changed = 0;
    this.#alone = alone;
    return alone ? ALONE : SMALL;
  }
}

/** Give the small picture's encoding another size; what the browser refuses is left as it was. */
export async function resize(
  sender: RTCRtpSender,
  change: Partial<RTCRtpEncodingParameters>,
): Promise<void> {
  const parameters = sender.getParameters();
  const low = parameters.encodings.find(({ rid }) => rid === LOW);
  if (!low) return;
  Object.assign(low, change);
  try {
    await sender.setParameters(parameters);
  } catch {
    // The session may be ending, or the parameters be stale: the next look decides again.
  }
}
