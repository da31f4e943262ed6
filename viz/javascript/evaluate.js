// Compute a graph's values, local derivatives and gradients, as Value.backward does.
//
// nodes: operands before results, the result last; each { op, inputs: [positions], constant }.
// values: a number for each node without inputs, at its position; the others are not read.
function evaluate(nodes, values) {
  const found = [], partials = [];
  nodes.forEach(({ op, inputs }, i) => {
    found.push(inputs.length ? 0 : values[i]);
    partials.push([]);
    if (!inputs.length) return;
    const { split, value, partials: rules } = OPERATIONS[op];
    const operands = inputs.map((from) => found[from]);
    const places = split ? split(operands) : operands;
    const z = (found[i] = value(...places));
    const all = split ? rules(...places, z) : rules;  // one rule an argument, or one for all
    partials[i] = inputs.map((from, place) => {
      if (nodes[from].constant) return 0;
      return split ? all[place] : all[place](...places, z);
    });
  });
  return { values: found, partials, ...backward(nodes, partials) };
}

// The steps of the backward pass in the order in which they happen, and what they add up to.
function backward(nodes, partials) {
  const gradients = nodes.map(({ constant }) => (constant ? null : 0)), flows = [];
  if (!nodes.at(-1).constant) gradients[nodes.length - 1] = 1;
  for (let node = nodes.length - 1; node >= 0; node--) {
    nodes[node].inputs.forEach((to, place) => {
      if (nodes[to].constant) return;
      const incoming = gradients[node], local = partials[node][place];
      const none = incoming === 0 || local === 0;  // nothing flows along a zero
      const product = none ? 0 : incoming * local;
      gradients[to] += product;
      flows.push({ node, to, place, incoming, local, product, total: gradients[to] });
    });
  }
  return { gradients, flows };
}
