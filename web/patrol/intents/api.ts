/** The phone's way to the server: `/api/v1` with the device's bearer. */

import { Api } from "../../shared/api.ts";
import { credentials } from "../state/store.ts";
import { lookAgain } from "./refusal.ts";

export const api = new Api({
  bearer: () => credentials.value?.token ?? null,
  onUnauthenticated: () => lookAgain(),
});

/** For what is fetched by others: the map's style and tiles. */
export function bearerHeaders(): Record<string, string> {
  return { Authorization: `Bearer ${credentials.value?.token ?? ""}` };
}
