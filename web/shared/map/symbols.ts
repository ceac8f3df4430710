/** The marks on the map, drawn once into pixels: shape says what it is, colour only underlines. */

import type { MapLibre } from "./map.ts";

const SIZE_PX = 40;
const SCALE = 2;

type Draw = (pen: CanvasRenderingContext2D, palette: Palette) => void;

export interface Palette {
  ground: string;
  text: string;
  quiet: string;
  accent: string;
  danger: string;
  warn: string;
}

/** The page's own colours, so that the map follows its theme. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: read("ground"),
    text: read("text"),
    quiet: read("quiet"),
    accent: read("accent"),
    danger: read("danger"),
    warn: read("warn"),
  };
}

/** Draw all marks into `map`; again after each change of style. */
export function addSymbols(map: MapLibre, palette: Palette): void {
  for (const [name, draw] of Object.entries(MARKS)) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIZE_PX * SCALE;
    const pen = canvas.getContext("2d");
    if (!pen) continue;
    pen.scale(SCALE, SCALE);
    pen.lineJoin = pen.lineCap = "round";
    draw(pen, palette);
    const image = pen.getImageData(0, 0, canvas.width, canvas.height);
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: SCALE });
  }
}

/** Units: an arrow that points where it goes, a disc when that is not known. */
const MARKS: Record<string, Draw> = {
  "unit-free": (pen, palette) => arrow(pen, palette.ground, palette.text),
  "unit-busy": (pen, palette) => arrow(pen, palette.text, palette.ground),
  "unit-selected": (pen, palette) => arrow(pen, palette.accent, palette.ground),
  "unit-free-still": (pen, palette) => disc(pen, palette.ground, palette.text),
  "unit-busy-still": (pen, palette) => disc(pen, palette.text, palette.ground),
  "unit-selected-still": (pen, palette) => disc(pen, palette.accent, palette.ground),
  "camera-up": (pen, palette) => camera(pen, palette.ground, palette.quiet, false),
  "camera-watched": (pen, palette) => camera(pen, palette.accent, palette.ground, false),
  "camera-down": (pen, palette) => camera(pen, palette.ground, palette.warn, true),
  "alert-raised": (pen, palette) => triangle(pen, palette.warn, palette.ground),
  "alert-open": (pen, palette) => triangle(pen, palette.ground, palette.warn),
  "alert-panic": (pen, palette) => octagon(pen, palette.danger, palette.ground),
  "stream": (pen, palette) => film(pen, palette.ground, palette.danger),
  "guidance": (pen, palette) => target(pen, palette.ground, palette.accent),
  "me": (pen, palette) => arrow(pen, palette.accent, palette.ground),
  "me-still": (pen, palette) => disc(pen, palette.accent, palette.ground),
};

function arrow(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  shape(pen, fill, line, [[20, 5], [32, 33], [20, 27], [8, 33]]);
}

function disc(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  pen.beginPath();
  pen.arc(20, 20, 10, 0, 2 * Math.PI);
  paint(pen, fill, line);
}

function camera(
  pen: CanvasRenderingContext2D,
  fill: string,
  line: string,
  crossed: boolean,
): void {
  pen.beginPath();
  pen.roundRect(9, 13, 15, 14, 3);
  paint(pen, fill, line);
  shape(pen, fill, line, [[24, 18], [31, 14], [31, 26], [24, 22]]);
  if (!crossed) return;
  pen.beginPath();
  pen.moveTo(7, 31);
  pen.lineTo(33, 9);
  pen.strokeStyle = line;
  pen.lineWidth = 3;
  pen.stroke();
}

function triangle(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  shape(pen, fill, line, [[20, 5], [36, 33], [4, 33]]);
  mark(pen, line, 24);
}

function octagon(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  const corners: [number, number][] = [];
  for (let i = 0; i < 8; i += 1) {
    const angle = (Math.PI / 4) * (i + 0.5);
    corners.push([20 + 16 * Math.cos(angle), 20 + 16 * Math.sin(angle)]);
  }
  shape(pen, fill, line, corners);
  mark(pen, line, 20);
}

function mark(pen: CanvasRenderingContext2D, colour: string, middle: number): void {
  pen.fillStyle = colour;
  pen.fillRect(18.5, middle - 9, 3, 10);
  pen.fillRect(18.5, middle + 3, 3, 3);
}

function film(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  pen.beginPath();
  pen.arc(20, 20, 12, 0, 2 * Math.PI);
  paint(pen, fill, line);
  pen.beginPath();
  pen.arc(20, 20, 5, 0, 2 * Math.PI);
  pen.fillStyle = line;
  pen.fill();
}

function target(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  pen.beginPath();
  pen.arc(20, 20, 11, 0, 2 * Math.PI);
  paint(pen, fill, line);
  for (const [x, y, a, b] of [
    [20, 4, 20, 15],
    [20, 25, 20, 36],
    [4, 20, 15, 20],
    [25, 20, 36, 20],
  ] as const) {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(a, b);
    pen.stroke();
  }
}

function shape(
  pen: CanvasRenderingContext2D,
  fill: string,
  line: string,
  corners: [number, number][],
): void {
  pen.beginPath();
  corners.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.closePath();
  paint(pen, fill, line);
}

function paint(pen: CanvasRenderingContext2D, fill: string, line: string): void {
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = line;
  pen.lineWidth = 2.5;
  pen.stroke();
}
