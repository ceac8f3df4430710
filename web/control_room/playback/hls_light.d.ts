/** The package describes its light build, without foreign sound, subtitles and keys, nowhere. */

declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
