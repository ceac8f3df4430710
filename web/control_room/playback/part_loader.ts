/** Loads the parts of a recording, and gives each picture the time that it really lasts. */

import Hls, { type FragmentLoaderConstructor } from "hls.js/light";
import { lengthen } from "./samples.ts";

// It loads whatever it is asked for, and hands on what that was.
const UsualLoader = Hls.DefaultConfig.loader as FragmentLoaderConstructor;

export class PartLoader extends UsualLoader {
  override load(...[context, config, callbacks]: Parameters<Load>): void {
    const onSuccess: typeof callbacks.onSuccess = (response, ...more) => {
      const { data } = response;
      if (data instanceof ArrayBuffer) lengthen(new Uint8Array(data), context.frag.duration);
      callbacks.onSuccess(response, ...more);
    };
    super.load(context, config, { ...callbacks, onSuccess });
  }
}

type Load = InstanceType<FragmentLoaderConstructor>["load"];
