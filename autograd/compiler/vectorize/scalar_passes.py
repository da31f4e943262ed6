"""The passes over scalar programs, as loops over flat arrays of numbers.

This file is written once and runs in two ways: as it stands, over lists; and compiled, over arrays,
with the C types that ``scalar_passes.pxd`` declares. Either gives the same results. No object is
made for a node, and nothing but numbers is read or written.

A node reads *cells*, in order: a coefficient with one node or two, whose product it stands for. A
sum adds its cells up; a call has a cell for each input, with the coefficient 1.
"""

NONE = -1  # no second factor, no next cell
ABSENT = -1  # the kind of a leaf, of a constant, and of what was absorbed
SUM = -2
MAX_SCALED = 64  # a sum longer than this is not copied only to change its terms' signs
MAX_SOURCES = 6  # beyond so many, terms from different arrays are read by one index array

# What a node's operation means to these passes.
ROLE_CALL = 0
ROLE_LEAF = 1
ROLE_CONSTANT = 2
ROLE_MUL = 3
ROLE_SQUARE = 4
ROLE_WHERE = 5
ROLE_ADD = 6
ROLE_SUB = 7
ROLE_NEG = 8
ROLE_SUM = 9
ROLE_MEAN = 10
ROLE_DOT = 11

WAITING_SUM = 1  # states: a sum that is used once, and so far in no other
WAITING_PRODUCT = 2  # a product, likewise


class Pass:
    """A pass that keeps a state; it works in arrays that it is given by their names."""

    def use(self, arrays):
        """Work in these arrays from now on."""
        for name, array in arrays.items():
            setattr(self, name, array)


class Canonicalizer(Pass):
    """Normalise a program: the state of one pass, from operands to results.

    ``roles`` and ``codes`` have the nodes' operations, ``bits`` their numbers as integers, ``uses``
    how often each is read. All other arrays are filled here: ``same`` with the node that stands
    for each, ``kind``, ``head`` and ``length`` with what a node is and its cells. ``table`` has
    what nodes compute: an open hash table of nodes, and NONE.
    """

    def __init__(self):
        self.cells = 0
        self.first = NONE  # the list that is being made
        self.last = NONE
        self.size = 0

    def run(self):
        """Go through all nodes, then make those that are wanted nodes of their own."""
        self.mask = len(self.table) - 1
        for i in range(len(self.roles)):
            role = self.roles[i]
            if role == ROLE_LEAF:
                continue
            begin, end = self.starts[i], self.starts[i + 1]
            fixed = 1
            if role != ROLE_CONSTANT:
                for k in range(begin, end):
                    if not self.constant[self.same[self.inputs[k]]]:
                        fixed = 0
                        break
            if fixed:
                self.add_constant(i)
            elif role >= ROLE_ADD:
                self.add_terms(i, role, begin, end)
            elif role == ROLE_WHERE and self.constant[self.same[self.inputs[begin]]]:
                k = begin + 1
                if self.numbers[self.same[self.inputs[begin]]] == 0.0:
                    k = begin + 2
                self.same[i] = self.settle(self.same[self.inputs[k]])
            else:
                self.add_call(i, role, begin, end)
        for i in range(len(self.roles)):
            if self.is_root[i]:
                self.settle(self.same[i])

    def add_constant(self, i):
        """Merge a constant with an equal one."""
        bits = self.bits[i]
        key = bits ^ (bits >> 32)
        place = (key ^ (key >> 12) ^ (key >> 20)) & self.mask
        while self.table[place] != NONE:
            other = self.table[place]
            if self.constant[other] and self.bits[other] == bits:
                self.same[i] = other
                return
            place = (place + 1) & self.mask
        self.table[place] = i
        self.constant[i] = 1

    def add_terms(self, i, role, begin, end):
        """Make a sum of what an operation adds up."""
        self.first = NONE
        self.last = NONE
        self.size = 0
        count = end - begin
        if role == ROLE_DOT:
            half = count // 2
            for k in range(begin, begin + half):
                self.absorb(1.0, self.same[self.inputs[k]], self.same[self.inputs[k + half]])
            for k in range(begin + 2 * half, end):
                self.absorb(1.0, self.same[self.inputs[k]], NONE)
        elif role == ROLE_SUB:
            self.absorb(1.0, self.same[self.inputs[begin]], NONE)
            self.absorb(-1.0, self.same[self.inputs[begin + 1]], NONE)
        else:
            scale = 1.0
            if role == ROLE_NEG:
                scale = -1.0
            elif role == ROLE_MEAN:
                scale = 1.0 / count
            for k in range(begin, end):
                self.absorb(scale, self.same[self.inputs[k]], NONE)
        self.head[i] = self.first
        self.tail[i] = self.last
        self.length[i] = self.size
        cell = self.first
        if count == 1 and self.size == 1 and self.y[cell] == NONE and self.coefficient[cell] == 1.0:
            self.same[i] = self.x[cell]  # the sum of one number: an inner derivative's input
        elif self.uses[i] == 1 and not self.is_root[i]:
            self.state[i] = WAITING_SUM
        else:
            self.merge(i, SUM)

    def absorb(self, c, j, k):
        """Add a term, or what it stands for where it is a sum or a product used here only."""
        if k == NONE and self.state[j] == WAITING_SUM:
            if c == 1.0:
                self.state[j] = 0
                if self.size == 0:
                    self.first = self.head[j]
                    self.last = self.tail[j]
                elif self.length[j] > self.size:  # the short list joins the long one
                    self.after[self.tail[j]] = self.first
                    self.first = self.head[j]
                else:
                    self.after[self.last] = self.head[j]
                    self.last = self.tail[j]
                self.size += self.length[j]
                return
            if self.length[j] <= MAX_SCALED:
                self.state[j] = 0
                cell = self.head[j]
                while cell != NONE:
                    self.coefficient[cell] = c * self.coefficient[cell]
                    cell = self.after[cell]
                self.join(self.head[j], self.tail[j], self.length[j])
                return
        if k == NONE and self.state[j] == WAITING_PRODUCT:
            self.state[j] = 0
            self.coefficient[self.head[j]] = c
            self.join(self.head[j], self.head[j], 1)
            return
        j = self.settle(j)
        if k != NONE:
            k = self.settle(k)
        cell = self.new_cell(c, j, k)
        self.join(cell, cell, 1)

    def join(self, head, tail, size):
        """Put cells at the end of the list that is being made."""
        if self.size == 0:
            self.first = head
        else:
            self.after[self.last] = head
        self.last = tail
        self.size += size

    def new_cell(self, c, j, k):
        """Make a cell."""
        cell = self.cells
        self.cells = cell + 1
        self.coefficient[cell] = c
        self.x[cell] = j
        self.y[cell] = k
        self.after[cell] = NONE
        return cell

    def add_call(self, i, role, begin, end):
        """Make a product, which waits where it is used once, or a call."""
        if role == ROLE_MUL or role == ROLE_SQUARE:
            j = self.settle(self.same[self.inputs[begin]])
            k = j
            if role == ROLE_MUL:
                k = self.settle(self.same[self.inputs[begin + 1]])
            once = self.uses[i] == 1 and not self.is_root[i]
            self.head[i] = self.new_cell(1.0, j, k)
            self.tail[i] = self.head[i]
            self.length[i] = 1
            self.state[i] = WAITING_PRODUCT
            if not once:
                self.settle(i)
            return
        for k in range(begin, end):
            self.settle(self.same[self.inputs[k]])
        self.head[i] = self.cells
        for k in range(begin, end):
            j = self.same[self.same[self.inputs[k]]]  # what stands for it may be new
            cell = self.new_cell(1.0, j, NONE)
            if k > begin:
                self.after[cell - 1] = cell
        self.tail[i] = self.cells - 1
        self.length[i] = end - begin
        self.merge(i, self.codes[i])

    def settle(self, j):
        """Make a sum or product that waited to be absorbed a node; return what stands for it."""
        state = self.state[j]
        if state != 0:
            self.state[j] = 0
            if state == WAITING_SUM or self.roles[j] == ROLE_MUL:
                self.merge(j, SUM)
            else:
                self.y[self.head[j]] = NONE
                self.merge(j, self.codes[j])
        return self.same[j]

    def merge(self, i, kind):
        """Merge a node with one of the same kind and cells; else it is one of its own."""
        key = kind + 3
        cell = self.head[i]
        while cell != NONE:
            key = (key * 1000003 + self.x[cell]) & 0x7FFFFFFF
            key = (key * 8191 + self.y[cell]) & 0x7FFFFFFF
            cell = self.after[cell]
        place = (key ^ (key >> 15)) & self.mask
        while self.table[place] != NONE:
            other = self.table[place]
            if self.kind[other] == kind and self.length[other] == self.length[i]:
                if self.is_equal(self.head[other], self.head[i]):
                    self.same[i] = other
                    return
            place = (place + 1) & self.mask
        self.table[place] = i
        self.kind[i] = kind

    def is_equal(self, a, b):
        """Whether two lists of one length have equal cells."""
        while a != NONE:
            if (
                self.x[a] != self.x[b]
                or self.y[a] != self.y[b]
                or self.coefficient[a] != self.coefficient[b]
            ):
                return False
            a = self.after[a]
            b = self.after[b]
        return True

    def reach(self, roots, order, begin, seen, stack, coefficient, x, y):
        """List what the roots need, operands before results, with its cells one after another.

        Returns how many nodes and how many cells there are. ``begin`` has each node's first cell.
        """
        count = 0
        cells = 0
        for r in range(len(roots) - 1, -1, -1):
            stack[len(roots) - 1 - r] = self.same[roots[r]]
        top = len(roots)
        while top > 0:
            top -= 1
            node = stack[top]
            if node < 0:
                order[count] = ~node
                count += 1
            elif not seen[node]:
                seen[node] = 1
                stack[top] = ~node
                top += 1
                begin[node] = cells
                if self.kind[node] == ABSENT:
                    continue
                cell = self.head[node]
                while cell != NONE:
                    coefficient[cells] = self.coefficient[cell]
                    x[cells] = self.x[cell]
                    y[cells] = self.y[cell]
                    cells += 1
                    cell = self.after[cell]
                for k in range(cells - 1, begin[node] - 1, -1):
                    if y[k] != NONE and not seen[y[k]]:
                        stack[top] = y[k]
                        top += 1
                    if not seen[x[k]]:
                        stack[top] = x[k]
                        top += 1
        return count, cells


def count_uses(inputs, uses):
    """Count how often each node is read, beside what was counted before."""
    for i in range(len(inputs)):
        uses[inputs[i]] += 1


def mark_deciding(order, kind, begin, length, x, y, choosing, found):
    """Find what comparisons and choices rest on.

    ``choosing`` is 1 for codes that a condition decides, 2 for those that a position does.
    """
    for i in range(len(order) - 1, -1, -1):  # results before operands
        node = order[i]
        if kind[node] == ABSENT:
            continue
        first = begin[node]
        end = first + length[node]
        if kind[node] >= 0:
            if choosing[kind[node]] == 1:
                found[x[first]] = 1
            elif choosing[kind[node]] == 2:
                found[x[end - 1]] = 1
        if found[node]:
            for k in range(first, end):
                found[x[k]] = 1
                if y[k] != NONE:
                    found[y[k]] = 1


def mark_samples(order, kind, begin, length, x, y, sample):
    """Tell which nodes differ from sample to sample, given the leaves that do."""
    for i in range(len(order)):
        node = order[i]
        if kind[node] == ABSENT:
            continue
        for k in range(begin[node], begin[node] + length[node]):
            if sample[x[k]] or (y[k] != NONE and sample[y[k]]):
                sample[node] = 1
                break


def find_levels(order, kind, begin, length, x, y, depth):
    """Find the depth of each node that computes, the longest path to it; it is -1 at first."""
    for i in range(len(order)):
        node = order[i]
        if kind[node] == ABSENT:
            continue
        d = -1
        for k in range(begin[node], begin[node] + length[node]):
            if depth[x[k]] > d:
                d = depth[x[k]]
            if y[k] != NONE and depth[y[k]] > d:
                d = depth[y[k]]
        depth[node] = d + 1


class Packer(Pass):
    """Pack the nodes of a level by what they do and where their inputs come from.

    A node has *segments*: of a sum, its cells of one coefficient whose factors come from the same
    arrays; of a call, an argument each, or a list and what follows it. ``splits`` tells for each
    code which: 0 for arguments, 1 for a list, 2 for a list and a position.

    After `pack`, ``members`` has the nodes, pack by pack; a pack's segments are those of its first
    node, and ``lengths``, ``xs`` and ``ys`` have, pack by pack and segment by segment, how many
    cells each node has there, and their factors. ``part_y`` is NONE where a segment has no second
    factors.
    """

    def pack(self, nodes, start, end):
        """Pack the nodes at some places of a list; return how many packs there are."""
        self.keys = 0
        self.parts = 0
        self.cells = 0
        self.count = 0
        total = end - start
        room = 4
        while room < 2 * total:
            room *= 2
        for k in range(room):
            self.table[k] = NONE
        t = 0
        for i in range(start, end):  # sums come first
            if self.kind[nodes[i]] == SUM:
                self.split_sum(nodes[i], t)
                self.find_group(t, nodes[i], room - 1)
                self.members[t] = nodes[i]
                t += 1
        for i in range(start, end):
            if self.kind[nodes[i]] != SUM:
                self.split_call(nodes[i], t)
                self.find_group(t, nodes[i], room - 1)
                self.members[t] = nodes[i]
                t += 1
        self.write(total)
        return self.count

    def split_sum(self, node, t):
        """Sort a sum's cells into segments; parameters, and constants, stand left."""
        first = self.begin[node]
        size = self.length[node]
        keys = self.keys
        base = self.cells
        self.key_begin[t] = keys
        self.part_begin[t] = self.parts
        self.cell_begin[t] = base
        count = 0
        found = 0
        for k in range(size):
            c = self.coefficient[first + k]
            a = self.x[first + k]
            b = self.y[first + k]
            sa = self.source[a]
            sb = NONE  # 0 would be the first array
            if b != NONE:
                sb = self.source[b]
                if sb < -3 < sa or (sb < 0 <= sa):
                    a, b = b, a
                    sa, sb = sb, sa
            if not (found < count and self.is_key(keys + found, c, sa, sb)):
                found = 0
                while found < count and not self.is_key(keys + found, c, sa, sb):
                    found += 1
                if found == count:
                    self.key_c[keys + count] = c
                    self.key_x[keys + count] = sa
                    self.key_y[keys + count] = sb
                    self.part_size[self.parts + count] = 0
                    count += 1
            self.part_size[self.parts + found] += 1
            self.cell_part[k] = found
            self.own_x[base + k] = a  # sorted below
            self.own_y[base + k] = b
        self.place_cells(node, count, size)
        self.cells = base + size
        self.keys = keys + self.key_count
        for k in range(self.key_count):
            self.part_c[self.parts + k] = self.key_c[keys + k]
            self.part_y[self.parts + k] = self.key_y[keys + k]
        self.parts += self.key_count
        self.key_begin[t + 1] = self.keys
        self.part_begin[t + 1] = self.parts

    def is_key(self, place, c, a, b):
        """Whether a key is that of a coefficient and two sources."""
        return self.key_c[place] == c and self.key_x[place] == a and self.key_y[place] == b

    def place_cells(self, node, count, size):
        """Sort a sum's cells by segment; of too many segments, forget where cells come from."""
        keys = self.keys
        base = self.cells
        first = self.begin[node]
        self.key_count = count
        if count == 1:
            return
        if count > MAX_SOURCES:
            self.mix(count)
        else:
            place = base
            for p in range(count):
                self.part_left[p] = place
                place += self.part_size[self.parts + p]
        for k in range(size):
            a = self.x[first + k]
            b = self.y[first + k]
            if b != NONE:
                sa = self.source[a]
                sb = self.source[b]
                if sb < -3 < sa or (sb < 0 <= sa):
                    a, b = b, a
            place = self.part_left[self.cell_part[k]]
            self.part_left[self.cell_part[k]] = place + 1
            self.own_x[place] = a
            self.own_y[place] = b
        if count > MAX_SOURCES:
            for k in range(self.key_count):
                self.key_x[keys + k] = NONE
                if self.key_y[keys + k] != NONE:
                    self.key_y[keys + k] = 0

    def mix(self, count):
        """Join segments of one coefficient and number of factors, and say where their cells go."""
        keys = self.keys
        place = self.cells
        made = 0
        for p in range(count):
            self.part_left[p] = NONE
        for p in range(count):
            if self.part_left[p] != NONE:
                continue
            c = self.key_c[keys + p]
            single = self.key_y[keys + p] == NONE
            begin = place
            for q in range(p, count):
                if self.part_left[q] != NONE or self.key_c[keys + q] != c:
                    continue
                if (self.key_y[keys + q] == NONE) == single:
                    self.part_left[q] = place
                    place += self.part_size[self.parts + q]
            self.key_c[keys + made] = c  # made <= p: what is read above is not yet overwritten
            if single:
                self.key_y[keys + made] = NONE
            else:
                self.key_y[keys + made] = 0
            self.part_size[self.parts + made] = place - begin
            made += 1
        self.key_count = made

    def split_call(self, node, t):
        """Divide a call's inputs among its arguments; a list's sources are told once each."""
        first = self.begin[node]
        size = self.length[node]
        base = self.cells
        split = self.splits[self.kind[node]]
        self.key_begin[t] = self.keys
        self.part_begin[t] = self.parts
        self.cell_begin[t] = base
        for k in range(size):
            self.own_x[base + k] = self.x[first + k]
            self.own_y[base + k] = NONE
        self.cells = base + size
        if split == 0:
            for k in range(size):
                self.add_row(k, base + k, base + k + 1)
        else:
            self.add_row(0, base, base + size - (split - 1))
            if split == 2:
                self.add_row(1, base + size - 1, base + size)
        self.key_begin[t + 1] = self.keys
        self.part_begin[t + 1] = self.parts

    def add_row(self, number, first, end):
        """Add an argument: a segment, and the sources that it reads."""
        self.part_c[self.parts] = 1.0
        self.part_y[self.parts] = NONE
        self.part_size[self.parts] = end - first
        self.parts += 1
        begin = self.keys
        count = 0
        found = 0
        for k in range(first, end):
            place = self.source[self.own_x[k]]
            if found < count and self.key_x[begin + found] == place:
                continue
            found = 0
            while found < count and self.key_x[begin + found] != place:
                found += 1
            if found == count:
                if count == MAX_SOURCES:
                    count = 0
                    break
                self.key_c[begin + count] = number
                self.key_x[begin + count] = place
                self.key_y[begin + count] = NONE
                count += 1
        if count == 0:
            self.key_c[begin] = number
            self.key_x[begin] = NONE
            self.key_y[begin] = NONE
            count = 1
        self.keys = begin + count

    def find_group(self, t, node, mask):
        """Find the pack of a node, or begin one."""
        key = self.kind[node] + 3
        for k in range(self.key_begin[t], self.key_begin[t + 1]):
            key = (key * 1000003 + self.key_x[k]) & 0x7FFFFFFF
            key = (key * 8191 + self.key_y[k]) & 0x7FFFFFFF
        place = (key ^ (key >> 15)) & mask
        while self.table[place] != NONE:
            g = self.table[place]
            if self.is_alike(node, t, self.group_first[g]):
                self.group[t] = g
                self.group_size[g] += 1
                return
            place = (place + 1) & mask
        g = self.count
        self.count = g + 1
        self.table[place] = g
        self.group_first[g] = t
        self.group_size[g] = 1
        self.group[t] = g

    def is_alike(self, node, t, u):
        """Whether a node goes with another one, which is the u-th of the level."""
        other = self.members[u]
        a = self.key_begin[t]
        b = self.key_begin[u]
        size = self.key_begin[t + 1] - a
        if (
            self.kind[node] != self.kind[other]
            or self.sample[node] != self.sample[other]
            or self.key_begin[u + 1] - b != size
        ):
            return False
        for k in range(size):
            if (
                self.key_c[a + k] != self.key_c[b + k]
                or self.key_x[a + k] != self.key_x[b + k]
                or self.key_y[a + k] != self.key_y[b + k]
            ):
                return False
        if self.kind[node] == SUM and (self.deciding[node] or self.deciding[other]):
            # 0 times inf is nan, and where this decides, nothing would show: no padding
            same = self.deciding[node] and self.deciding[other]
            a = self.part_begin[t]
            b = self.part_begin[u]
            for k in range(size):
                if self.part_y[a + k] != NONE:
                    if not same or self.part_size[a + k] != self.part_size[b + k]:
                        return False
        return True

    def write(self, total):
        """Write the packs one after another."""
        place = 0
        for g in range(self.count):
            self.part_left[g] = place  # a pack's first place
            place += self.group_size[g]
        for t in range(total):
            g = self.group[t]
            self.table[self.part_left[g]] = t
            self.part_left[g] += 1
        cells = 0
        rows = 0
        place = 0
        for g in range(self.count):
            first = self.group_first[g]
            segments = self.part_begin[first + 1] - self.part_begin[first]
            for s in range(segments):
                for m in range(place, place + self.group_size[g]):
                    t = self.table[m]
                    size = self.part_size[self.part_begin[t] + s]
                    start = self.cell_begin[t]
                    self.cell_begin[t] = start + size
                    self.lengths[rows] = size
                    rows += 1
                    for k in range(start, start + size):
                        self.xs[cells] = self.own_x[k]
                        self.ys[cells] = self.own_y[k]
                        cells += 1
            place += self.group_size[g]
        for m in range(total):
            self.cell_begin[m] = self.members[self.table[m]]
        for m in range(total):
            self.members[m] = self.cell_begin[m]

    def count_operations(self, nodes, ends, live, weights, latest, arrays, most):
        """Pack all levels; return about how many operations on arrays there are, and the packs.

        Each pack is taken for one array. ``source`` says from which of so many ``arrays`` nodes
        come at first. Forward, sums add their segments up, which are products, sums or scaled; back
        flows a product for each factor, what ``weights`` has for an argument of a call, four a
        code, and a sum for each array that is read at several places. ``latest`` has a place for
        each array and pack. Beyond ``most`` operations, this stops.
        """
        total = 0
        made = arrays
        begin = 0
        self.segment = 0
        for level in range(len(ends)):
            count = self.pack(nodes, begin, ends[level])
            begin = ends[level]
            node = 0
            self.row = 0
            self.cell = 0
            for g in range(count):
                total += self.count_pack(g, node, live, weights, latest, arrays + 4)
                for m in range(node, node + self.group_size[g]):
                    self.source[self.members[m]] = made
                made += 1
                node += self.group_size[g]
            if total > most:
                break
        return total, made - arrays

    def count_pack(self, g, node, live, weights, latest, shift):
        """Count the operations of a pack, forward and backward."""
        first = self.group_first[g]
        size = self.group_size[g]
        kind = self.kind[self.members[node]]
        is_live = 0
        for m in range(node, node + size):
            is_live |= live[self.members[m]]
        start = self.part_begin[first]
        end = self.part_begin[first + 1]
        total = 1
        if kind == SUM:
            total = end - start - 1
        for s in range(start, end):
            is_scaled = self.part_c[s] != 1 and self.part_c[s] != -1
            is_product = self.part_y[s] != NONE
            is_list = 0
            x_flows = 0
            y_flows = 0
            for row in range(self.row, self.row + size):
                width = self.lengths[row]
                if width > 1:
                    is_list = 1
                for k in range(self.cell, self.cell + width):
                    a = self.xs[k]
                    b = self.ys[k]
                    if is_live and live[a]:
                        x_flows = 1
                        total += self.is_second(a, latest, shift, 2 * self.segment)
                    if is_live and is_product and b != a and live[b]:
                        y_flows = 1
                        total += self.is_second(b, latest, shift, 2 * self.segment + 1)
                self.cell += width
            self.row += size
            self.segment += 1
            if kind == SUM:
                total += is_scaled + (is_product or is_list)
                if is_scaled or is_product:
                    total += x_flows + (y_flows or (x_flows and is_product))
            elif x_flows:
                total += weights[4 * kind + min(s - start, 3)]
        return total

    def is_second(self, node, latest, shift, reader):
        """Whether a node's array is read at a second place: what flows back is then added up."""
        place = self.source[node] + shift
        if latest[place] == NONE:
            latest[place] = reader
        elif latest[place] != SUM and latest[place] != reader:
            latest[place] = SUM
            return 1
        return 0


def number_rows(flat, count, width, table, numbers):
    """Give the distinct rows of a matrix numbers in the order of their first appearance.

    ``table`` has a power of two of places, NONE at first. Returns how many distinct rows there are.
    """
    mask = len(table) - 1
    made = 0
    for i in range(count):
        key = 7
        for k in range(i * width, (i + 1) * width):
            key = (key * 1000003 + flat[k]) & 0x7FFFFFFF
        place = (key ^ (key >> 15)) & mask
        number = NONE
        while table[place] != NONE:
            j = table[place]
            k = 0
            while k < width and flat[i * width + k] == flat[j * width + k]:
                k += 1
            if k == width:
                number = numbers[j]
                break
            place = (place + 1) & mask
        if number == NONE:
            table[place] = i
            number = made
            made += 1
        numbers[i] = number
    return made


def find_blocks(rows, columns, parent, number, blocks):
    """Give the connected blocks of a sparse grid numbers in the order of their first appearance.

    ``parent`` has a place for each row and column, itself at first; columns stand behind the rows.
    ``number`` is NONE at first. Returns how many blocks there are.
    """
    for i in range(len(rows)):
        a = rows[i]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        b = columns[i]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    made = 0
    for i in range(len(rows)):
        a = rows[i]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        if number[a] == NONE:
            number[a] = made
            made += 1
        blocks[i] = number[a]
    return made


def count_least(roles, codes, starts, inputs, uses, live, depth, counts, packs):
    """Return how many operations forward and backward a program that is not canonical has at least.

    Each depth has one for each kind of node, and on the way back one for each product's factor and
    for each input of a call that a gradient flows to. ``uses`` becomes 0 for what will be absorbed;
    ``depth`` is filled, -1 for constants and 0 for leaves, ``counts`` with each node's operations.
    ``packs`` has two bits for each kind at each depth, 0 at first: the least of its nodes' counts.
    """
    for i in range(len(codes)):
        role = roles[codes[i]]
        begin, end = starts[i], starts[i + 1]
        deepest, count = NONE, 1
        if role == ROLE_LEAF:
            deepest = 0
        for k in range(begin, end):
            j = inputs[k]
            d = depth[j]
            if d > 0 and uses[j] == 1 and role >= ROLE_ADD and role != ROLE_DOT:
                inner = roles[codes[j]]
                if inner >= ROLE_MUL and inner != ROLE_WHERE:
                    uses[j] = 0
                    d -= 1
                    if counts[j] > count:
                        count = counts[j]
            if d > deepest:
                deepest = d
        if role == ROLE_WHERE and depth[inputs[begin]] == NONE:
            deepest = NONE  # it is one of the others, which may be a constant
        if deepest != NONE and role != ROLE_LEAF:
            deepest += 1
            if live[i] and (role < ROLE_ADD or role == ROLE_DOT):
                j = inputs[begin]
                count += live[j]
                k = begin + (end - begin) // 2
                if (role == ROLE_MUL or role == ROLE_DOT) and inputs[k] != j:
                    count += live[inputs[k]]
        depth[i], counts[i] = deepest, count
    total = 0
    for i in range(len(codes)):
        if depth[i] > 0 and uses[i] > 0:
            role = roles[codes[i]]
            shift = 0  # all sums are of one kind; so are calls of more kinds than a place has
            if role == ROLE_CALL or role == ROLE_WHERE:
                shift = 2 * (1 + codes[i] % 31)
            count = counts[i]
            known = (packs[depth[i]] >> shift) & 3
            if known == 0:
                total += count
            elif count < known:
                total -= known - count
            else:
                continue
            packs[depth[i]] += (count - known) << shift
    return total


def mark_reached(stops, codes, starts, inputs, last, found):
    """Find what a node rests on, up to it; beneath a node whose code ``stops`` marks is nothing."""
    for i in range(last, -1, -1):
        if found[i] and not stops[codes[i]]:
            for k in range(starts[i], starts[i + 1]):
                found[inputs[k]] = 1


DONE = -1  # what a backward pass stops with, beside a node whose rule it lacks
FULL = -2
RESULT = -1  # places in a rule: its node's result; below, what the rule computes, upwards an input
RECENT = 32  # constants looked through for an equal one


class Differentiator(Pass):
    """Append the derivatives of a scalar program to it: backward passes in the engine's order.

    A rule is a small program of its own: ``rule_codes`` and the rest have its nodes, whose inputs
    are an input of the differentiated node (from 0 up), its ``RESULT``, or the rule's node i, as
    ``RESULT - 1 - i``; and so is what it gives, an entry for each input. ``known`` has rules by
    operation and number of inputs, ``rule`` those of single nodes; those that are general hold for
    constants, too. A number is a constant's node,
    and nothing flows along a 0.
    """

    def __init__(self, size, edges, constant, mul, add, width):
        self.size = size
        self.edges = edges
        self.constant = constant
        self.mul = mul
        self.add = add
        self.width = width  # counts of inputs, for which rules are known by operation
        self.used = 0  # of ``partials``
        self.stamp = 0
        self.count = 0  # nodes in order, of which ``left`` wait for the pass
        self.left = 0
        self.sharing = 0

    def move(self, arrays):
        """Work in these arrays from now on: they have what was there before, and more room."""
        self.use(arrays)
        self.mask = len(self.table) - 1
        if self.sharing:
            self.share()

    def share(self):
        """Make no equal nodes from now on: what is made is not to be differentiated again.

        Cotangents of a node that stands for two would be added up before they are multiplied.
        """
        self.sharing = 1
        for i in range(self.size):
            if self.codes[i] != self.constant and self.starts[i] < self.starts[i + 1]:
                self.enter(i)

    def enter(self, i):
        """Return the node that computes the same as a node; enter it where there is none."""
        begin = self.starts[i]
        count = self.starts[i + 1] - begin
        key = self.codes[i] * 31
        for k in range(begin, begin + count):
            key = (key * 1000003 + self.inputs[k]) & 0xFFFFFFF
        place = (key ^ (key >> 11)) & self.mask
        while self.table[place] != NONE:
            other = self.table[place]
            first = self.starts[other]
            if self.codes[other] == self.codes[i] and self.starts[other + 1] - first == count:
                k = 0
                while k < count and self.inputs[first + k] == self.inputs[begin + k]:
                    k += 1
                if k == count:
                    return other
            place = (place + 1) & self.mask
        self.table[place] = i
        return i

    def node(self, code):
        """Return the node of an operation on the inputs that were just written."""
        i = self.size
        self.codes[i] = code
        self.starts[i + 1] = self.edges
        other = i
        if self.sharing:
            other = self.enter(i)
        if other == i:
            self.size = i + 1
        else:
            self.edges = self.starts[i]
        return other

    def number(self, x):
        """Return the node of a constant."""
        i = self.size
        k = i - 1
        while k >= 0 and k >= i - RECENT:
            if self.codes[k] == self.constant and self.numbers[k] == x and x != 0:
                return k
            k -= 1
        self.codes[i] = self.constant
        self.starts[i + 1] = self.edges
        self.numbers[i] = x
        self.size = i + 1
        return i

    def sum(self, x, y):
        """Return the node of a sum."""
        if self.codes[x] == self.constant and self.codes[y] == self.constant:
            return self.number(self.numbers[x] + self.numbers[y])
        self.inputs[self.edges] = x
        self.inputs[self.edges + 1] = y
        self.edges += 2
        return self.node(self.add)

    def product(self, x, y):
        """Return the node of a cotangent times a local derivative; NONE where nothing flows."""
        if self.codes[x] == self.constant:
            if self.numbers[x] == 0:
                return NONE
            if self.numbers[x] == 1:
                return y if self.codes[y] != self.constant or self.numbers[y] != 0 else NONE
        if self.codes[y] == self.constant:
            if self.numbers[y] == 0:
                return NONE
            if self.numbers[y] == 1:
                return x
            if self.codes[x] == self.constant:
                number = self.numbers[x] * self.numbers[y]
                return self.number(number) if number != 0 else NONE
        self.inputs[self.edges] = x
        self.inputs[self.edges + 1] = y
        self.edges += 2
        return self.node(self.mul)

    def begin(self, root, seed, leaves):
        """Order what a root depends on and what depends on leaves, operands first."""
        self.stamp += 2
        for k in range(len(leaves)):
            self.mark[leaves[k]] = self.stamp + 1
            self.cotangent[leaves[k]] = NONE
        self.count = 0
        if self.mark[root] < self.stamp:
            self.walk(root)
        self.left = self.count
        self.cotangent[root] = seed

    def walk(self, root):
        """Visit a root's inputs in depth first, from left to right."""
        depth = 1
        self.stack[0] = root
        self.child[0] = self.starts[root]
        self.mark[root] = self.stamp
        while depth:
            i = self.stack[depth - 1]
            k = self.child[depth - 1]
            if k < self.starts[i + 1]:
                self.child[depth - 1] = k + 1
                j = self.inputs[k]
                if self.mark[j] < self.stamp:
                    self.mark[j] = self.stamp
                    self.stack[depth] = j
                    self.child[depth] = self.starts[j]
                    depth += 1
                continue
            depth -= 1
            for k in range(self.starts[i], self.starts[i + 1]):
                if self.mark[self.inputs[k]] == self.stamp + 1:
                    self.mark[i] = self.stamp + 1
                    self.cotangent[i] = NONE
                    self.order[self.count] = i
                    self.count += 1
                    break

    def run(self):
        """Go on with a backward pass; return `DONE`, `FULL`, or a node whose rule is not known."""
        while self.left:
            i = self.order[self.left - 1]
            cotangent = self.cotangent[i]
            if cotangent != NONE:
                if self.at[i] == NONE:
                    if not self.find(i):
                        return i
                    if not self.has_room(self.rule[i], self.starts[i + 1] - self.starts[i]):
                        return FULL
                    self.apply(i)
                elif not self.has_room(NONE, self.starts[i + 1] - self.starts[i]):
                    return FULL
                at = self.at[i] - self.starts[i]
                for k in range(self.starts[i], self.starts[i + 1]):
                    j = self.inputs[k]
                    if self.mark[j] == self.stamp + 1:
                        term = self.product(cotangent, self.partials[at + k])
                        if term != NONE:
                            if self.cotangent[j] != NONE:
                                term = self.sum(self.cotangent[j], term)
                            self.cotangent[j] = term
            self.left -= 1
        return DONE

    def has_room(self, rule, count):
        """Whether a step's nodes have room, which makes two nodes an input beside its rule's."""
        nodes, edges = 2 * count, 4 * count
        if rule != NONE:
            first, end = self.rule_begin[rule], self.rule_begin[rule + 1]
            nodes += end - first
            edges += self.rule_starts[end] - self.rule_starts[first]
            if self.used + count > len(self.partials) or end - first > len(self.local):
                return False
        return self.size + nodes < len(self.codes) and self.edges + edges < len(self.inputs)

    def find(self, i):
        """Whether a node's rule is known: its own, or its operation's."""
        if self.rule[i] != NONE:
            return True
        begin, end = self.starts[i], self.starts[i + 1]
        if end - begin >= self.width:
            return False
        rule = self.known[self.codes[i] * self.width + end - begin]
        if rule == NONE:
            return False
        if not self.is_general[rule]:
            for k in range(begin, end):
                if self.codes[self.inputs[k]] == self.constant:
                    return False
        self.rule[i] = rule
        return True

    def apply(self, i):
        """Make a node's local derivatives."""
        rule, begin = self.rule[i], self.starts[i]
        first = self.rule_begin[rule]
        for r in range(first, self.rule_begin[rule + 1]):
            if self.rule_codes[r] == self.constant:
                self.local[r - first] = self.number(self.rule_numbers[r])
                continue
            for k in range(self.rule_starts[r], self.rule_starts[r + 1]):
                self.inputs[self.edges] = self.meant(self.rule_inputs[k], i, begin)
                self.edges += 1
            self.local[r - first] = self.node(self.rule_codes[r])
        self.at[i] = self.used
        for k in range(self.given_begin[rule], self.given_begin[rule + 1]):
            self.partials[self.used] = self.meant(self.given[k], i, begin)
            self.used += 1

    def meant(self, place, i, begin):
        """Return the node that a place in a rule means."""
        if place >= 0:
            return self.inputs[begin + place]
        return i if place == RESULT else self.local[RESULT - 1 - place]
