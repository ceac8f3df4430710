/** Checks a receipt's signature in this browser, with nothing of the server's but the three texts. */

export type Checked = "genuine" | "changed" | "cannot";

/** `cannot`: this browser has no Ed25519, or the page came over an address that is not secure. */
export async function checkReceipt(receipt: {
  body: string;
  signature: string;
  public_key: string;
}): Promise<Checked> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return "cannot";
  let key: CryptoKey;
  try {
    key = await subtle.importKey("raw", ofHex(receipt.public_key), "Ed25519", false, ["verify"]);
  } catch (error) {
    return error instanceof DOMException && error.name === "NotSupportedError"
      ? "cannot"
      : "changed";
  }
  const body = new TextEncoder().encode(receipt.body);
  const holds = await subtle.verify("Ed25519", key, ofHex(receipt.signature), body);
  return holds ? "genuine" : "changed";
}

function ofHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  bytes.forEach((_, i) => (bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)));
  return bytes;
}
