/** Starts the phone's page. */

import { effect } from "@preact/signals";
import { render } from "preact";
import "../shared/tokens.css";
import "../shared/base.css";
import "./patrol.css";
import "./home/home.css";
import "./alerts/alerts.css";
import "./filming/filming.css";
import "./pages.css";
import { setLocale, locale } from "../shared/i18n/index.ts";
import { tick } from "../shared/time.ts";
import { App } from "./app.tsx";
import { followCompass } from "./device/compass.ts";
import { allowSoundAtFirstTouch } from "./device/sound.ts";
import { followVisibility } from "./device/wake_lock.ts";
import { sayArrivals } from "./intents/alerts.ts";
import { followFilm } from "./intents/film.ts";
import { keepSendingFixes } from "./intents/fixes.ts";
import { followAddress } from "./intents/navigation.ts";
import { followNetwork } from "./intents/network.ts";
import { sendNow } from "./intents/outbox.ts";
import { followPosition } from "./intents/positions.ts";
import { renew } from "./intents/push.ts";
import { ring } from "./intents/ringing.ts";
import { begin, keepDuty } from "./intents/session.ts";
import { rememberInstallPrompt, startWorker } from "./intents/worker.ts";
import { theme } from "./state/store.ts";

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  const ground = theme.value === "night" ? "#111417" : "#eef0f2";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", ground);
});
setLocale(locale.value);
tick();
followAddress();
followVisibility();
followCompass();
allowSoundAtFirstTouch();
rememberInstallPrompt();
followNetwork();

const page = document.getElementById("page");
if (page) render(<App />, page);

await begin();
keepDuty();
followPosition();
keepSendingFixes();
followFilm();
sayArrivals();
ring();
sendNow();
await startWorker();
await renew().catch(() => {}); // the checks page says what is wrong with push, when asked
