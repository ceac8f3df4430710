/** Home is the map with the agent in it; above what he must know, below what he can do. */

import type { JSX } from "preact";
import { AlertSheet } from "../alerts/sheet.tsx";
import { ActionBar } from "./action_bar.tsx";
import { DutyMap } from "./duty_map.tsx";
import { Strip } from "./strip.tsx";
import { TargetBar } from "./target_bar.tsx";
import { words } from "../words/index.ts";

/** `isUnder`: another page lies over it; the map stays, since it is slow to make. */
export function Home({ isUnder }: { isUnder: boolean }): JSX.Element {
  return (
    <div class={isUnder ? "home under" : "home"} data-testid="home" inert={isUnder}>
      <Strip />
      <main class="home-main">
        <h1 class="unseen">{words("app.title")}</h1>
        <DutyMap />
        <TargetBar />
      </main>
      {!isUnder && <AlertSheet />}
      <ActionBar />
    </div>
  );
}
