import { ROW } from "./gl";
import { DASH, DASHED, LEAST_HUE } from "./bundle";

/** Steps of a curve: two corners of the strip at the end of each. */
export const SEGMENTS = 28;
export const CORNERS = 2 * (SEGMENTS + 1);

/** Every instance is an edge; its corners run along both of its sides. Lengths are in device pixels. */
export const EDGE_VERTEX = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D weights, sources, targets;
/** The number of targets, and the first edge that is drawn. */
uniform int wide, base;
uniform vec2 ends, size;
uniform vec4 ink; // alone, steep, power, density
uniform float laid; // 1 laid down, -1 taken up
uniform float scale;
uniform bool down;
out vec2 side;
out float way;
flat out vec4 depth;

float at(sampler2D numbers, int place) { return texelFetch(numbers, ivec2(place % ${ROW}, place / ${ROW}), 0).r; }
vec2 point(float t, vec2 from, vec2 to) {
  return mix(from, to, vec2(1.5 * t - 1.5 * t * t + t * t * t, 3.0 * t * t - 2.0 * t * t * t));
}

void main() {
  int edge = base + gl_InstanceID;
  int source = edge / wide, target = edge % wide;
  float weight = at(weights, edge);
  float large = abs(weight);
  if (isnan(weight)) large = 0.0;
  vec2 from = vec2(ends.x, at(sources, source)), to = vec2(ends.y, at(targets, target));
  float t = float(gl_VertexID / 2) / ${SEGMENTS}.0;
  vec2 here = point(t, from, to);
  way = ink.z == 0.0 ? 0.0 : fract(float(edge) * 0.618034) * ${DASHED}.0 * ink.w;
  if (weight < 0.0) {
    vec2 last = from;
    for (int step = 1; step <= gl_VertexID / 2; step++) {
      vec2 next = point(float(step) / ${SEGMENTS}.0, from, to);
      way += distance(last, next);
      last = next;
    }
  }
  vec2 ahead = normalize((to - from) * vec2(1.5 - 3.0 * t + 3.0 * t * t, 6.0 * t - 6.0 * t * t));
  float half_ = min(1.0 + 1.6 * sqrt(min(large, 16.0)), 7.0) * scale * ink.w / 2.0;
  float reach = half_ + 0.5;
  float which = gl_VertexID % 2 == 0 ? 1.0 : -1.0;
  here += which * reach * vec2(-ahead.y, ahead.x);
  side = vec2(which * reach, half_);
  float share = large == 0.0 ? 0.0 : ${LEAST_HUE} + ${1 - LEAST_HUE} * min(1.0, large / sqrt(1.0 + large * large));
  if (large > 1e18) share = 1.0;
  float all = laid * (ink.z == 0.0 ? ink.x : min(ink.x, ink.y * pow(min(large, 1e9), ink.z)));
  depth = vec4(weight < 0.0 ? 0.0 : all * share, weight < 0.0 ? all * share : 0.0, all * (1.0 - share), weight < 0.0 ? 1.0 : 0.0);
  vec2 place = (down ? here.yx : here) / size * 2.0 - 1.0;
  gl_Position = vec4(place.x, -place.y, 0.0, 1.0);
}`;

export const EDGE_FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 ink;
in vec2 side;
in float way;
flat in vec4 depth;
out vec4 colour;

void main() {
  if (depth.w > 0.0 && mod(way, ${DASHED}.0 * ink.w) >= ${DASH}.0 * ink.w) discard;
  float cover = max(0.0, min(side.x + side.y, 0.5) - max(side.x - side.y, -0.5));
  colour = vec4(depth.xyz * cover, 0.0);
}`;

/** Depths into colours. */
export const PICTURE_VERTEX = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }`;

export const PICTURE_FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D depths;
uniform mat3 inks;
out vec4 colour;

void main() {
  vec3 found = max(vec3(0.0), texelFetch(depths, ivec2(gl_FragCoord.xy), 0).rgb);
  float all = found.r + found.g + found.b;
  if (all < 1e-6) { colour = vec4(0.0); return; }
  float opaque = 1.0 - exp(-all);
  colour = vec4(inks * found / all * opaque, opaque);
}`;
