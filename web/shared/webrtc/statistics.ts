/** What the browser measures of a stream that it receives. Pure: reports in, figures out. */

export interface Figures {
  /** As `video/H264`, without what is of no use to people. */
  codec: string | null;
  width: number | null;
  height: number | null;
  perSecond: number | null;
  kbitPerSecond: number | null;
  /** Lost of what was sent to us in the last interval, 0..1. */
  loss: number | null;
  decoded: number;
  dropped: number;
  freezes: number;
  /** In the jitter buffer, per picture, in the last interval. */
  buffered_ms: number | null;
  roundTrip_ms: number | null;
}

/** The counters that the next look is compared with. */
export interface Counters {
  at: number;
  bytes: number;
  packets: number;
  lost: number;
  delay_s: number;
  emitted: number;
}

interface Report {
  type: string;
  [member: string]: unknown;
}

/** Read one look; rates need the `before` that an earlier look gave. */
export function read(
  reports: Iterable<Report>,
  before: Counters | null,
): { figures: Figures; counters: Counters } | null {
  const all = [...reports];
  const video = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  if (!video) return null;
  const number = (of: Report | undefined, name: string): number | null => {
    const value = of?.[name];
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  const counters: Counters = {
    at: number(video, "timestamp") ?? 0,
    bytes: number(video, "bytesReceived") ?? 0,
    packets: number(video, "packetsReceived") ?? 0,
    lost: number(video, "packetsLost") ?? 0,
    delay_s: number(video, "jitterBufferDelay") ?? 0,
    emitted: number(video, "jitterBufferEmittedCount") ?? 0,
  };
  const codec = all.find(({ type, id }) => type === "codec" && id === video["codecId"]);
  const pair = all.find(
    ({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded",
  );
  const mime = codec?.["mimeType"];
  const trip_s = number(pair, "currentRoundTripTime");
  return {
    counters,
    figures: {
      codec: typeof mime === "string" ? mime.replace(/^video\//, "") : null,
      width: number(video, "frameWidth"),
      height: number(video, "frameHeight"),
      perSecond: number(video, "framesPerSecond"),
      ...ratesBetween(before, counters),
      decoded: number(video, "framesDecoded") ?? 0,
      dropped: number(video, "framesDropped") ?? 0,
      freezes: number(video, "freezeCount") ?? 0,
      roundTrip_ms: trip_s === null ? null : trip_s * 1000,
    },
  };
}

function ratesBetween(
  before: Counters | null,
  after: Counters,
): Pick<Figures, "kbitPerSecond" | "loss" | "buffered_ms"> {
  const nothing = { kbitPerSecond: null, loss: null, buffered_ms: null };
  // Counters that run backwards are those of a new session.
  if (before === null || after.at <= before.at || after.bytes < before.bytes) return nothing;
  const lost = Math.max(0, after.lost - before.lost);
  const sent = after.packets - before.packets + lost;
  const emitted = after.emitted - before.emitted;
  return {
    kbitPerSecond: ((after.bytes - before.bytes) * 8) / (after.at - before.at),
    loss: sent > 0 ? lost / sent : 0,
    buffered_ms: emitted > 0 ? ((after.delay_s - before.delay_s) / emitted) * 1000 : null,
  };
}
