import assert from "node:assert/strict";
import { test } from "node:test";
import { iceServersOf, negotiate, pathHere, sdpFragment } from "./negotiation.ts";

const SDP = ["v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=ice-ufrag:u1", "a=ice-pwd:p1", ""].join(
  "\r\n",
);

test("a fragment names the ICE user, the medium and the candidates, as RFC 8840 writes them", () => {
  const text = sdpFragment(SDP, [{ candidate: "candidate:1 1 udp 2 10.0.0.2 5 typ host", sdpMid: "0" }]);

  assert.equal(
    text,
    "a=ice-ufrag:u1\r\na=ice-pwd:p1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" +
      "a=candidate:1 1 udp 2 10.0.0.2 5 typ host\r\n",
  );
});

test("a description without an ICE user gives no fragment", () => {
  assert.equal(sdpFragment("v=0\r\n", []), null);
});

test("ICE servers are read from Link headers, with what signs in to them", () => {
  const link =
    '<stun:a.example:3478>; rel="ice-server", <turn:a.example?transport=udp>; rel="ice-server"; ' +
    'username="u"; credential="c"; credential-type="password", </x>; rel="next"';

  assert.deepEqual(iceServersOf(link), [
    { urls: "stun:a.example:3478" },
    { urls: "turn:a.example?transport=udp", username: "u", credential: "c" },
  ]);
});

test("no Link header means that nothing is known of ICE servers", () => {
  assert.equal(iceServersOf(null), null);
});

test("a session at another host is spoken to through this page's own server", () => {
  const here = "https://csu.example.org";

  assert.equal(pathHere(`${here}/api/v1/viewings/1`, here), "/api/v1/viewings/1");
  assert.equal(pathHere("/api/v1/viewings/1", here), "/api/v1/viewings/1");
  assert.equal(pathHere("https://elsewhere.example/x", here), "https://elsewhere.example/x");
});

test("the first connection of a page learns the ICE servers before it gathers, and only it", async () => {
  Object.assign(globalThis, { location: { origin: "https://csu.example.org" } });
  const done: string[] = [];
  const connection = {
    iceGatheringState: "complete",
    localDescription: { sdp: SDP },
    getConfiguration: (): RTCConfiguration => ({ bundlePolicy: "max-bundle" }),
    setConfiguration: (given: RTCConfiguration): void => {
      done.push(`${given.bundlePolicy} ${JSON.stringify(given.iceServers)}`);
    },
    setLocalDescription: async (): Promise<void> => void done.push("gather"),
    setRemoteDescription: async (): Promise<void> => void done.push("answered"),
  } as unknown as RTCPeerConnection;
  const fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    done.push(`${init.method} ${path}`);
    const headers = { Link: '<stun:a.example:3478>; rel="ice-server"' };
    return new Response(init.method === "OPTIONS" ? null : "v=0", {
      status: init.method === "OPTIONS" ? 204 : 201,
      headers,
    });
  };
  const options = { fetch, path: "/whep", signal: new AbortController().signal };
  await negotiate(connection, options);
  await negotiate(connection, options);

  assert.deepEqual(done, [
    "OPTIONS /whep",
    'max-bundle [{"urls":"stun:a.example:3478"}]',
    ...["gather", "POST /whep", "answered"],
    ...["gather", "POST /whep", "answered"],
  ]);
});
