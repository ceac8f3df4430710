/** Starts the console. */

import { effect } from "@preact/signals";
import { render } from "preact";
import "../shared/tokens.css";
import "../shared/base.css";
import "./console.css";
import "./bar/bar.css";
import "./queue/queue.css";
import "./wall/wall.css";
import "./wall/tile.css";
import "./wall/settings.css";
import "./map/map.css";
import "./context/context.css";
import "./administration/administration.css";
import "./administration/recordings.css";
import "./administration/drawing.css";
import "./administration/rules/rules.css";
import "./administration/rules/tuning/tuning.css";
import "./administration/wizard/wizard.css";
import "./administration/rules/trial/trial.css";
import { tick } from "../shared/time.ts";
import { App } from "./app.tsx";
import { followDriving } from "./intents/walls.ts";
import { followMovers } from "./ptz/told.ts";
import { followLive, watchExpiry, whoAmI } from "./intents/session.ts";
import { listenToKeys } from "./keyboard/keyboard.ts";
import { followNotes } from "./notices/announce.ts";
import { followVisibility } from "./state/awake.ts";
import { followOtherScreens } from "./state/screens.ts";
import { theme } from "./state/store.ts";
import { followAddress } from "./state/address.ts";
import { followRoom } from "./state/wall_store.ts";

// A page that was open while the server was upgraded asks for parts that are gone: start anew, once.
addEventListener("vite:preloadError", (event) => {
  if (sessionStorage.getItem("ilotier.restarted") === location.href) return;
  sessionStorage.setItem("ilotier.restarted", location.href);
  event.preventDefault();
  location.reload();
});
effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});
followAddress();
followLive();
followRoom();
followDriving();
followMovers();
followVisibility();
followOtherScreens();
followNotes();
listenToKeys();
watchExpiry();
tick();
void whoAmI();

const page = document.getElementById("page");
if (page) render(<App />, page);
