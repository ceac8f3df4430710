/** The room's way to the server; who is no longer signed in comes back to the sign-in page. */

import { Api } from "../../shared/api.ts";
import { endedBecause, me } from "../state/store.ts";

export const api = new Api({
  csrf: () => me.peek()?.csrf_token ?? null,
  onUnauthenticated: () => {
    if (me.peek()) endedBecause.value = "expired";
    me.value = null;
  },
});
