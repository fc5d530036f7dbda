/** What the runner and its children say to each other over a socket: a type, the number of the conversation it belongs to, and bytes. */
export interface Frame {
  type: number;
  id: number;
  body: Buffer;
}

const headerBytes = 9;

/** One frame as bytes: length of the body (4), type (1), id (4), body. Text becomes UTF-8, anything but bytes and text becomes JSON. */
export function encodeFrame(type: number, id: number, body: unknown = ""): Buffer {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8");
  const frame = Buffer.allocUnsafe(headerBytes + bytes.length);
  frame.writeUInt32LE(bytes.length, 0);
  frame.writeUInt8(type, 4);
  frame.writeUInt32LE(id, 5);
  frame.set(bytes, headerBytes);
  return frame;
}

/** Cuts a byte stream into frames, whatever pieces it arrives in. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = headerBytes;
  return (chunk) => {
    pieces.push(chunk);
    held += chunk.length;
    // Joined only once a whole frame is there: a large one arrives in hundreds of pieces.
    if (held < needed) return;
    const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      needed = left < headerBytes ? headerBytes : headerBytes + bytes.readUInt32LE(at);
      if (left < needed) break;
      onFrame({ type: bytes.readUInt8(at + 4), id: bytes.readUInt32LE(at + 5), body: bytes.subarray(at + headerBytes, at + needed) });
      at += needed;
    }
    pieces = at === bytes.length ? [] : [bytes.subarray(at)];
    held = bytes.length - at;
  };
}
