// Which of the promises are kept.
import { goals } from "./scenarios.js";

function limitOf(goal, result) {
  if (goal.most !== undefined) return { limit: goal.most, text: `at most ${goal.most}` };
  if (goal.least !== undefined) return { limit: goal.least, text: `at least ${goal.least}` };
  const other = result.peers[goal.of]?.medians?.[goal.figure ?? result.figure];
  const times = goal.times >= 1 ? `${goal.times} x ${goal.of}` : `1/${Math.round(1 / goal.times)} of ${goal.of}`;
  return { limit: other * goal.times, text: `at most ${times}`, other };
}

// Those lines whose scenario was measured; `reached` is undefined where the other peer was not.
export function judge(results) {
  return goals.flatMap((goal) => {
    const result = results.find(({ name, loop }) => name === goal.scenario && loop === (goal.loop ?? "closed"));
    const value = result?.peers[goal.peer ?? "ours"]?.medians?.[goal.figure ?? result.figure];
    if (value === undefined) return [];
    const { limit, text, other } = limitOf(goal, result);
    const reached = Number.isNaN(limit) ? undefined : goal.least !== undefined ? value >= limit : value <= limit;
    const node = result.peers.node?.medians?.[goal.figure ?? result.figure];
    return [{ line: goal.line, goal: text, value, limit, other, node, reached }];
  });
}
