/** A small ray tracer: four spheres on a chequered floor, one lamp, shadows and mirrors; the camera goes around. */
const SPHERES = [
  { centre: [0, 0.5, 0], radius: 0.5, colour: [0.9, 0.9, 0.95], mirror: 0.7 },
  { centre: [-1.1, 0.35, 0.4], radius: 0.35, colour: [0.95, 0.3, 0.2], mirror: 0.15 },
  { centre: [0.9, 0.3, 0.7], radius: 0.3, colour: [0.2, 0.55, 0.95], mirror: 0.15 },
  { centre: [0.5, 0.2, -0.9], radius: 0.2, colour: [0.3, 0.85, 0.35], mirror: 0.3 },
];
const LAMP = [3, 5, -2];
const AMBIENT = 0.12;
const MAX_BOUNCES = 3;
const EPSILON = 1e-6;

const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const times = (a, factor) => [a[0] * factor, a[1] * factor, a[2] * factor];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a) => times(a, 1 / Math.sqrt(dot(a, a)));

/** Distance along a ray of unit direction to a sphere, or Infinity. */
function distanceToSphere(origin, direction, { centre, radius }) {
  const to = minus(centre, origin);
  const along = dot(to, direction);
  const square = radius * radius - dot(to, to) + along * along;
  if (square < 0) return Number.POSITIVE_INFINITY;
  const half = Math.sqrt(square);
  if (along - half > EPSILON) return along - half;
  return along + half > EPSILON ? along + half : Number.POSITIVE_INFINITY;
}

function nearest(origin, direction) {
  let hit = { distance: Number.POSITIVE_INFINITY };
  for (const sphere of SPHERES) {
    const distance = distanceToSphere(origin, direction, sphere);
    if (distance < hit.distance) hit = { distance, sphere };
  }
  const floor = direction[1] < 0 ? -origin[1] / direction[1] : Number.POSITIVE_INFINITY;
  return floor > EPSILON && floor < hit.distance ? { distance: floor } : hit;
}

function surface({ sphere }, point) {
  if (sphere !== undefined) {
    const normal = times(minus(point, sphere.centre), 1 / sphere.radius);
    return { normal, colour: sphere.colour, mirror: sphere.mirror };
  }
  const isDark = (Math.floor(point[0] * 2) + Math.floor(point[2] * 2)) % 2 !== 0;
  return {
    normal: [0, 1, 0],
    colour: isDark ? [0.15, 0.15, 0.2] : [0.85, 0.82, 0.78],
    mirror: 0.1,
  };
}

/** The light that comes back along a ray, as red, green and blue from 0 up. */
function trace(origin, direction, bounces) {
  const hit = nearest(origin, direction);
  if (hit.distance === Number.POSITIVE_INFINITY) {
    const height = Math.max(0, direction[1]);
    return [0.7 - 0.45 * height, 0.8 - 0.35 * height, 0.95 - 0.15 * height];
  }
  const point = add(origin, times(direction, hit.distance));
  const { normal, colour, mirror } = surface(hit, point);
  const outside = add(point, times(normal, 1e-4));
  const toLamp = minus(LAMP, outside);
  const lampDistance = Math.sqrt(dot(toLamp, toLamp));
  const lampDirection = times(toLamp, 1 / lampDistance);
  const isLit = nearest(outside, lampDirection).distance > lampDistance;
  const light = AMBIENT + (isLit ? Math.max(0, dot(normal, lampDirection)) : 0);
  const own = times(colour, light * (1 - mirror));
  if (mirror === 0 || bounces === MAX_BOUNCES) return own;
  const reflected = minus(direction, times(normal, 2 * dot(direction, normal)));
  return add(own, times(trace(outside, unit(reflected), bounces + 1), mirror));
}

/** The 8-bit RGB samples of one frame of `frames`, four rays a pixel. The same numbers give the same bytes. */
export function renderFrame(frame, frames, width, height) {
  const angle = (2 * Math.PI * frame) / frames;
  const eye = [3 * Math.sin(angle), 1.4, -3 * Math.cos(angle)];
  const forward = unit(minus([0, 0.35, 0], eye));
  const right = unit(cross([0, 1, 0], forward));
  const up = cross(forward, right);
  const samples = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = [0, 0, 0];
      for (const [dx, dy] of [
        [0.25, 0.25],
        [0.75, 0.25],
        [0.25, 0.75],
        [0.75, 0.75],
      ]) {
        const across = ((x + dx) / width - 0.5) * 1.2 * (width / height);
        const upward = (0.5 - (y + dy) / height) * 1.2;
        const direction = unit(add(forward, add(times(right, across), times(up, upward))));
        sum = add(sum, trace(eye, direction, 0));
      }
      // Displays expect the square root of the light, roughly.
      samples.set(
        sum.map((value) => Math.round(255 * Math.sqrt(Math.min(1, value / 4)))),
        3 * (y * width + x),
      );
    }
  }
  return samples;
}
