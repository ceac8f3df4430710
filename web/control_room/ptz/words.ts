/** What moving a camera says. */

import { dictionary } from "../../shared/i18n/index.ts";

const fr = {
  "steer": "Commander (V)",
  "steering": "Commande de {name}",
  "how": "Flèches, Maj : vite · Page ↑↓ ou molette : zoom · souris : tirer, ou cliquer pour centrer · manette · Échap",
  "heldBy": "Commandée par {name}",
  "mine": "Vous commandez",
  "take": "Prendre la main",
  "lost": "{name} a pris la main sur {camera}",
  "presets": "Positions",
  "none": "Aller à…",
  "go": "Aller",
  "keep": "Garder cette position",
  "keepName": "Nom de la position",
  "at": "Position : {name}",
  "moving": "En mouvement",
  "elsewhere": "Hors position",
  "unknown": "Position inconnue",
  "tourStart": "Ronde : {name}",
  "tourStop": "Arrêter : {name}",
  "leave": "Lâcher",
  "in": "Zoom avant",
  "out": "Zoom arrière",
};

const en: Record<keyof typeof fr, string> = {
  "steer": "Move (V)",
  "steering": "Moving {name}",
  "how": "Arrows, Shift: fast · Page ↑↓ or wheel: zoom · mouse: drag, or click to centre · stick · Esc",
  "heldBy": "Moved by {name}",
  "mine": "You move it",
  "take": "Take over",
  "lost": "{name} has taken over {camera}",
  "presets": "Presets",
  "none": "Go to…",
  "go": "Go",
  "keep": "Keep this position",
  "keepName": "Name of the position",
  "at": "Preset: {name}",
  "moving": "Moving",
  "elsewhere": "At no preset",
  "unknown": "Position unknown",
  "tourStart": "Tour: {name}",
  "tourStop": "Stop: {name}",
  "leave": "Let go",
  "in": "Zoom in",
  "out": "Zoom out",
};

export const words = dictionary(fr, en);
