/** Phones and body cameras: enrolled by a code good once, revoked at once when lost. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { Fault } from "../../shared/ui/fault.tsx";
import { notify } from "../notices/notices.ts";
import { may } from "../state/store.ts";
import { Choice, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { devices, people, type Device } from "./collection.ts";
import { enrolmentCode, revokeDevice, type EnrolmentCode } from "./intents.ts";
import { Opens, Section } from "./section.tsx";
import { Sure } from "./sure.tsx";
import { text } from "./words/index.ts";

export function Devices(): JSX.Element {
  const manages = may("manage-devices", here.value ?? undefined);
  useEffect(() => {
    if (may("manage-people")) void people.load();
  }, []);
  return (
    <Section
      title={text("section.devices")}
      intro={text("devices.intro")}
      empty={text("devices.empty")}
      from={devices}
      testid="device-row"
      add={
        manages
          ? { label: text("devices.add"), form: (close) => <DeviceForm onDone={close} /> }
          : null
      }
      columns={[
        { title: text("device.name"), cell: ({ name }) => name },
        { title: text("device.kind"), cell: ({ kind }) => text(`deviceKind.${kind}`) },
        {
          title: text("device.person"),
          cell: ({ person_id }) => people.find(person_id)?.name ?? "",
        },
        { title: text("camera.state"), cell: (device) => <StateOf device={device} /> },
        { title: text("device.push"), cell: ({ push }) => push ?? text("device.noPush") },
      ]}
      acts={(device) =>
        manages &&
        !device.revoked_at && (
          <>
            <Opens label={text("device.enrol")} testid="enrol">
              {() => <Enrolment device={device} />}
            </Opens>
            <Sure
              label={text("device.revoke")}
              what={text("device.revokeWhat", { name: device.name })}
              testid="revoke-device"
              onYes={() => revokeDevice(device.id)}
            />
          </>
        )
      }
    />
  );
}

function StateOf({ device }: { device: Device }): JSX.Element {
  if (device.revoked_at) {
    return (
      <span class="quiet">
        {text("device.revoked")} <When at={device.revoked_at} />
      </span>
    );
  }
  if (!device.enrolled_at) return <span class="tag warn">{text("device.waiting")}</span>;
  return device.seen_at ? (
    <>
      {text("device.seen")} <Age since={device.seen_at} />
    </>
  ) : (
    <>{text("device.enrolled")}</>
  );
}

/** The code and its QR picture; asking for another makes the one before worthless. */
function Enrolment({ device }: { device: Device }): JSX.Element {
  const [code, setCode] = useState<EnrolmentCode | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = (): void => {
    setProblem(null);
    enrolmentCode(device.id).then(setCode, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(ask, [device.id]);
  if (problem) return <Fault error={problem} retry={ask} />;
  if (!code) return <div class="skeleton" />;
  return (
    <div class="enrolment">
      <Qr svg={code.qr_svg} />
      <div class="form">
        <p>{text("device.scan", { name: device.name })}</p>
        <p class="enrolment-code" data-testid="enrolment-code">
          {code.code}
        </p>
        <p class="small quiet">{code.url}</p>
        <p class="small">
          {words("link.until")} <When at={code.expires_at} />
        </p>
      </div>
    </div>
  );
}

/** The server's drawing, taken apart and put in as elements: it may hold nothing but shapes. */
function Qr({ svg }: { svg: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const drawing = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    const [width, height] = [drawing.getAttribute("width"), drawing.getAttribute("height")];
    if (width && height && !drawing.hasAttribute("viewBox")) {
      drawing.setAttribute("viewBox", `0 0 ${parseFloat(width)} ${parseFloat(height)}`);
    }
    box.current?.replaceChildren(document.importNode(drawing, true));
  }, [svg]);
  return <div ref={box} class="qr" role="img" aria-label={text("device.qr")} />;
}

function DeviceForm({ onDone }: { onDone: () => void }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  const agents = people.things.filter(
    ({ disabled_at, habilitations }) =>
      !disabled_at &&
      habilitations.some(
        ({ role, commune_id, revoked_at }) =>
          (role === "agent" || role === "responder") && commune_id === here.value && !revoked_at,
      ),
  );
  return (
    <Form
      testid="device-form"
      submit={say("act.save")}
      onCancel={onDone}
      onSubmit={async (form) => {
        await devices.add({
          id,
          commune_id: here.value,
          name: textOf(form, "name"),
          kind: textOf(form, "kind"),
          person_id: textOf(form, "person"),
        });
        notify({ tone: "done", text: words("done.saved") });
        onDone();
      }}
    >
      <Field label={text("device.name")} name="name" required autofocus />
      <Choice
        label={text("device.kind")}
        name="kind"
        value="phone"
        options={[
          ["phone", text("deviceKind.phone")],
          ["body-camera", text("deviceKind.body-camera")],
        ]}
      />
      <Choice
        label={text("device.person")}
        name="person"
        required
        hint={text("device.personHint")}
        options={agents.map((one) => [one.id, one.name] as const)}
      />
    </Form>
  );
}
