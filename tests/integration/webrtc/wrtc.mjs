// WHIP and WHEP by libwebrtc without a browser: @roamhq/wrtc, from web/node_modules. It knows VP8.
// node wrtc.mjs PACKAGE_JSON publish URL TOKEN: films until its stdin ends.
// node wrtc.mjs PACKAGE_JSON watch URL TOKEN: watches until it has decoded 50 pictures, prints JSON.
import { createRequire } from "node:module";

const [packageJson, what, url, token] = process.argv.slice(2);
const wrtc = createRequire(packageJson)("@roamhq/wrtc");
const { RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;
const [WIDTH, HEIGHT, EVERY_MS, PICTURES] = [320, 240, 40, 50];

const pc = new wrtc.RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });

async function negotiate() {
  await pc.setLocalDescription(await pc.createOffer());
  if (pc.iceGatheringState !== "complete") {
    await new Promise((resolve) => {
      pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
    });
  }
  const response = await fetch(url, {
    method: "POST",
    body: pc.localDescription.sdp,
    headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  return new URL(response.headers.get("location"), url);
}

async function leave(session) {
  await fetch(session, { method: "DELETE", headers: { Authorization: `Bearer ${token}` } });
}

async function publish() {
  const source = new RTCVideoSource();
  const data = new Uint8ClampedArray((WIDTH * HEIGHT * 3) / 2).fill(128);
  let number = 0;
  const film = setInterval(() => {
    number += 1;
    data.fill(60 + (number % 100), 0, WIDTH * HEIGHT);
    source.onFrame({ width: WIDTH, height: HEIGHT, data });
  }, EVERY_MS);
  pc.addTransceiver(source.createTrack(), { direction: "sendonly" });
  const session = await negotiate();
  await new Promise((resolve) => process.stdin.on("end", resolve).resume());
  clearInterval(film);
  await leave(session);
}

async function watch() {
  const { receiver } = pc.addTransceiver("video", { direction: "recvonly" });
  const sink = new RTCVideoSink(receiver.track);
  let pictures = 0;
  let width = 0;
  const enough = new Promise((resolve) => {
    sink.onframe = ({ frame }) => {
      width = frame.width;
      if (++pictures === PICTURES) resolve();
    };
  });
  const session = await negotiate();
  await enough;
  const codec = pc.remoteDescription.sdp.match(/a=rtpmap:\d+ (\w+)\/90000/)[1];
  sink.stop();
  await leave(session);
  console.log(JSON.stringify({ pictures, width, codec }));
}

await { publish, watch }[what]();
process.exit(0);
