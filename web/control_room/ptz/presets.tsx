/** The positions a camera knows by name, its tours, and where it looks now. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Camera } from "../../shared/types.ts";
import { takesKeys } from "../ui.tsx";
import type { Head, Steering } from "./steering.ts";
import { OwnTours } from "./tour.tsx";
import { words } from "./words.ts";

/** Asked this often while somebody moves the camera. */
const LOOK_MS = 2_000;

export function Presets(props: { camera: Camera; steering: Steering }): JSX.Element | null {
  const { camera, steering } = props;
  const [head, setHead] = useState<Head | null>(null);
  const [naming, setNaming] = useState(false);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async (): Promise<void> => {
      try {
        const found = await steering.head();
        if (!over) setHead(found);
      } catch {
        // What it does not tell is not shown; moving it says what is wrong.
      }
      if (!over) timer = setTimeout(() => void look(), LOOK_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [steering]);
  if (!head) return null;
  const at = head.presets.find(({ token }) => token === head.at.preset);
  return (
    <>
      <span class="tag" data-testid="looking">
        {at ? words("at", { name: at.name }) : words(LOOKING[head.at.looking])}
      </span>
      <select
        class="input"
        aria-label={words("presets")}
        data-testid="presets"
        onChange={(event) => {
          const what = event.currentTarget.value;
          event.currentTarget.value = "";
          if (what) void steering.act({ act: "preset", what });
        }}
      >
        <option value="">{words("none")}</option>
        {head.presets.map(({ token, name }) => (
          <option key={token} value={token}>
            {name}
          </option>
        ))}
      </select>
      {head.tours.map(({ token, name, is_running }) => (
        <button
          key={token}
          type="button"
          class="button"
          onClick={() =>
            void steering.act({ act: is_running ? "tour-stop" : "tour-start", what: token })
          }
        >
          {words(is_running ? "tourStop" : "tourStart", { name })}
        </button>
      ))}
      <OwnTours camera={camera} presets={head.presets} />
      {naming ? (
        <input
          class="input"
          aria-label={words("keepName")}
          placeholder={words("keepName")}
          maxLength={60}
          ref={takesKeys}
          onBlur={() => setNaming(false)}
          onKeyDown={(event) => {
            event.stopPropagation();
            const name = event.currentTarget.value.trim();
            if (event.key === "Escape") setNaming(false);
            if (event.key !== "Enter" || !name) return;
            setNaming(false);
            void steering.act({ act: "keep", name });
          }}
        />
      ) : (
        <button
          type="button"
          class="button"
          data-testid="keep-preset"
          onClick={() => setNaming(true)}
        >
          {words("keep")}
        </button>
      )}
    </>
  );
}

const LOOKING = {
  "at-preset": "unknown",
  moving: "moving",
  elsewhere: "elsewhere",
  unknown: "unknown",
} as const;
