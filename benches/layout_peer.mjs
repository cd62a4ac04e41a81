// Lays out a chart with ELK's layered algorithm (elkjs), and compares what it and Plantweave drew and how long they took.
//
//   node layout_peer.mjs ELKJS PROGRAM FOLDER [ROUNDS]
//
// ELKJS is the folder of the package, PROGRAM is examples/layout_rate. Both sides run in turn; times are medians. ELK gets the same
// blocks with their ports where they stand, and the same spaces; it routes orthogonally. ELK's times are those after three rounds
// that warm its code up. Both drawings are judged by the same code below: wires of one output count as one net.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [elkjs, program, folder, rounds = "5"] = process.argv.slice(2);
const ELK = createRequire(import.meta.url)(join(elkjs, "lib/elk.bundled.js"));
const elk = new ELK();

execFileSync(program, ["--write", join(folder, "chart.json")]);
const chart = JSON.parse(readFileSync(join(folder, "chart.json")));

const port = (slot, index) => `${slot}.${index}`;
const graph = () => ({
  id: "root",
  layoutOptions: {
    "elk.algorithm": "layered",
    "elk.direction": "RIGHT",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.spacing.nodeNode": "40",
    "elk.spacing.edgeEdge": "8",
    "elk.spacing.edgeNode": "12",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "8",
    "elk.layered.spacing.edgeNodeBetweenLayers": "12",
    "elk.layered.spacing.nodeNodeBetweenLayers": "64",
  },
  children: chart.blocks.map((block) => ({
    id: `${block.slot}`,
    width: block.width,
    height: block.height,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: block.ports.map((one) => ({
      id: port(block.slot, one.index),
      x: one.right ? block.width : 0,
      y: one.y,
      width: 0,
      height: 0,
      layoutOptions: { "elk.port.side": one.right ? "EAST" : "WEST" },
    })),
  })),
  edges: chart.links.map((link, number) => ({ id: `e${number}`, sources: [port(...link.from)], targets: [port(...link.to)] })),
});

function drawnByElk(result) {
  const blocks = result.children.map((block) => [block.x, block.y, block.width, block.height]);
  const wires = result.edges.flatMap((edge) =>
    (edge.sections ?? []).map((section) => ({
      output: edge.sources[0],
      points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map((point) => [point.x, point.y]),
    })),
  );
  return { blocks, wires };
}

// Pieces of each net without double ones: level and upright lines with merged extents.
function nets(drawing) {
  const lines = new Map();
  for (const wire of drawing.wires) {
    for (let i = 1; i < wire.points.length; i++) {
      const [[x0, y0], [x1, y1]] = [wire.points[i - 1], wire.points[i]];
      const level = Math.abs(y0 - y1) < 0.01;
      if (level && Math.abs(x0 - x1) < 0.01) continue;
      const at = level ? y0 : x0;
      const extent = level ? [Math.min(x0, x1), Math.max(x0, x1)] : [Math.min(y0, y1), Math.max(y0, y1)];
      const key = `${wire.output} ${level} ${at.toFixed(2)}`;
      if (!lines.has(key)) lines.set(key, { net: wire.output, level, at, extents: [] });
      lines.get(key).extents.push(extent);
    }
  }
  const merged = [];
  for (const { net, level, at, extents } of lines.values()) {
    extents.sort((one, other) => one[0] - other[0]);
    let open = null;
    for (const [low, high] of extents) {
      if (open && low <= open.high) open.high = Math.max(open.high, high);
      else merged.push((open = { net, level, at, low, high }));
    }
  }
  return merged;
}

function judge(drawing) {
  const pieces = nets(drawing);
  const level = pieces.filter((piece) => piece.level);
  const upright = pieces.filter((piece) => !piece.level).sort((one, other) => one.at - other.at);
  let [crossings, overlaps, through] = [0, 0, 0];
  for (const one of level) {
    let begin = 0;
    for (let end = upright.length; begin < end; ) {
      const middle = (begin + end) >> 1;
      if (upright[middle].at <= one.low + 0.01) begin = middle + 1;
      else end = middle;
    }
    for (let i = begin; i < upright.length && upright[i].at < one.high - 0.01; i++) {
      if (upright[i].net !== one.net && upright[i].low + 0.01 < one.at && one.at < upright[i].high - 0.01) crossings++;
    }
  }
  for (const lines of [level, upright]) {
    const sorted = [...lines].sort((one, other) => one.at - other.at || one.low - other.low);
    for (let i = 0; i < sorted.length; i++) {
      for (let j = i + 1; j < sorted.length && sorted[j].at - sorted[i].at < 0.01; j++) {
        if (sorted[i].net !== sorted[j].net && Math.min(sorted[i].high, sorted[j].high) - Math.max(sorted[i].low, sorted[j].low) > 0.01) overlaps++;
      }
    }
  }
  for (const wire of drawing.wires) {
    const enters = drawing.blocks.some(([x, y, w, h]) =>
      wire.points.some((point, i) => {
        if (i === 0) return false;
        const before = wire.points[i - 1];
        const [x0, x1] = [Math.min(point[0], before[0]), Math.max(point[0], before[0])];
        const [y0, y1] = [Math.min(point[1], before[1]), Math.max(point[1], before[1])];
        return x0 < x + w - 1 && x1 > x + 1 && y0 < y + h - 1 && y1 > y + 1;
      }),
    );
    if (enters) through++;
  }
  const xs = drawing.blocks.map(([x, , w]) => [x, x + w]).flat();
  const ys = drawing.blocks.map(([, y, , h]) => [y, y + h]).flat();
  return {
    crossings,
    overlaps,
    "wires through blocks": through,
    "bends a wire": drawing.wires.reduce((sum, wire) => sum + wire.points.length - 2, 0) / drawing.wires.length,
    "length (1,000 units)": pieces.reduce((sum, piece) => sum + piece.high - piece.low, 0) / 1000,
    "width (units)": Math.max(...xs) - Math.min(...xs),
    "height (units)": Math.max(...ys) - Math.min(...ys),
  };
}

const median = (values) => [...values].sort((one, other) => one - other)[values.length >> 1];
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };

for (let i = 0; i < 3; i++) await elk.layout(graph());
const [elkMs, elkCpu, ourMs, ourCpu] = [[], [], [], []];
let theirs, ours;
for (let i = 0; i < Number(rounds); i++) {
  const input = graph();
  const [start, before] = [performance.now(), cpu()];
  theirs = drawnByElk(await elk.layout(input));
  elkMs.push(performance.now() - start);
  elkCpu.push(cpu() - before);
  const times = JSON.parse(execFileSync(program, [join(folder, "drawn.json")]));
  ourMs.push(times.layout_ms + times.route_ms);
  ourCpu.push(times.cpu_ms);
  ours = JSON.parse(readFileSync(join(folder, "drawn.json")));
}

console.log(`${chart.blocks.length} blocks, ${chart.links.length} links, medians of ${rounds} rounds`);
const rows = [
  ["time (ms)", median(ourMs), median(elkMs)],
  ["processor time (ms)", median(ourCpu), median(elkCpu)],
];
const [us, them] = [judge(ours), judge(theirs)];
for (const what of Object.keys(us)) rows.push([what, us[what], them[what]]);
console.log(`${"".padEnd(24)}${"Plantweave".padStart(12)}${"elkjs".padStart(12)}${"ratio".padStart(8)}`);
for (const [what, one, other] of rows) {
  const ratio = other === 0 ? "–" : (one / other).toFixed(2);
  console.log(`${what.padEnd(24)}${one.toFixed(1).padStart(12)}${other.toFixed(1).padStart(12)}${ratio.padStart(8)}`);
}
