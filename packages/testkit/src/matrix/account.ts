import { objectIn, Refusal } from "./call.ts";
import type { Method } from "./method.ts";
import { addDevice, setAccountData, type User } from "./state.ts";

/** GET /login */
export const loginFlows: Method = () => ({ flows: [{ type: "m.login.password" }] });

/** POST /login: m.login.password alone. */
export const login: Method = ({ server, announce }, { call }) => {
  const { type, identifier, password, device_id } = objectIn(call);
  if (type !== "m.login.password") throw new Refusal(400, "M_UNKNOWN", `Unknown login type ${String(type)}`); // POST /login, 400
  const name = typeof identifier === "object" && identifier !== null && "user" in identifier ? identifier.user : undefined;
  if (typeof name !== "string") throw new Refusal(400, "M_MISSING_PARAM", "Missing 'user' in 'identifier'"); // as Synapse words it
  const user = server.users.get(name.startsWith("@") ? name : `@${name}:${server.name}`);
  // POST /login, 403: "The login attempt failed."
  if (user?.password === undefined || user.password !== password) throw new Refusal(403, "M_FORBIDDEN", "Invalid username or password");
  const device = addDevice(server, { user: user.id, id: typeof device_id === "string" ? device_id : undefined });
  announce();
  return { user_id: user.id, access_token: device.token, device_id: device.id, home_server: server.name };
};

export const whoami: Method = (_, { device }) => ({ user_id: device.user, device_id: device.id, is_guest: false });

export const logout: Method = ({ server, announce }, { device }) => {
  server.devices.delete(device.token);
  announce();
  return {};
};

export const capabilities: Method = () => ({
  capabilities: { "m.change_password": { enabled: false }, "m.room_versions": { default: "11", available: { "11": "stable" } } },
});

export const versions: Method = () => ({ versions: ["v1.1", "v1.7", "v1.11", "v1.12"], unstable_features: {} });

/** GET /profile/{userId} and one field of it. */
export const profile: Method = ({ server }, { names: [id, field] }) => {
  const user = server.users.get(id ?? "");
  if (user === undefined) throw new Refusal(404, "M_NOT_FOUND", "Profile was not found"); // GET /profile, 404
  const fields: Record<string, unknown> = user.displayName === undefined ? {} : { displayname: user.displayName };
  if (field === undefined) return fields;
  return field in fields ? { [field]: fields[field] } : {};
};

export const setDisplayName: Method = ({ server, announce }, { call, device, names: [id] }) => {
  const user = ownUser(server.users.get(id ?? ""), device.user);
  const { displayname } = objectIn(call);
  user.displayName = typeof displayname === "string" ? displayname : undefined;
  announce();
  return {};
};

export const readAccountData: Method = ({ server }, { device, names: [id, type] }) => {
  const data = ownUser(server.users.get(id ?? ""), device.user).accountData.get(type ?? "");
  if (data === undefined) throw new Refusal(404, "M_NOT_FOUND", "Account data not found"); // GET …/account_data, 404
  return data.content;
};

export const writeAccountData: Method = ({ server, announce }, { call, device, names: [id, type] }) => {
  setAccountData(server, ownUser(server.users.get(id ?? ""), device.user), { type: type ?? "", content: objectIn(call) });
  announce();
  return {};
};

/** Another's account is M_FORBIDDEN wherever a user id stands in the path. */
function ownUser(user: User | undefined, caller: string): User {
  if (user?.id !== caller) throw new Refusal(403, "M_FORBIDDEN", "Cannot act for other users.");
  return user;
}
