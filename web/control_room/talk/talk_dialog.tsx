/** Speaking through a camera: what and why first, one deliberate press, then on the air. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Camera } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { Problem } from "../../shared/problem.ts";
import { notify } from "../notices/notices.ts";
import { isDown, me, room } from "../state/store.ts";
import { Dialog, Form, textOf } from "../ui.tsx";
import { Picture } from "../wall/picture.tsx";
import { words as room_words } from "../words/index.ts";
import { announcementsOf, announce, silence, talkPath, type Announcement } from "./announcements.ts";
import { Motives, What } from "./choosing.tsx";
import { kept } from "./kept.ts";
import { speakTo, talkerOf } from "./opening.ts";
import { OnAir, Sounding } from "./on_air.tsx";
import { NoMicrophone, Voice } from "./voice.ts";
import { words } from "./words.ts";
import "./talk.css";

type Doing =
  | { phase: "asking" }
  | { phase: "speaking"; voice: Voice }
  | { phase: "sounding"; said: Announcement; talk: string; seconds: number };

export function TalkDialog(): JSX.Element | null {
  const camera = speakTo.value ? room.value.cameras.get(speakTo.value) : undefined;
  return camera ? <Talking key={camera.id} camera={camera} /> : null;
}

function Talking({ camera }: { camera: Camera }): JSX.Element {
  const [doing, setDoing] = useState<Doing>({ phase: "asking" });
  const close = (): void => {
    speakTo.value = null;
  };
  const over = (): void => {
    notify({ tone: "fault", text: `${words("over")} ${words("overHow")}` });
    close();
  };
  return (
    <Dialog title={words("title")} onClose={close} testid="talk">
      <p class="talk-where">
        <strong>{room_words("camera.named", { number: camera.number, name: camera.name })}</strong>
        {camera.place && <span class="quiet"> {camera.place}</span>}
      </p>
      {/* Who speaks sees to whom. */}
      <div class="talk-picture">
        <Picture
          streamId={camera.streams.sub ?? camera.streams.main}
          label={camera.name}
          epoch={String(room.value.mediaStarts)}
          away={isDown(camera)}
        />
      </div>
      {doing.phase === "asking" && (
        <Asking camera={camera} onDoing={setDoing} onOver={over} onCancel={close} />
      )}
      {doing.phase === "speaking" && <OnAir voice={doing.voice} onEnd={close} />}
      {doing.phase === "sounding" && (
        <Sounding said={doing.said} talk={doing.talk} seconds={doing.seconds} onEnd={close} />
      )}
    </Dialog>
  );
}

function Asking(props: {
  camera: Camera;
  onDoing: (doing: Doing) => void;
  onOver: () => void;
  onCancel: () => void;
}): JSX.Element {
  const { camera } = props;
  const [announcements, setAnnouncements] = useState<readonly Announcement[] | Problem | null>(null);
  const [chosen, setChosen] = useState<string>("");
  const [noMicrophone, setNoMicrophone] = useState(false);
  const gone = useRef(false);
  useEffect(() => {
    const take = (found: readonly Announcement[] | Problem): void => {
      if (!gone.current) setAnnouncements(found);
    };
    announcementsOf(camera.commune_id).then(take, (error: unknown) => take(Problem.of(error)));
    return () => {
      gone.current = true;
    };
  }, []);
  const known = Array.isArray(announcements) ? announcements : [];
  const said = known.find(({ id }) => id === chosen);
  const talker = talkerOf(camera);
  const submit = async (form: FormData): Promise<void> => {
    const motive = textOf(form, "motive") || textOf(form, "own");
    setNoMicrophone(false);
    const isGone = (): boolean => gone.current;
    if (said) {
      const beginning = announce(camera.id, said.id, motive);
      const begun = await kept(beginning, isGone, ({ talk_id }) => silence(talk_id));
      if (begun) {
        props.onDoing({ phase: "sounding", said, talk: begun.talk_id, seconds: begun.seconds });
      }
      return;
    }
    const opened = new Voice(props.onOver);
    try {
      const beginning = opened.begin(talkPath(camera.id, motive)).then(() => opened);
      const voice = await kept(beginning, isGone, () => opened.end());
      if (voice) props.onDoing({ phase: "speaking", voice });
    } catch (error) {
      if (!(error instanceof NoMicrophone)) throw error;
      setNoMicrophone(true);
    }
  };
  return (
    <>
      {talker && (
        <p class="fault-box" role="status" data-testid="talker">
          {talker.id === me.value?.person.id
            ? words("mine")
            : words("takenBy", { name: talker.name })}
        </p>
      )}
      <Form
        testid="talk-form"
        tone="danger"
        submit={words(said ? "announce" : "open")}
        warning={words("sends")}
        onCancel={props.onCancel}
        onSubmit={submit}
      >
        <What
          announcements={known}
          loading={announcements === null}
          chosen={chosen}
          onChoose={setChosen}
        />
        {announcements instanceof Problem && <Fault error={announcements} />}
        <Motives />
        {noMicrophone && (
          <p class="fault-box" role="alert">
            {words("noMicrophone")}
          </p>
        )}
      </Form>
    </>
  );
}
