// A WHEP viewer that is neither ours nor a browser: werift, from web/node_modules.
// node whep_werift.mjs PACKAGE_JSON URL TOKEN [CODEC]: watches until it has seen 50 pictures, prints
// JSON. The codec is H264 or VP8.
import { createRequire } from "node:module";

const [packageJson, url, token, codec = "H264"] = process.argv.slice(2);
const { RTCPeerConnection, useH264, useOPUS, useVP8 } = createRequire(packageJson)("werift");

const pc = new RTCPeerConnection({
  codecs: { video: [codec === "VP8" ? useVP8() : useH264()], audio: [useOPUS()] },
  iceServers: [],
  bundlePolicy: "max-bundle",
});
const numbers = new Set();
let pictures = 0;
const enough = new Promise((resolve) => {
  pc.addTransceiver("video", { direction: "recvonly" }).onTrack.subscribe((track) =>
    track.onReceiveRtp.subscribe(({ header }) => {
      numbers.add(header.sequenceNumber);
      if (header.marker && ++pictures === 50) resolve();
    }),
  );
});
await pc.setLocalDescription(await pc.createOffer());
const response = await fetch(url, {
  method: "POST",
  body: pc.localDescription.sdp,
  headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
});
const status = response.status;
if (status === 201) {
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  await enough;
  await fetch(new URL(response.headers.get("location"), url), {
    method: "DELETE",
    headers: { Authorization: `Bearer ${token}` },
  });
}
const missing = Math.max(...numbers) - Math.min(...numbers) + 1 - numbers.size;
console.log(JSON.stringify({ status, pictures, missing }));
process.exit(0);
