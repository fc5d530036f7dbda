import { Download, Refusal } from "./call.ts";
import type { Method } from "./method.ts";
import { addMedia } from "./state.ts";

/** POST /_matrix/media/v3/upload?filename=NAME */
export const upload: Method = ({ server }, { call }) => {
  // "Content repository": M_TOO_LARGE, 413. Synapse 1.160 was seen to break the connection while the caller still writes.
  if (call.bytes.byteLength > server.largestUpload) throw new Refusal(413, "M_TOO_LARGE", "Upload request body is too large");
  const name = call.query.get("filename") ?? undefined;
  return { content_uri: addMedia(server, { name, type: call.type ?? "application/octet-stream", bytes: call.bytes }) };
};

/** GET /_matrix/client/v1/media/download/{serverName}/{mediaId} and …/{fileName}, with a token only. */
export const download: Method = ({ server }, { call, names: [host, id] }) => {
  const media = server.media.get(`${host}/${id}`);
  if (media === undefined) throw new Refusal(404, "M_NOT_FOUND", `Not found '/${call.path.join("/")}'`); // seen on Synapse 1.160
  return new Download(media);
};

/** GET /_matrix/media/v3/download: frozen for what was uploaded since media asks for a token (c-s API 1.11); seen as 404 on Synapse 1.160. */
export const frozen: Method = () => {
  throw new Refusal(404, "M_NOT_FOUND", "Not found");
};

/** GET /_matrix/client/v1/media/config */
export const mediaConfig: Method = ({ server }) => ({ "m.upload.size": server.largestUpload });
